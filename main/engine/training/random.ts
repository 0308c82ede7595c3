/**
 * Random numbers by name: a stream is a pure function of the run's seed, a purpose and a counter. So a resumed run draws what an
 * uninterrupted one would have drawn, with no generator state to save. Generator: sfc32 (PractRand's small fast counter),
 * seeded through the MurmurHash3 finaliser.
 */

/** Of the random numbers in a closed form (a projection, the items held out, rows that a regression reads): it is one model, whatever the seed. */
export const CLOSED_FORM_SEED = 1

/** What a stream is for; each gives numbers independent of the others. */
export type Purpose =
  | 'cap'
  | 'own'
  | 'mined'
  | 'geometry'
  | 'clusters'
  | 'init'
  | 'shuffle'
  | 'negatives'
  | 'dropout'
  | 'unknown'
  | 'validation'
  | 'split'
  | 'bootstrap'
  | 'randomisation'
  | 'search'
  | 'permutation'
  | 'map'
  | 'false negatives'

export interface Random {
  /** a whole number in [0, 2³²) */
  uint32(): number
  /** in [0, 1), 32 random bits */
  uniform(): number
  /** in [0, n): Lemire's multiply-shift, whose bias is below n/2³² */
  below(n: number): number
}

/** The stream of a purpose at a counter (a step, an epoch, the number of a table). */
export function random(seed: number, purpose: Purpose, counter = 0): Random {
  let h = mix(seed ^ 0x9e3779b9)
  for (const char of purpose) h = mix(h ^ char.charCodeAt(0))
  let a = mix(h ^ counter)
  let b = mix(a ^ Math.floor(counter / 2 ** 32))
  let c = mix(b ^ 0x85ebca6b)
  let d = 1
  const uint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) uint32()
  return { uint32, uniform: () => uint32() / 2 ** 32, below: (n) => Math.floor((uint32() / 2 ** 32) * n) }
}

function mix(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Normal deviates with mean 0 by Box and Muller (1958). */
export function fillNormal(out: Float32Array, sd: number, rng: Random): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = sd * Math.sqrt(-2 * Math.log(1 - rng.uniform()))
    const angle = 2 * Math.PI * rng.uniform()
    out[i] = radius * Math.cos(angle)
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle)
  }
}

/** Uniform deviates in (−limit, limit). */
export function fillUniform(out: Float32Array, limit: number, rng: Random): void {
  for (let i = 0; i < out.length; i++) out[i] = (2 * rng.uniform() - 1) * limit
}

/** Shuffles in place (Fisher & Yates, Durstenfeld's form). */
export function shuffle(values: Int32Array, rng: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    const held = values[i]!
    values[i] = values[j]!
    values[j] = held
  }
}
