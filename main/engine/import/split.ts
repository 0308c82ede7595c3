/**
 * Splits as pure functions over ordered interactions: which part each interaction is in, by PART_CODE. Where there is an order
 * (all but `random`, and `given` without times), a user's training part comes before validation before test, so nothing leaks back;
 * `given` cannot promise that for the test file it is handed. Repeats of an item never put a user's only copy elsewhere: parts are
 * cut by distinct (user, item) pairs. Linear in interactions; one random stream a user, from the seed and the user's index.
 */
import { PART_CODE, type Split } from '../../contract/shapes/dataset.ts'
import { badInput } from '../../contract/errors.ts'
import { parseInstant } from '../dataset/cells/instants.ts'

/** What is asked for: the split of the contract, before its validation cut is known. */
export type SplitPlan =
  | { readonly kind: 'leave-last' }
  | { readonly kind: 'time'; readonly cut: number }
  | { readonly kind: 'random'; readonly fraction: number }
  | { readonly kind: 'given' }

export interface SplitInput {
  readonly users: number
  readonly items: number
  /** [interactions], ordered by (user, time, source) */
  readonly item: Int32Array
  readonly time: Float64Array | null
  readonly offsets: Int32Array
  /** 1 where the interaction is a positive; null: all are. Others go with what is around them, and are never what is held out */
  readonly positive?: Uint8Array | null
  /** whether a user's interactions are in order of time */
  readonly ordered: boolean
  /** 1 where the interaction is of the test file; null without one */
  readonly given: Uint8Array | null
  readonly seed: number
  /** share cut from the training part; `leave-last` has a validation part whatever it says */
  readonly validation: number
}

export interface SplitResult {
  readonly part: Uint8Array
  readonly split: Split
}

/** `leave-last`, `time:2024-01-01`, `random:0.2`, `given`, or undefined for the default. @throws PylonError bad-input */
export function parseSplit(typed: string | undefined, has: { readonly order: boolean; readonly given: boolean }): SplitPlan {
  if (typed === undefined) return has.given ? { kind: 'given' } : has.order ? { kind: 'leave-last' } : { kind: 'random', fraction: 0.2 }
  const [kind, value] = typed.includes(':') ? [typed.slice(0, typed.indexOf(':')), typed.slice(typed.indexOf(':') + 1)] : [typed, undefined]
  const fail = (why: string): never => {
    throw badInput(why, '--split')
  }
  if (kind === 'given') return has.given ? { kind } : fail('The split "given" needs a test file: pass --test, or a folder with one.')
  if (kind === 'leave-last')
    return has.order
      ? { kind }
      : fail(
          'The split "leave-last" needs to know the order of interactions: name a time column with --map time=COLUMN, or use random:0.2.',
        )
  if (kind === 'time') {
    const cut = parseInstant(value ?? '')
    if (cut === null) fail(`"${value ?? ''}" is no date; write time:2024-01-31, time:2024-01-31T12:00 or time:1706659200.`)
    return { kind, cut: cut! }
  }
  if (kind !== 'random') return fail(`There is no split "${kind}"; the splits are leave-last, time:DATE, random:FRACTION and given.`)
  const fraction = value === undefined ? 0.2 : Number(value)
  return fraction > 0 && fraction < 1 ? { kind, fraction } : fail(`"${value}" is no fraction between 0 and 1; write random:0.2.`)
}

/** Assigns parts. @throws PylonError bad-input where the data cannot be split so */
export function splitInteractions(input: SplitInput, plan: SplitPlan): SplitResult {
  const { seed, validation: validationFraction } = input
  switch (plan.kind) {
    case 'leave-last':
      return { part: leaveLast(input), split: { kind: 'leave-last' } }
    case 'time':
      return timeCut(input, plan.cut)
    case 'random':
      return { part: randomPerUser(input, plan.fraction), split: { kind: 'random', fraction: plan.fraction, seed, validationFraction } }
    case 'given':
      return { part: givenTest(input), split: { kind: 'given', seed, validationFraction } }
  }
}

/**
 * Test starts at a user's first interaction with their last new item, validation at that with the one before. A user of one
 * item is all training, of two has no validation. What a user met before without taking it is not new.
 */
function leaveLast({ users, items, item, offsets, positive = null }: SplitInput): Uint8Array {
  const part = new Uint8Array(item.length)
  const seen = new Int32Array(items).fill(-1)
  for (let u = 0; u < users; u++) {
    const [from, to] = [offsets[u]!, offsets[u + 1]!]
    let [distinct, last, lastButOne] = [0, to, to]
    for (let k = from; k < to; k++) {
      if (seen[item[k]!] === u) continue
      seen[item[k]!] = u
      if (positive?.[k] === 0) continue
      distinct++
      ;[last, lastButOne] = [k, last]
    }
    if (distinct < 2) continue
    if (distinct > 2) part.fill(PART_CODE.validation, lastButOne, last)
    part.fill(PART_CODE.test, last, to)
  }
  return part
}

function timeCut({ time, validation }: SplitInput, cut: number): SplitResult {
  if (time === null) throw badInput('A split by time needs times: name the column with --map time=COLUMN.', '--split')
  const before = time.filter((t) => t < cut).sort()
  if (before.length === 0 || before.length === time.length) {
    const [first, last] = time.reduce(([a, b], t) => [Math.min(a, t), Math.max(b, t)], [Infinity, -Infinity])
    const span = `${iso(first)} to ${iso(last)}`
    throw badInput(
      `Nothing lies ${before.length === 0 ? 'before' : 'at or after'} ${iso(cut)}; the interactions are from ${span}. Choose a date within.`,
      '--split',
    )
  }
  const validationCut = validation === 0 ? null : quantileCut(before, validation)
  const part = Uint8Array.from(time, (t) =>
    t >= cut ? PART_CODE.test : validationCut !== null && t >= validationCut ? PART_CODE.validation : PART_CODE.train,
  )
  return { part, split: { kind: 'time', cut, validationCut } }
}

/** The time from which on at most about `share` of the sorted times lie, never the first of them; null where all are equal. */
function quantileCut(sorted: Float64Array, share: number): number | null {
  const cut = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - share)))]!
  return cut > sorted[0]! ? cut : (sorted.find((t) => t > cut) ?? null)
}

function iso(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/T00:00:00.000Z$/, '')
}

/**
 * Of a user's n distinct items, fraction·n are test and validation·(n − test) validation, each rounded up or down at random so
 * that its mean is exact; at least one item stays in training. All events of one pair go together.
 */
function randomPerUser(input: SplitInput, fraction: number): Uint8Array {
  const part = new Uint8Array(input.item.length)
  forUsers(
    input,
    (k) => input.positive?.[k] !== 0,
    (positions, random) => {
      const n = new Set(positions.map((k) => input.item[k]!)).size
      const test = portion(n, fraction, random)
      const validation = portion(n - test, input.validation, random)
      assignPairs(input.item, positions, shuffledCodes(n, [test, validation], [PART_CODE.test, PART_CODE.validation], random), part)
    },
  )
  if (input.positive != null) followPairs(input, input.positive, part)
  return part
}

/** What is no positive is where the positive of its user and item is, else in training. */
function followPairs({ users, item, offsets }: SplitInput, positive: Uint8Array, part: Uint8Array): void {
  for (let u = 0; u < users; u++) {
    const codes = new Map<number, number>()
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) if (positive[k] === 1) codes.set(item[k]!, part[k]!)
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) if (positive[k] === 0) part[k] = codes.get(item[k]!) ?? PART_CODE.train
  }
}

/** Test is given; of the rest, the last `validation` of a user's items where there is an order, else as many at random. */
function givenTest(input: SplitInput): Uint8Array {
  const given = input.given!
  const part = Uint8Array.from(given, (g) => (g === 1 ? PART_CODE.test : PART_CODE.train))
  forUsers(
    input,
    (k) => given[k] === 0 && input.positive?.[k] !== 0,
    (positions, random) => {
      const firsts = firstContacts(input.item, positions)
      const validation = portion(firsts.length, input.validation, random)
      if (validation === 0) return
      if (input.ordered) {
        const start = firsts[firsts.length - validation]!
        for (const k of positions) if (k >= start) part[k] = PART_CODE.validation
      } else assignPairs(input.item, positions, shuffledCodes(firsts.length, [validation], [PART_CODE.validation], random), part)
    },
  )
  return part
}

function forUsers(input: SplitInput, keep: (k: number) => boolean, visit: (positions: number[], random: () => number) => void): void {
  for (let u = 0; u < input.users; u++) {
    const positions: number[] = []
    for (let k = input.offsets[u]!; k < input.offsets[u + 1]!; k++) if (keep(k)) positions.push(k)
    if (positions.length > 0) visit(positions, stream(input.seed, u))
  }
}

function firstContacts(item: Int32Array, positions: readonly number[]): number[] {
  const seen = new Set<number>()
  return positions.filter((k) => seen.size < seen.add(item[k]!).size)
}

/** `share` of n rounded at random so that its mean is exact, and at most n − 1. */
function portion(n: number, share: number, random: () => number): number {
  return Math.max(0, Math.min(n - 1, Math.floor(n * share + random())))
}

/** n part codes in random order: `counts[i]` times `codes[i]`, the rest train. */
function shuffledCodes(n: number, counts: readonly number[], codes: readonly number[], random: () => number): Uint8Array {
  const shuffled = new Uint8Array(n)
  let at = 0
  counts.forEach((count, i) => {
    shuffled.fill(codes[i]!, at, at + count)
    at += count
  })
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
  }
  return shuffled
}

/** The i-th distinct item of a user has the i-th code, in all of its events. */
function assignPairs(item: Int32Array, positions: readonly number[], codes: Uint8Array, part: Uint8Array): void {
  const byItem = new Map<number, number>()
  for (const k of positions) {
    let code = byItem.get(item[k]!)
    if (code === undefined) byItem.set(item[k]!, (code = codes[byItem.size]!))
    part[k] = code
  }
}

/** Numbers in [0, 1) of one user (mulberry32 over a mixed seed). */
export function stream(seed: number, user: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(user + 1, 0xc2b2ae35)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
