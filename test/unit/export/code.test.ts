/** Which specs can be exported as PyTorch and Keras code; the rest is refused by the place in the config. */
import { expect, test } from 'vitest'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { checkSupported } from '../../../main/engine/export/code.ts'

const id = { kind: 'id', dim: 8 }
const spec = (change: object): Parameters<typeof checkSupported>[0] =>
  twoTowerSchema.parse({ user: { features: [id] }, item: { features: [id] }, ...change })

test.each([
  ['the default', {}],
  ['mixed softmax', { loss: { kind: 'mixed-softmax' } }],
  ['a Euclidean match', { match: { kind: 'euclidean' } }],
  ['weights of examples', { training: { weights: { users: 'equal', reward: true } } }],
])('%s is covered', (_, change) => {
  expect(() => checkSupported(spec(change))).not.toThrow()
})

test.each<[string, object, RegExp]>([
  ['match.kind', { match: { kind: 'expression', expression: 'dot' } }, /a function of your own/],
  ['match.temperature.kind', { match: { temperature: { kind: 'scheduled', from: 1, to: 0.1 } } }, /a scheduled temperature/],
  ['loss.estimator.kind', { loss: { kind: 'mixed-softmax', estimator: { kind: 'streaming' } } }, /"streaming"/],
  ['extraNegatives.memory', { extraNegatives: { memory: 100 } }, /extraNegatives.memory = 100/],
  ['extraNegatives.mined.fromRank', { extraNegatives: { mined: {} } }, /extraNegatives.mined/],
  ['user.fusion.kind', { user: { features: [id], fusion: { kind: 'attention' } } }, /"attention"/],
  ['item.augment', { item: { features: [id], augment: 0.1 } }, /item.augment/],
  ['training.ema', { training: { ema: 0.99 } }, /training.ema = 0.99/],
  ['training.objective.kind', { training: { objective: { kind: 'all-action' } } }, /all-action/],
  [
    'user.features[1].encoder',
    { user: { features: [id, { kind: 'history', dim: 8, encoder: { kind: 'interests' } }] } },
    /several interests of a user/,
  ],
])('%s is refused by its place, with a way out', (place, change, message) => {
  expect(() => checkSupported(spec(change))).toThrow(
    expect.objectContaining({ code: 'unavailable', place, message: expect.stringMatching(message) as string }),
  )
  expect(() => checkSupported(spec(change))).toThrow(/export the run as onnx, vectors or bundle/)
})
