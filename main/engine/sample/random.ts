/**
 * Seeded randomness of the sample market. Only +, −, ×, ÷, √ and integer operations are used, which IEEE 754 and ECMAScript fix to
 * the last bit; Math.exp, Math.log and Math.sin are not fixed. So one seed gives the same bytes on every machine.
 */

/** A stream of random numbers; two streams of one seed are independent, so that drawing more of one does not shift the other. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** `stream` names what is drawn. */
  constructor(seed: number, stream: string) {
    let hash = 2166136261 ^ seed
    for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 16777619)
    this.#a = hash | 0
    this.#b = Math.imul(seed, 2654435761) | 0
    this.#c = Math.floor(seed / 4294967296) | 0
    for (let i = 0; i < 16; i++) this.uniform()
  }

  /** In [0, 1), 32 bits: sfc32 of PractRand (Chris Doty-Humphrey). */
  uniform(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return (sum >>> 0) / 4294967296
  }

  /** Mean 0, variance 1, within ±6: the sum of twelve uniforms. */
  normal(): number {
    let sum = -6
    for (let i = 0; i < 12; i++) sum += this.uniform()
    return sum
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** A whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.uniform())
  }

  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[Math.floor(values.length * this.uniform())]!
  }

  /** An index with probability proportional to its weight; −1 where all weights are 0. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0
    for (let i = 0; i < weights.length; i++) total += weights[i]!
    let left = total * this.uniform()
    let last = -1
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! <= 0) continue
      last = i
      left -= weights[i]!
      if (left < 0) return i
    }
    return last
  }

  /** The numbers 0 … n − 1 in random order. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.whole(0, i)
      const swapped = order[i]!
      order[i] = order[j]!
      order[j] = swapped
    }
    return order
  }
}

/** eˣ as (1 + x/1024)^1024: within 5 % for |x| ≤ 10, never negative, and the same to the last bit everywhere. */
export function exponential(x: number): number {
  let power = 1 + (x < -1000 ? -1000 : x) / 1024
  for (let i = 0; i < 10; i++) power *= power
  return power
}

/** 1 / (1 + e⁻ˣ) by {@link exponential}. */
export function logistic(x: number): number {
  return 1 / (1 + exponential(-x))
}
