/** Small numeric helpers of the tests: seeded arrays, relative error, finite differences. */
import { random, type Random } from '../../main/engine/training/random.ts'

/** `count` normal-ish numbers in (−scale, scale), always the same for a seed. */
export function numbers(count: number, seed: number, scale = 1): Float32Array {
  const rng: Random = random(seed, 'init')
  return Float32Array.from({ length: count }, () => (2 * rng.uniform() - 1) * scale)
}

/** max |a − b| over the larger of the two arrays' largest magnitudes and `floor`. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-3): number {
  if (a.length !== b.length) return Infinity
  let difference = 0
  let size = floor
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!))
    size = Math.max(size, Math.abs(a[i]!), Math.abs(b[i]!))
    if (Number.isNaN(a[i]) || Number.isNaN(b[i])) return Infinity
  }
  return difference / size
}

/** Central differences of a scalar function at `x`, one entry at a time. */
export async function finiteDifferences(f: (x: Float32Array) => Promise<number>, x: Float32Array, step = 1e-2): Promise<Float64Array> {
  const gradient = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) {
    const [up, down] = [x.slice(), x.slice()]
    up[i] = x[i]! + step
    down[i] = x[i]! - step
    gradient[i] = ((await f(up)) - (await f(down))) / (up[i]! - down[i]!)
  }
  return gradient
}
