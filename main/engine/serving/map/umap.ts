/**
 * UMAP (McInnes, Healy & Melville 2018, arXiv:1802.03426) of points whose nearest neighbours are known: who is near stays near. Typed arrays and
 * one thread: 20,000 points with 15 neighbours take some seconds. One seed, one layout.
 */
import type { Random } from '../../training/random.ts'

/** Of each of n points its k nearest others, the nearest first, itself not among them. */
export interface Neighbours {
  readonly k: number
  /** [n × k] */
  readonly indices: Int32Array
  /** [n × k], 0 or more */
  readonly distances: Float32Array
}

/** How alike each point and its neighbours are, [n × k] in (0, 1]. */
export interface Memberships {
  readonly k: number
  readonly weights: Float32Array
}

/** 1 / (1 + a·d^2b), fitted to a minimal distance of .1 at a spread of 1. */
const [A, B] = [1.576943, 0.895061]
const NEGATIVES = 5
const STEPS = 64
const TOLERANCE = 1e-5
/** Where distances are all alike, the bandwidth is this share of their mean at least. */
const LEAST_SHARE = 1e-3

/**
 * exp(−(d − ρ) / σ): ρ the distance of the nearest, σ such that a row's weights sum to log2(k) (3.1 of the paper).
 */
export function memberships({ k, distances }: Neighbours): Memberships {
  const n = distances.length / k
  const weights = new Float32Array(distances.length)
  const target = Math.log2(k)
  for (let i = 0; i < n; i++) {
    const row = distances.subarray(i * k, (i + 1) * k)
    const nearest = row.find((d) => d > 0) ?? 0
    let [low, high, sigma] = [0, Infinity, 1]
    for (let step = 0; step < STEPS; step++) {
      let sum = 0
      for (const d of row) sum += d > nearest ? Math.exp(-(d - nearest) / sigma) : 1
      if (Math.abs(sum - target) < TOLERANCE) break
      if (sum > target) [high, sigma] = [sigma, (low + sigma) / 2]
      else [low, sigma] = [sigma, high === Infinity ? sigma * 2 : (sigma + high) / 2]
    }
    sigma = Math.max(sigma, (LEAST_SHARE * row.reduce((a, b) => a + b, 0)) / k)
    for (let j = 0; j < k; j++) weights[i * k + j] = row[j]! > nearest && sigma > 0 ? Math.exp(-(row[j]! - nearest) / sigma) : 1
  }
  return { k, weights }
}

/** Pairs that attract each other, and how strongly; each pair once. */
interface Edges {
  readonly heads: Int32Array
  readonly tails: Int32Array
  readonly weights: Float32Array
}

/** Both directions of a pair joined as fuzzy sets are, a + b − ab. */
function edgesOf({ indices, k }: Neighbours, { weights }: Memberships): Edges {
  const n = indices.length / k
  const joined = new Map<number, number>()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      const other = indices[i * k + j]!
      if (other < 0) continue
      const key = i < other ? i * n + other : other * n + i
      const [before, now] = [joined.get(key) ?? 0, weights[i * k + j]!]
      joined.set(key, before + now - before * now)
    }
  }
  const edges = { heads: new Int32Array(joined.size), tails: new Int32Array(joined.size), weights: new Float32Array(joined.size) }
  let at = 0
  for (const [key, weight] of joined) {
    edges.heads[at] = Math.floor(key / n)
    edges.tails[at] = key % n
    edges.weights[at++] = weight
  }
  return edges
}

/** As many as umap-learn takes by default. */
export const epochsFor = (points: number): number => (points <= 10_000 ? 500 : 200)

const clip = (value: number): number => Math.max(-4, Math.min(4, value))

/**
 * Moves points [n × 2] from where they are, in place, by stochastic gradient descent on the cross entropy of both fuzzy sets (algorithm 5 of the
 * paper); a pair is drawn as often as it is strong, against {@link NEGATIVES} random points. Yields the number of each epoch that is done.
 */
export function* layOut(
  points: Float32Array,
  neighbours: Neighbours,
  { epochs, random }: { readonly epochs: number; readonly random: Random },
): Generator<number, void> {
  const n = points.length / 2
  if (n < 2) return
  const { heads, tails, weights } = edgesOf(neighbours, memberships(neighbours))
  const most = weights.reduce((max, weight) => Math.max(max, weight), 0)
  // a pair is due every so many epochs; those due less than once never are
  const every = Float32Array.from(weights, (weight) => (weight >= most / epochs ? most / weight : Infinity))
  const due = every.slice()
  for (let epoch = 0; epoch < epochs; epoch++) {
    const alpha = 1 - epoch / epochs
    for (let e = 0; e < heads.length; e++) {
      if (due[e]! > epoch + 1) continue
      due[e]! += every[e]!
      const [i, j] = [heads[e]! * 2, tails[e]! * 2]
      attract(points, i, j, alpha)
      repel(points, i, n, alpha, random)
      repel(points, j, n, alpha, random)
    }
    yield epoch + 1
  }
}

function attract(points: Float32Array, i: number, j: number, alpha: number): void {
  const [dx, dy] = [points[i]! - points[j]!, points[i + 1]! - points[j + 1]!]
  const square = dx * dx + dy * dy
  if (square === 0) return
  const force = (-2 * A * B * square ** (B - 1)) / (A * square ** B + 1)
  const [x, y] = [clip(force * dx) * alpha, clip(force * dy) * alpha]
  points[i]! += x
  points[i + 1]! += y
  points[j]! -= x
  points[j + 1]! -= y
}

function repel(points: Float32Array, i: number, n: number, alpha: number, random: Random): void {
  for (let draw = 0; draw < NEGATIVES; draw++) {
    const j = random.below(n) * 2
    if (j === i) continue
    const [dx, dy] = [points[i]! - points[j]!, points[i + 1]! - points[j + 1]!]
    const square = dx * dx + dy * dy
    const force = square > 0 ? (2 * B) / ((0.001 + square) * (A * square ** B + 1)) : 0
    points[i]! += square > 0 ? clip(force * dx) * alpha : 4 * alpha
    points[i + 1]! += square > 0 ? clip(force * dy) * alpha : 4 * alpha
  }
}

/** Where new points lie among those that are laid out: the mean of their neighbours' places, by {@link memberships}; [m × 2]. */
export function placeAmong(points: Float32Array, neighbours: Neighbours): Float32Array {
  const { k, indices } = neighbours
  const { weights } = memberships(neighbours)
  const placed = new Float32Array((indices.length / k) * 2)
  for (let i = 0; i < placed.length / 2; i++) {
    let [x, y, sum] = [0, 0, 0]
    for (let at = i * k; at < (i + 1) * k; at++) {
      const other = indices[at]!
      if (other < 0) continue
      x += weights[at]! * points[2 * other]!
      y += weights[at]! * points[2 * other + 1]!
      sum += weights[at]!
    }
    if (sum > 0) placed.set([x / sum, y / sum], 2 * i)
  }
  return placed
}
