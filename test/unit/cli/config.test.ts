/** `--set` and what a wrong config is told: the path, the nearest key, what is valid there. */
import { expect, test } from 'vitest'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { applyOverrides } from '../../../main/engine/run-spec/override.ts'
import { schemaError } from '../../../main/engine/run-spec/schema-error.ts'

const set = (config: object, ...sets: string[]): unknown => applyOverrides(specSchema, config, sets)

/** The message about a config. */
function complaint(config: object): string {
  const parsed = specSchema.safeParse(config)
  return parsed.success ? 'none' : schemaError(specSchema, config, parsed.error).message
}

test('a value is JSON or else text, at a path of keys and places', () => {
  expect(set({}, 'training.l2=.5', 'training.ema=+.9', 'training.clipNorm=.5e1')).toEqual({ training: { l2: 0.5, ema: 0.9, clipNorm: 5 } })
  expect(set({}, 'training.epochs=5', 'match.kind=dot', 'user.hidden=[64,32]', 'training.earlyStopping=null')).toEqual({
    training: { epochs: 5, earlyStopping: null },
    match: { kind: 'dot' },
    user: { hidden: [64, 32] },
  })
  const features = { user: { features: [{ kind: 'id', dim: 4 }] } }
  expect(set(features, 'user.features[0].dim=8', 'user.features.1={"kind":"history","dim":8}')).toEqual({
    user: {
      features: [
        { kind: 'id', dim: 8 },
        { kind: 'history', dim: 8 },
      ],
    },
  })
  expect(features.user.features[0]!.dim).toBe(4)
})

test('a new kind drops the keys that it does not have, whatever the order', () => {
  const config = specSchema.parse({ loss: { kind: 'sampled-softmax', negatives: 64 } })
  expect(set(config, 'loss.logQ=0.5', 'loss.kind=in-batch-softmax')).toMatchObject({ loss: { kind: 'in-batch-softmax', logQ: 0.5 } })
  expect(Object.keys((set(config, 'loss.kind=in-batch-softmax') as { loss: object }).loss)).toEqual(['kind', 'logQ', 'form'])
})

test.each(['training', '=5', 'a.__proto__.b=1', 'user.features[0].dim=8', 'training.schedule[2]=1'])('%s is refused', (text) => {
  expect(() => specSchema.parse(set({ user: { features: 'auto' } }, text))).toThrow()
  expect(({} as Record<string, unknown>)['b']).toBeUndefined()
})

test('a wrong config is told where and what', () => {
  expect(
    [
      { training: { epoch: 3 } },
      { training: { epochs: -1 } },
      { trainin: {} },
      { model: 'three-tower' },
      { loss: { kind: 'sampled-softmax', negative: 3 } },
      { user: { features: [{ kind: 'id' }] } },
      { user: { features: [{ kind: 'idd', dim: 3 }] } },
      { user: { features: [{ kind: 'text', name: 'title', column: 'title', dim: 3, bucket: 9 }] } },
      { user: { features: 3 } },
      { item: { activation: 'rel' } },
      { training: { earlyStopping: { patients: 1 } } },
    ].map(complaint),
  ).toMatchInlineSnapshot(`
    [
      "training.epoch is no config key: did you mean "epochs"? valid here: epochs, batchSize, gradientCache, order, perUserCap, objective, weights, seed, events, init, choose, embeddingSd, embeddingDropout, tables, dense, schedule, clipNorm, l2, ema, warmStart, earlyStopping, finalFit, finalFitShare, matryoshka.",
      "training.epochs: expected number to be >=0.",
      "trainin is no config key: did you mean "training"? valid here: version, model, recipe, user, item, match, loss, extraNegatives, training, evaluation, index.",
      "model: expected 'two-tower' | 'most-popular' | 'item-knn' | 'ease' | 'ials' | 'blend'.",
      "loss.negative is no config key: did you mean "negatives"? valid here: kind, negatives, sampler, shared, logQ, form.",
      "user.features[0].dim: is needed: expected number.",
      "user.features[0].kind: expected 'id' | 'category' | 'tags' | 'number' | 'text' | 'geo' | 'time' | 'vector' | 'history'.",
      "user.features[0].bucket is no config key: did you mean "buckets"? valid here: kind, name, column, encoder, dim, buckets, wordNgrams, charNgrams, maxTokens, shuffled.",
      "user.features: expected array, received number.",
      "item.activation: expected one of "relu"|"gelu"|"tanh"|"silu"|"linear".",
      "training.earlyStopping.patients is no config key: did you mean "patience"? valid here: metric, patience, everyEpochs, maxUsers.",
    ]
  `)
})
