/**
 * How likely an item is to be in a batch: what in-batch negatives are corrected by. An estimate that learns keeps its state in plain
 * arrays that a checkpoint saves, so that a resumed run goes on with the same numbers.
 */
import type { EstimatorSpec } from '../../../contract/shapes/spec.ts'
import { empiricalLogQ } from './negatives.ts'

export interface Estimator {
  /** learns from the items of the batch of step `step` (1, 2, …), before they are corrected */
  observe(items: Int32Array, step: number): void
  /** log of the probability that one draw for the batch is this item */
  logQ(item: number): number
  /** what a checkpoint keeps, by name */
  readonly state: Readonly<Record<string, Float32Array>>
}

/** The estimator of a spec over items with `counts[v]` examples in an epoch, for batches of `batch` rows. */
export function createEstimator(spec: EstimatorSpec, counts: Int32Array | Float64Array, batch: number): Estimator {
  switch (spec.kind) {
    case 'empirical': {
      const logQ = empiricalLogQ(counts)
      return { observe: () => undefined, logQ: (item) => logQ[item]!, state: {} }
    }
    case 'streaming':
      return streaming(spec, batch)
    case 'count-min':
      return countMin(spec)
  }
}

/**
 * Yi et al. 2019, algorithms 2 and 3, counting examples where they count steps: the running mean of the gap between two examples of an
 * item, in examples, is 1/q. Counted in steps, an item of several examples in a batch would count once: on a small catalogue the log q of
 * frequent ones would be at most −log(batch). An item that was never seen is at least as rare as one that comes next.
 */
function streaming({ rate, buckets, hashes }: Extract<EstimatorSpec, { kind: 'streaming' }>, batch: number): Estimator {
  // the newest example of a bucket: its step and row, as a product of both would leave the integers of float32 after 16 million examples
  const lastStep = new Float32Array(hashes * buckets)
  const lastRow = new Float32Array(hashes * buckets)
  const gap = new Float32Array(hashes * buckets)
  const seen = new Float64Array(1)
  const since = (at: number, step: number, row: number): number => (step - lastStep[at]!) * batch + row - lastRow[at]!
  return {
    observe(items, step) {
      for (const [row, item] of items.entries()) {
        for (let h = 0; h < hashes; h++) {
          const at = h * buckets + hash(item, h, buckets)
          gap[at] = lastStep[at] === 0 ? (step - 1) * batch + row + 1 : (1 - rate) * gap[at]! + rate * since(at, step, row)
          lastStep[at] = step
          lastRow[at] = row
        }
      }
      seen[0] = step * batch
    },
    logQ(item) {
      let longest = 1
      for (let h = 0; h < hashes; h++) {
        const at = h * buckets + hash(item, h, buckets)
        longest = Math.max(longest, lastStep[at] === 0 ? seen[0]! + 1 : gap[at]!)
      }
      return -Math.log(longest)
    },
    state: { lastStep, lastRow, meanGap: gap },
  }
}

/** Cormode & Muthukrishnan 2005: the least of an item's counters is never below its count. The share of all items met is q. */
function countMin({ buckets, rows }: Extract<EstimatorSpec, { kind: 'count-min' }>): Estimator {
  const counts = new Float32Array(rows * buckets)
  const total = new Float32Array(1)
  return {
    observe(items) {
      total[0]! += items.length
      for (const item of items) for (let h = 0; h < rows; h++) counts[h * buckets + hash(item, h, buckets)]!++
    },
    logQ(item) {
      let least = Infinity
      for (let h = 0; h < rows; h++) least = Math.min(least, counts[h * buckets + hash(item, h, buckets)]!)
      return Math.log(Math.max(1, least) / Math.max(1, total[0]!))
    },
    state: { counts, total },
  }
}

/** MurmurHash3's finaliser over item and row. */
function hash(item: number, row: number, buckets: number): number {
  let h = Math.imul(item + 1, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) % buckets
}
