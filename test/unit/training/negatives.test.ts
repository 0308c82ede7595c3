/** Where negatives come from: estimators, sources, memory, mined lists; nothing known is ever one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimatorSchema } from '../../../main/contract/shapes/spec.ts'
import { CandidateSampler } from '../../../main/engine/training/candidates/candidate-sampler.ts'
import { createCorrection } from '../../../main/engine/training/candidates/correction.ts'
import { createEstimator, type Estimator } from '../../../main/engine/training/candidates/estimators.ts'
import { Memory } from '../../../main/engine/training/candidates/memory.ts'
import { MinedLists } from '../../../main/engine/training/candidates/mined.ts'
import { createSampler, KnownPositives } from '../../../main/engine/training/candidates/negatives.ts'
import { candidatePlan, negativeCount } from '../../../main/engine/training/candidates/plan.ts'
import type { Positives } from '../../../main/engine/training/candidates/positives.ts'
import { random } from '../../../main/engine/training/random.ts'
import { createSources } from '../../../main/engine/training/candidates/sources.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { smallSpec } from '../../helpers/model.ts'
import { numbers } from '../../helpers/numbers.ts'

describe('estimators', () => {
  const streaming = estimatorSchema.parse({ kind: 'streaming', rate: 0.1, buckets: 4096 })
  const countMin = estimatorSchema.parse({ kind: 'count-min', buckets: 4096 })

  /** A catalogue of so many items drawn with probabilities 1/rank, in batches of 512; what is true is known. */
  function zipf(items: number, steps: number, estimator: Estimator): Float64Array {
    const weights = Float64Array.from({ length: items }, (_, rank) => 1 / (rank + 1))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const ends = new Float64Array(items)
    let end = 0
    for (const [item, weight] of weights.entries()) ends[item] = end += weight / total
    const rng = random(7, 'shuffle', 0)
    const draw = (): number => {
      const x = rng.below(1 << 30) / (1 << 30)
      return Math.min(
        items - 1,
        ends.findIndex((bound) => x < bound),
      )
    }
    for (let step = 1; step <= steps; step++) estimator.observe(Int32Array.from({ length: 512 }, draw), step)
    return weights.map((weight) => Math.log(weight / total))
  }

  test.each([
    // 50 items: the most frequent one is in every batch a hundred times, and its log q far above -log(512)
    { items: 50, steps: 200, rate: 0.01, within: 0.2 },
    { items: 2000, steps: 1000, rate: 0.01, within: 0.3 },
  ])('streaming finds the true log q of a Zipf catalogue of $items items', ({ items, steps, rate, within }) => {
    const estimator = createEstimator(estimatorSchema.parse({ kind: 'streaming', rate }), new Int32Array(items), 512)
    const truth = zipf(items, steps, estimator)
    // the ones that were seen a hundred times and more: rarer ones are known less well
    const frequent = [...truth.keys()].filter((item) => Math.exp(truth[item]!) * steps * 512 > 100)
    const off = frequent.map((item) => estimator.logQ(item) - truth[item]!)
    expect(frequent.length).toBeGreaterThan(40)
    expect(Math.abs(off.reduce((a, b) => a + b, 0) / off.length)).toBeLessThan(0.05)
    expect(Math.sqrt(off.reduce((a, b) => a + b * b, 0) / off.length)).toBeLessThan(within)
  })

  test('streaming takes what it never saw for rare, and learns a new distribution', () => {
    const estimator = createEstimator(streaming, new Int32Array(9), 4)
    for (let step = 1; step <= 300; step++) estimator.observe(Int32Array.of(0, 1, 0, step % 2), step)
    expect(Math.exp(estimator.logQ(0))).toBeCloseTo(0.625, 1)
    expect(estimator.logQ(7)).toBeCloseTo(-Math.log(1201))
    for (let step = 301; step <= 600; step++) estimator.observe(Int32Array.of(2, 2, 2, 1), step)
    expect([2, 1].map((item) => Math.exp(estimator.logQ(item)))).toEqual([expect.closeTo(0.75, 1), expect.closeTo(0.25, 1)])
  })

  test('a mixture knows never-seen items as often as the sampler draws them', () => {
    const spec = smallSpec({ loss: { kind: 'mixed-softmax', negatives: 512, estimator: { kind: 'streaming' } } })
    const items = 10_000
    const estimator = createEstimator(estimatorSchema.parse({ kind: 'streaming' }), new Int32Array(items), 512)
    zipf(50, 100, estimator)
    const plan = candidatePlan(spec, { batch: 512, negatives: 512 })
    const sampler = createSampler({ kind: 'uniform' }, new Int32Array(items), 1)
    const { negative } = createCorrection(spec.loss, plan, { sampler, estimator, items })
    // half of the candidates are drawn uniformly, and none of the batch's own is this one
    expect(Math.exp(-negative(9_999))).toBeCloseTo(0.5 / items + 0.5 / 51_201, 6)
  })

  test('a count-min sketch is the share of an item, never below it where items collide', () => {
    const roomy = createEstimator(countMin, new Int32Array(9), 4)
    const tight = createEstimator(estimatorSchema.parse({ kind: 'count-min', buckets: 16, rows: 2 }), new Int32Array(9), 4)
    const items = Int32Array.from({ length: 4000 }, (_, i) => (i % 4 === 0 ? 0 : 1 + (i % 40)))
    for (const each of [roomy, tight]) each.observe(items, 1)
    for (const item of [0, 2, 7]) {
      const share = items.filter((x) => x === item).length / items.length
      expect(Math.exp(roomy.logQ(item))).toBeCloseTo(share, 6)
      expect(Math.exp(tight.logQ(item))).toBeGreaterThanOrEqual(share - 1e-9)
    }
  })

  test.each([streaming, countMin])('$kind goes on from its saved arrays', (spec) => {
    const [whole, before, after] = [1, 2, 3].map(() => createEstimator(spec, new Int32Array(9), 4))
    const batch = (step: number): Int32Array => Int32Array.from({ length: 4 }, (_, i) => (step * 7 + i * 3) % 9)
    for (let step = 1; step <= 20; step++) whole!.observe(batch(step), step)
    for (let step = 1; step <= 10; step++) before!.observe(batch(step), step)
    for (const [name, values] of Object.entries(before!.state)) after!.state[name]!.set(values)
    for (let step = 11; step <= 20; step++) after!.observe(batch(step), step)
    for (let item = 0; item < 9; item++) expect(after!.logQ(item)).toBe(whole!.logQ(item))
  })
})

test("a row's own masked candidates are those of a brute-force search", () => {
  const known = new KnownPositives(Int32Array.of(0, 2, 5), Int32Array.of(1, 4, 0, 2, 3), 6)
  const candidates = Int32Array.of(1, 2, 4, 0, 5, 3, 1, 4, 2)
  const pairs = known.ownPairs(Int32Array.of(0, 1, 0), 3, candidates, 3)
  expect(pairs).toEqual(Int32Array.of(0, 0, 0, 2, 1, 0, 1, 2, 2, 0, 2, 1))
  expect(known.ownPairs(Int32Array.of(0, 1, 0), 3, candidates, 3, 1, 2)).toEqual(Int32Array.of(2, 1))
})

test('the memory is a ring, and goes on from its saved arrays', () => {
  const memory = new Memory(3, 2)
  expect(memory.size).toBe(0)
  memory.push(Int32Array.of(7, 0), Float32Array.of(1, 2, 3, 4))
  const restored = new Memory(3, 2)
  for (const [name, values] of Object.entries(memory.state)) restored.state[name]!.set(values)
  for (const each of [memory, restored]) {
    each.push(Int32Array.of(5, 9), Float32Array.of(5, 6, 7, 8))
    expect([each.size, [...each.items], [...each.vectors]]).toEqual([3, [9, 0, 5], [7, 8, 3, 4, 5, 6]])
  }
})

test('mined lists hold the window of ranks, and give easy ones as often as asked', () => {
  const spec = { fromRank: 3, toRank: 5, perRow: 1, refreshEpochs: 2, startEpoch: 2, easyPerHard: 3 }
  const lists = new MinedLists(spec, 2, 1)
  expect([1, 2, 3, 4].map((epoch) => lists.isDue(epoch))).toEqual([false, true, false, true])
  expect(lists.of(0).pick(random(1, 'own'))).toBe(-1)
  expect(lists.of(0).probability(-1)).toBe(1)
  lists.keep(0, Int32Array.of(10, 11, 12, 13, 14, 15), 2)
  const rng = random(2, 'own')
  const proposal = lists.of(0)
  const picked = Array.from({ length: 4000 }, () => proposal.pick(rng))
  expect(new Set(picked)).toEqual(new Set([-1, 12, 13, 14]))
  expect(picked.filter((item) => item >= 0).length / 4000).toBeCloseTo(0.25, 1)
  for (const item of [-1, 12, 13, 14])
    expect(picked.filter((each) => each === item).length / 4000).toBeCloseTo(proposal.probability(item), 1)
  expect([-1, 12, 13, 14].reduce((sum, item) => sum + proposal.probability(item), 0)).toBeCloseTo(1, 12)
})

const dataset = memoryDataset({
  items: Array.from({ length: 12 }, (_, i) => ({ id: `i${10 + i}`, city: i < 5 ? 'Rome' : i === 11 ? null : 'Oslo' })),
  interactions: [
    { user: 'a', item: 'i10', time: 0, event: 'book' },
    { user: 'a', item: 'i11', time: 60, event: 'view' },
    { user: 'a', item: 'i12', time: 120, event: 'shown' },
    { user: 'a', item: 'i13', time: 900_000, event: 'book' },
    { user: 'a', item: 'i14', time: 900_060, event: 'view' },
    { user: 'a', item: 'i15', time: 900_120, event: 'view', part: 'test' },
    { user: 'b', item: 'i16', time: 0, event: 'book' },
    { user: 'b', item: 'i16', time: 60, event: 'shown' },
    { user: 'b', item: 'i17', time: 120, event: 'book' },
  ],
})
const extra = {
  group: { column: 'city', perRow: 2 },
  session: { perRow: 2 },
  impressions: { event: 'shown', perRow: 2 },
}
const spec = smallSpec({ extraNegatives: extra, training: { events: ['book'], batchSize: 4 } })

describe('sources', async () => {
  const sources = await createSources(spec, dataset, ['train'])
  const items = await dataset.ids('item')
  const { user, item } = dataset.interactions
  const drawn = (source: 'group' | 'session' | 'impressions', position: number): Set<string> => {
    const rng = random(1, 'own', position)
    const proposal = sources[source]!({ position, user: user[position]!, item: item[position]! })
    const picked = new Set(Array.from({ length: 200 }, () => proposal.pick(rng)))
    // what it says of its picks is all there is, each alike
    for (const i of picked) expect(proposal.probability(i)).toBeCloseTo(1 / picked.size, 12)
    return new Set([...picked].map((i) => items[i] ?? 'none'))
  }

  test('group: others of the positive’s value, never itself; none where it has none', () => {
    expect(drawn('group', 0)).toEqual(new Set(['i11', 'i12', 'i13', 'i14']))
    const alone = memoryDataset({
      items: [
        { id: 'x', city: 'Rome' },
        { id: 'y', city: 'Oslo' },
      ],
      interactions: [{ user: 'a', item: 'x' }],
    })
    return createSources(smallSpec({ extraNegatives: { group: extra.group } }), alone, ['train']).then((lone) => {
      const proposal = lone.group!({ position: 0, user: 0, item: 0 })
      expect([proposal.pick(random(1, 'own')), proposal.probability(-1)]).toEqual([-1, 1])
    })
  })

  test('session: what was met near the example without being chosen, training part only', () => {
    expect([drawn('session', 0), drawn('session', 3)]).toEqual([new Set(['i11', 'i12']), new Set(['i14'])])
  })

  test('impressions: what the user was shown', () => {
    expect([drawn('impressions', 0), drawn('impressions', 8)]).toEqual([new Set(['i12']), new Set(['i16'])])
  })
})

/** A host over users who know a third of the items, with everything switched on. */
function host(change: object, seed: number) {
  const [users, itemCount, batch] = [6, 15, 8]
  const rng = random(seed, 'split')
  const lists = Array.from({ length: users }, () => Array.from({ length: itemCount }, (_, i) => i).filter(() => rng.uniform() < 0.35))
  for (const list of lists) if (list.length === 0) list.push(3)
  const csr = (rows: number[][]) => ({
    offsets: Int32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]),
    items: Int32Array.from(rows.flat()),
  })
  const chosen = lists.map((list) => list.slice(0, Math.ceil(list.length / 2)))
  const examples = Array.from({ length: batch }, () => rng.below(users)).map((u) => [u, chosen[u]![rng.below(chosen[u]!.length)]!] as const)
  const positives: Positives = {
    positions: Int32Array.from({ length: batch }, (_, i) => i),
    user: Int32Array.from(examples, ([u]) => u),
    item: Int32Array.from(examples, ([, i]) => i),
    itemCounts: new Int32Array(itemCount).fill(2),
    perEpoch: new Float64Array(itemCount).fill(2),
    seenItems: csr(lists),
    trainedPositives: csr(chosen),
    weights: null,
    context: () => null,
    moments: (positions) => positions,
  }
  const full = smallSpec(change)
  const plan = candidatePlan(full, { batch, negatives: negativeCount(full, itemCount) })
  const { mined: minedSpec } = full.extraNegatives
  const mined = minedSpec === null ? null : new MinedLists(minedSpec, users, 1)
  for (let u = 0; u < users; u++)
    mined?.keep(
      u,
      Int32Array.from({ length: itemCount }, (_, i) => i),
      1,
    )
  const any = () => ({ pick: () => rng.below(itemCount), probability: (i: number) => (i < 0 ? 0 : 1 / itemCount) })
  const made = new CandidateSampler({ spec: full, plan, positives, sources: { group: any, session: any, impressions: any }, mined, dim: 2 })
  return { made, plan, positives, lists, chosen, batch, itemCount }
}

const EVERYTHING = {
  memory: 20,
  memoryFromEpoch: 1,
  group: { column: 'c', perRow: 2 },
  session: { perRow: 1 },
  impressions: { event: 'e', perRow: 2 },
  mined: { fromRank: 1, toRank: 15, perRow: 2, startEpoch: 1 },
}
const KINDS = {
  'in-batch': { loss: { kind: 'in-batch-softmax' }, extraNegatives: EVERYTHING },
  'in-batch, hardest': { loss: { kind: 'in-batch-softmax' }, extraNegatives: { inBatchHard: { perPositive: 2 } } },
  mixed: { loss: { kind: 'mixed-softmax', negatives: 9 }, extraNegatives: EVERYTHING },
  'own draws': { loss: { kind: 'bpr', negatives: 5, shared: false }, extraNegatives: EVERYTHING },
  full: { loss: { kind: 'full-softmax' } },
}

describe.each(Object.entries(KINDS))('%s', (_, change) => {
  test('known positives and accidental hits are masked wherever they come from, nothing else is, and the count of the rest is right', () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const { made, plan, positives, lists, chosen, batch } = host(change, seed)
        const remembered = Int32Array.from({ length: batch }, (_, i) => i % 15)
        const { user: users, positions } = positives
        made.sample({ users, positives: remembered, positions }, 1)
        made.remember(numbers(batch * 2, seed), 1)
        const items = made.sample({ users, positives: positives.item, positions }, 2)
        const feeds = made.feeds(positives.user, new Float32Array(batch).fill(1), 1)
        const open = { batch: new Float64Array(batch), memory: new Float64Array(batch) }
        const memory = { name: 'memory', kind: 'shared', count: plan.memory, from: 0, hardest: null } as const
        for (const block of plan.memory > 0 ? [...plan.blocks, memory] : plan.blocks) {
          const flat = feeds[`masked:${block.name}`]!
          const masked = new Set(Array.from({ length: flat.length / 2 }, (_, i) => `${flat[2 * i]},${flat[2 * i + 1]}`))
          const size = block.name === 'memory' ? batch : block.count
          const shown =
            block.name === 'own'
              ? [plan.own.drawn + plan.own.group, plan.own.drawn + plan.own.group + plan.own.session + plan.own.impressions]
              : [0, 0]
          for (let row = 0; row < batch; row++) {
            let left = 0
            for (let j = 0; j < size; j++) {
              const at = block.kind === 'shared' ? j : row * block.count + j
              const item = block.name === 'memory' ? remembered[j]! : items[block.from + at]!
              const user = positives.user[row]!
              const forbidden = (j >= shown[0]! && j < shown[1]! ? chosen : lists)[user]!.includes(item)
              expect(masked.has(`${row},${j}`), `${block.name} ${row},${j}`).toBe(forbidden)
              if (!forbidden) left++
            }
            open[block.name === 'memory' ? 'memory' : 'batch'][row]! += Math.min(block.hardest ?? Infinity, left)
          }
        }
        const inverse = (counts: Float64Array): number[] => Array.from(counts, (n) => (n === 0 ? 0 : Math.fround(1 / n)))
        expect(Array.from(feeds['inverse_count'] as Float32Array)).toEqual(inverse(open.batch))
        if (plan.memory === 0) return
        expect(Array.from(feeds['inverse_count:memory'] as Float32Array)).toEqual(inverse(open.memory))
        expect(Array.from(feeds['weight:memory'] as Float32Array)).toEqual(Array.from(open.memory, (n) => (n === 0 ? 0 : 1)))
      }),
      { numRuns: 25 },
    )
  })
})
