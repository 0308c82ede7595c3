/** What corrects the scores of candidates by how they are drawn: each form by itself, and of several places by a simulation. */
import { describe, expect, test } from 'vitest'
import { lossSchema } from '../../../main/contract/shapes/spec.ts'
import { CandidateSampler } from '../../../main/engine/training/candidates/candidate-sampler.ts'
import { createCorrection } from '../../../main/engine/training/candidates/correction.ts'
import { createEstimator } from '../../../main/engine/training/candidates/estimators.ts'
import { MinedLists } from '../../../main/engine/training/candidates/mined.ts'
import { createSampler, empiricalLogQ } from '../../../main/engine/training/candidates/negatives.ts'
import { candidatePlan, negativeCount } from '../../../main/engine/training/candidates/plan.ts'
import { lossPorts } from '../../../main/engine/training/candidates/ports.ts'
import type { Positives } from '../../../main/engine/training/candidates/positives.ts'
import { random, type Random } from '../../../main/engine/training/random.ts'
import { smallSpec } from '../../helpers/model.ts'

describe('corrections', () => {
  const counts = Int32Array.of(1, 3, 4, 8)
  const correction = (loss: object, batch: number) => {
    const spec = smallSpec({ loss })
    const sampler = createSampler({ kind: 'uniform' }, counts, 1)
    const estimator = createEstimator({ kind: 'empirical' }, counts, batch)
    const plan = candidatePlan(spec, { batch, negatives: negativeCount(spec, 4) })
    return createCorrection(lossSchema.parse(loss), plan, { sampler, estimator: plan.inBatch ? estimator : null, items: 4 })
  }

  test('in-batch: minus the log of the share of examples, of positive and negative alike', () => {
    const { positive, negative } = correction({ kind: 'in-batch-softmax' }, 8)
    expect([0, 3].map((item) => Math.exp(-negative(item)))).toEqual([expect.closeTo(1 / 16), expect.closeTo(8 / 16)])
    expect(positive(3, 5)).toBe(negative(3))
    expect(correction({ kind: 'in-batch-softmax', logQ: 0 }, 8).negative(3)).toBe(0)
    expect(correction({ kind: 'in-batch-softmax', logQ: -1 }, 8).negative(3)).toBeCloseTo(-negative(3))
  })

  test('mixed: the mixture of both distributions by their numbers', () => {
    const { negative } = correction({ kind: 'mixed-softmax', negatives: 24 }, 8)
    expect([0, 3].map((item) => Math.exp(-negative(item)))).toEqual(
      [1 / 16, 8 / 16].map((q): unknown => expect.closeTo(0.25 * q + 0.75 / 4)),
    )
  })

  test('refined, with every other item once as a negative, is the full softmax', () => {
    const { positive, negative } = correction({ kind: 'sampled-softmax', negatives: 3, form: 'refined' }, 8)
    for (const item of [0, 1, 2, 3]) expect(positive(item, 3) - negative(3)).toBeCloseTo(0, 6)
  })

  test('refined, over draws from any distribution, has the mean gradient of the full softmax where standard has not', () => {
    // one user, four items with scores f; the gradient of the softmax loss with respect to the scores of items that are no positive
    const [f, p, draws] = [[0.5, 1.5, -0.3, 0.8], 1, 400_000]
    const full = f.map((x) => Math.exp(x) / f.reduce((sum, y) => sum + Math.exp(y), 0))
    const logQ = empiricalLogQ(counts)
    const n = 2000
    const gradient = (form: 'standard' | 'refined'): number[] => {
      const { positive, negative } = correction({ kind: 'in-batch-softmax', form }, 8)
      const rng = random(1, 'split')
      const mean = [0, 0, 0, 0]
      for (let batch = 0; batch < draws / n; batch++) {
        const times = [0, 0, 0, 0]
        for (let i = 0; i < n; i++) {
          let u = rng.uniform()
          let item = 0
          while (u > Math.exp(logQ[item]!) && item < 3) u -= Math.exp(logQ[item++]!)
          times[item]!++
        }
        times[p] = 0 // the positive itself is masked
        const open = times.reduce((a, b) => a + b)
        const masses = f.map((x, j) => times[j]! * Math.exp(x + negative(j)))
        const total = masses.reduce((a, b) => a + b) + Math.exp(f[p]! + positive(p, open))
        masses.forEach((mass, j) => (mean[j]! += mass / total / (draws / n)))
      }
      return mean
    }
    const others = [0, 2, 3]
    const off = (form: 'standard' | 'refined'): number => Math.max(...others.map((j) => Math.abs(gradient(form)[j]! - full[j]!)))
    expect(off('refined')).toBeLessThan(0.01)
    expect(off('standard')).toBeGreaterThan(0.1)
  })

  test('nce: the log of the expected number of draws', () => {
    expect(correction({ kind: 'nce', negatives: 12 }, 8).negative(2)).toBeCloseTo(-Math.log(12 / 4))
  })
})

/**
 * One user over 30 items with scores, of which the last ten never occur in training; the sum of e^score over what can be drawn is known.
 * What a step gives the loss, masks aside, is Σ e^(score + bias) / n, whose mean over steps has to be that sum.
 */
describe('corrections of candidates from several places, by a simulation', () => {
  const [items, batch] = [30, 4]
  const cold = 20
  const score = (item: number): number => Math.sin(3 * item)
  const mass = (item: number): number => Math.exp(score(item))
  // what the user's list holds: three items that the sampler draws, and three that it never draws
  const window = [3, 8, 15, 22, 25, 29]
  const simulate = (loss: object, extraNegatives: object, steps: number) => {
    const full = smallSpec({ loss, extraNegatives, training: { batchSize: batch } })
    const itemCounts = Int32Array.from({ length: items }, (_, i) => (i < cold ? 1 + ((i * 7) % 11) : 0))
    const known = { offsets: Int32Array.of(0, 0), items: new Int32Array() }
    const positives: Positives = {
      positions: new Int32Array(batch),
      user: new Int32Array(batch),
      item: new Int32Array(batch),
      itemCounts,
      perEpoch: Float64Array.from(itemCounts),
      seenItems: known,
      trainedPositives: known,
      weights: null,
      context: () => null,
      moments: (positions) => positions,
    }
    const plan = candidatePlan(full, { batch, negatives: negativeCount(full, items) })
    const minedSpec = full.extraNegatives.mined
    const mined = minedSpec === null ? null : new MinedLists(minedSpec, 1, 1)
    mined?.keep(0, Int32Array.from(window), 1)
    const session = () => ({ pick: (rng: Random) => window[rng.below(6)]!, probability: (i: number) => (window.includes(i) ? 1 / 6 : 0) })
    const sampler = new CandidateSampler({ spec: full, plan, positives, sources: { session }, mined, dim: 2 })
    const [weight, mean, seen] = [new Float32Array(batch).fill(1 / batch), new Float64Array(items), new Float64Array(items).fill(-Infinity)]
    const stream = createSampler({ kind: 'popularity', alpha: 1 }, itemCounts, 1)
    const ports = lossPorts(plan, 2)
    let candidates = 0
    for (let step = 1; step <= steps; step++) {
      const drawn = Int32Array.from({ length: batch }, () => 0)
      stream.draw(step + 1_000_000, drawn)
      const rows = sampler.sample({ users: new Int32Array(batch), positives: drawn, positions: new Int32Array(batch) }, step)
      const feeds = sampler.feeds(new Int32Array(batch), weight, 1)
      candidates = 0
      for (const [k, block] of plan.blocks.entries()) {
        const bias = ports.blocks[k]!.bias.take(feeds)
        candidates += block.count
        for (let row = 0; row < batch; row++)
          for (let c = 0; c < block.count; c++) {
            const at = block.kind === 'shared' ? c : row * block.count + c
            const item = rows[block.from + at]!
            mean[item]! += Math.exp(bias[at]!) / batch / steps
            seen[item] = Math.max(seen[item]!, bias[at]!)
          }
      }
    }
    // the share that an item's mass counts of what it is: 1 where it is estimated as it is
    // how many of a row's candidates are expected to be an item: of what all rows share, and of its own sources
    const frequent = stream.logQ.map((logQ) => (plan.inBatch ? batch * Math.exp(logQ) : 0))
    const drawnQ = 'sampler' in full.loss ? createSampler(full.loss.sampler, itemCounts, 1).logQ : null
    const shared = frequent.map((each, item) => each + plan.drawn * Math.exp(drawnQ?.[item] ?? -Infinity))
    const list = mined?.of(0)
    const own = mean.map((_, item) => (list === undefined ? 0 : plan.own.mined * (list.probability(item) + list.probability(-1) / items)))
    return { share: mean.map((each) => each / candidates), highest: Math.max(...seen), shared, own }
  }
  const sum = (share: Float64Array, of: (item: number) => boolean): number =>
    Array.from(share.keys())
      .filter(of)
      .reduce((total, item) => total + share[item]! * mass(item), 0)
  const all = (of: (item: number) => boolean): number =>
    Array.from({ length: items }, (_, i) => i)
      .filter(of)
      .reduce((total, item) => total + mass(item), 0)
  const popular = { kind: 'popularity', alpha: 0.75 }
  const drawable = (item: number): boolean => item < cold || window.includes(item)

  test.each(['sampled-softmax', 'nce'])(
    '%s: draws of each row beside those of its session are the sum over all that can be drawn',
    (kind) => {
      const { share } = simulate({ kind, negatives: 6, shared: false, sampler: popular }, { session: { perRow: 2 } }, 20_000)
      // NCE's noise is a number of draws and not a mean over them
      const scale = kind === 'nce' ? 8 : 1
      expect(Math.abs((scale * sum(share, drawable)) / all(drawable) - 1)).toBeLessThan(0.02)
      for (let item = 0; item < items; item++) expect(scale * share[item]!).toBeCloseTo(drawable(item) ? 1 : 0, 0)
    },
  )

  test.each([
    ['sampled-softmax', { kind: 'sampled-softmax', negatives: 6, sampler: popular }],
    ['mixed-softmax', { kind: 'mixed-softmax', negatives: 6, sampler: popular }],
    ['in-batch-softmax', { kind: 'in-batch-softmax' }],
  ])('%s: shared draws count as they are, a mined item at most twice, one that is never drawn as far as it is mined', (_, loss) => {
    const { share, highest, shared, own } = simulate(
      loss,
      { mined: { fromRank: 1, toRank: 6, perRow: 2, startEpoch: 1, easyPerHard: 1 } },
      30_000,
    )
    const known = share.map((__, item) => (shared[item]! > 0 ? 1 : 0) + own[item]! / (shared[item]! + own[item]!))
    for (let item = 0; item < items; item++) {
      expect(Math.abs(share[item]! / known[item]! - 1), `${item}`).toBeLessThan(0.1)
      expect(known[item]!).toBeLessThanOrEqual(2)
    }
    expect(Math.abs(sum(share, () => true) / sum(known, () => true) - 1)).toBeLessThan(0.01)
    // the rarest that a candidate can be is one of all, by a uniform draw of half of two
    const candidates = { 'mixed-softmax': 12, 'in-batch-softmax': 6, 'sampled-softmax': 8 }[loss.kind]!
    expect(highest).toBeLessThan(Math.log((candidates * items) / (2 * 0.5)) + 1e-4)
  })
})
