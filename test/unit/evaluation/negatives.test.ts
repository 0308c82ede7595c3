/**
 * The negative laboratory's numbers: the gradient of each score is a finite difference of the loss, that of a softmax is its probability
 * (computed here in float64), and the share of unknown positives is what was mixed in.
 */
import { describe, expect, test } from 'vitest'
import type { TwoTowerSpec } from '../../../main/contract/shapes/spec.ts'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { mergeByName } from '../../../main/engine/compute/port.ts'
import { estimateShare, placeAmong } from '../../../main/engine/evaluation/negatives/false-negatives.ts'
import { gradientsOf } from '../../../main/engine/evaluation/negatives/look.ts'
import { mixedSpec } from '../../../main/engine/evaluation/negatives/mix.ts'
import { scoreGradientProgram, scorePorts } from '../../../main/engine/evaluation/negatives/score-gradient.ts'
import { MASKED } from '../../../main/engine/towers/losses.ts'
import { candidatePlan, negativeCount } from '../../../main/engine/training/candidates/plan.ts'
import { lossPorts } from '../../../main/engine/training/candidates/ports.ts'
import { random } from '../../../main/engine/training/random.ts'
import { LOSS } from '../../../main/engine/training/step/program.ts'
import { smallSpec } from '../../helpers/model.ts'
import { numbers } from '../../helpers/numbers.ts'

const BATCH = 4
const specOf = smallSpec

/** A batch with made-up scores, corrections and two pairs kept out. */
function batchOf(spec: TwoTowerSpec) {
  const plan = candidatePlan(spec, { batch: BATCH, negatives: negativeCount(spec) })
  const ports = lossPorts(plan, 3)
  const pairs = Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3, 0, 2)
  const feeds = mergeByName([
    ports.rows.positiveBias.feed(numbers(BATCH, 5)),
    ports.rows.weight.feed(new Float32Array(BATCH).fill(1 / BATCH)),
    ports.rows.inverseCount.feed(new Float32Array(BATCH).fill(0.25)),
    ...(ports.mates === null ? [] : [ports.mates.feed(Int32Array.of(0, 3, 1, 4, 2, 4, 0, 3))]),
    ...plan.blocks.flatMap(({ kind, count }, k) => [
      ports.blocks[k]!.bias.feed(numbers(kind === 'shared' ? count : BATCH * count, 7 + k)),
      ports.blocks[k]!.masked.feed(kind === 'shared' ? pairs : Int32Array.of(1, 0)),
      ports.blocks[k]!.maskValue.feed(new Float32Array(kind === 'shared' ? 5 : 1).fill(MASKED)),
    ]),
  ])
  return {
    plan,
    ports,
    feeds,
    positiveScores: numbers(BATCH, 1),
    scores: plan.blocks.map(({ count }, k) => numbers(BATCH * count, 2 + k)),
    temperature: 0.5,
  }
}

const LOSSES: Record<string, object> = {
  'in-batch softmax': { loss: { kind: 'in-batch-softmax' } },
  'mixed softmax, refined': { loss: { kind: 'mixed-softmax', negatives: 5, form: 'refined' } },
  'sampled softmax': { loss: { kind: 'sampled-softmax', negatives: 5 } },
  'bpr, own negatives': { loss: { kind: 'bpr', negatives: 3, shared: false } },
  bce: { loss: { kind: 'bce', negatives: 5 } },
  'pooled bsl': { loss: { kind: 'bsl', negatives: 5 } },
  'mined beside in-batch': { loss: { kind: 'in-batch-softmax' }, extraNegatives: { mined: { perRow: 2 } } },
}

describe.each(Object.entries(LOSSES))('%s', (_, change) => {
  test('the gradient of every score is a finite difference of the loss on tfjs-cpu', async () => {
    const spec = specOf(change)
    const batch = batchOf(spec)
    const { loss, gradients } = await gradientsOf(spec.loss, batch, 1)
    const given = scorePorts(batch.plan)
    const eager = await compileProgram(scoreGradientProgram(spec.loss, batch.plan, batch.ports, batch.temperature), {
      executor: 'tfjs-cpu',
    })
    const lossAt = async (positives: Float32Array, blocks: readonly Float32Array[]): Promise<number> =>
      LOSS.take(
        await eager.run(
          mergeByName([batch.feeds, given.positive.feed(positives), ...given.blocks.map((each, k) => each.feed(blocks[k]!))]),
        ),
      )[0]!
    expect(loss).toBeCloseTo(await lossAt(batch.positiveScores, batch.scores), 5)
    const moved = (of: Float32Array, i: number, by: number): Float32Array => of.map((value, j) => (i === j ? value + by : value))
    const h = 1e-2
    for (const i of batch.positiveScores.keys()) {
      const [up, down] = [
        await lossAt(moved(batch.positiveScores, i, h), batch.scores),
        await lossAt(moved(batch.positiveScores, i, -h), batch.scores),
      ]
      expect(gradients.positives[i]).toBeCloseTo(Math.abs(up - down) / (2 * h), 3)
    }
    for (const [k, of] of batch.scores.entries()) {
      for (const i of of.keys()) {
        const at = (by: number): Promise<number> =>
          lossAt(
            batch.positiveScores,
            batch.scores.map((each, j) => (j === k ? moved(each, i, by) : each)),
          )
        expect(gradients.blocks[k]![i]).toBeCloseTo(Math.abs((await at(h)) - (await at(-h))) / (2 * h), 3)
      }
    }
    await eager.dispose()
  })
})

test('of a softmax it is the probability of the candidate over the temperature and the batch', async () => {
  const batch = batchOf(specOf({}))
  const { gradients } = await gradientsOf(specOf({}).loss, batch, 1)
  const { temperature, ports, feeds, positiveScores, scores } = batch
  const [bias, own] = [ports.blocks[0]!.bias.take(feeds), ports.rows.positiveBias.take(feeds)]
  for (let row = 0; row < BATCH; row++) {
    const open = [0, 1, 2, 3].filter((c) => c !== row && !(row === 0 && c === 2))
    const positive = Math.exp(positiveScores[row]! / temperature + own[row]!)
    const each = open.map((c) => Math.exp(scores[0]![row * BATCH + c]! / temperature + bias[c]!))
    const total = positive + each.reduce((sum, value) => sum + value, 0)
    for (const [i, c] of open.entries())
      expect(gradients.blocks[0]![row * BATCH + c]).toBeCloseTo(each[i]! / total / temperature / BATCH, 5)
    expect(gradients.positives[row]).toBeCloseTo((1 - positive / total) / temperature / BATCH, 5)
    expect(gradients.blocks[0]![row * BATCH + row]).toBe(0)
  }
  expect(gradients.blocks[0]![2]).toBe(0)
})

test.each([0.05, 0.1, 0.2])('a share of %d unknown positives among the candidates is found by the places of known ones', (share) => {
  const rng = random(3, 'bootstrap')
  const [users, places]: [number[], number[]] = [[], []]
  for (let user = 0; user < 500; user++) {
    const score = (likes: boolean): number => (likes ? 2 : 0) + rng.uniform() * 2.2
    const others = Float32Array.from({ length: 400 }, () => score(rng.uniform() < share))
    users.push(user)
    places.push(placeAmong(score(true), others, () => rng.uniform()))
  }
  const found = estimateShare({ users: Int32Array.from(users), places: Float64Array.from(places) }, 1)!
  expect(Math.abs(found.share - share)).toBeLessThan(0.02)
  expect(found.low).toBeLessThanOrEqual(found.share)
  expect(found.high).toBeGreaterThanOrEqual(found.share)
  expect(estimateShare({ users: Int32Array.of(1), places: Float64Array.of(0.5) }, 1)).toBeNull()
})

test('a mix changes what it names', () => {
  const spec = specOf({})
  expect(mixedSpec(spec, {})).toEqual(spec)
  expect(mixedSpec(spec, { alpha: 0.5 }).loss).toMatchObject({
    kind: 'mixed-softmax',
    negatives: 1024,
    sampler: { kind: 'popularity', alpha: 0.5 },
    logQ: 1,
  })
  const sampled = specOf({ loss: { kind: 'bpr', negatives: 7 } })
  expect(mixedSpec(sampled, { sampler: 'popularity', drawn: 9 }).loss).toMatchObject({
    kind: 'bpr',
    negatives: 9,
    sampler: { alpha: 0.75 },
  })
  expect(mixedSpec(spec, { hard: 0.25, temperature: 0.2 })).toMatchObject({
    extraNegatives: { mined: { perRow: 4, easyPerHard: 3 } },
    match: { temperature: { kind: 'fixed', value: 0.2 } },
  })
  expect(mixedSpec(mixedSpec(spec, { hard: 1 }), { hard: 0 }).extraNegatives.mined).toBeNull()
  expect(() => mixedSpec(spec, { sampler: 'uniform', alpha: 1 })).toThrow(/alpha/)
  expect(() => mixedSpec(specOf({ loss: { kind: 'directau' } }), { hard: 0.5 })).toThrow(/directau/)
})
