/** Splits over any interactions: what every split promises, and each kind's own counts by a plain count beside it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import { parseSplit, splitInteractions, type SplitInput, type SplitPlan } from '../../../main/engine/import/split.ts'

const { train, validation, test: held } = PART_CODE

/** Up to 12 users of up to 30 events each, over 9 items, in order of time within a user. */
const inputs = fc
  .record({
    events: fc.array(fc.array(fc.tuple(fc.nat(8), fc.nat(100)), { maxLength: 30 }), { minLength: 1, maxLength: 12 }),
    given: fc.array(fc.boolean(), { minLength: 360, maxLength: 360 }),
    seed: fc.nat(1000),
    validation: fc.constantFrom(0, 0.1, 0.3),
  })
  .map(({ events, given, seed, validation }): SplitInput => {
    const ordered = events.map((user) => user.toSorted(([, a], [, b]) => a - b))
    const flat = ordered.flat()
    const offsets = Int32Array.of(0, ...ordered.map((user) => user.length))
    for (let u = 1; u < offsets.length; u++) offsets[u]! += offsets[u - 1]!
    return {
      users: events.length,
      items: 9,
      item: Int32Array.from(flat, ([item]) => item),
      time: Float64Array.from(flat, ([, time]) => time),
      offsets,
      ordered: true,
      given: Uint8Array.from(flat, (_, k) => Number(given[k])),
      seed,
      validation,
    }
  })

/** Each user's item and part codes, in order. */
function byUser({ users, item, offsets }: SplitInput, part: Uint8Array): { items: number[]; parts: number[] }[] {
  return Array.from({ length: users }, (_, u) => ({
    items: [...item.subarray(offsets[u], offsets[u + 1])],
    parts: [...part.subarray(offsets[u], offsets[u + 1])],
  }))
}
const partsOf = (input: SplitInput, plan: SplitPlan): Uint8Array => splitInteractions(input, plan).part
const inOrder = (codes: readonly number[]): boolean => codes.every((code, k) => k === 0 || codes[k - 1]! <= code)

describe('leave-last', () => {
  test('a user’s parts are in order, and validation and test each hold exactly one new item, met first there', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        for (const { items, parts } of byUser(input, partsOf(input, { kind: 'leave-last' }))) {
          expect(inOrder(parts)).toBe(true)
          const firsts = items.filter((item, k) => items.indexOf(item) === k)
          const newIn = (code: number): number[] => firsts.filter((item) => parts[items.indexOf(item)] === code)
          expect(newIn(held)).toEqual(firsts.length >= 2 ? [firsts.at(-1)] : [])
          expect(newIn(validation)).toEqual(firsts.length >= 3 ? [firsts.at(-2)] : [])
        }
      }),
    )
  })
})

describe('time', () => {
  test('everything in training is earlier than everything in validation, and that than everything in test', () => {
    fc.assert(
      fc.property(inputs, fc.nat(100), (input, cut) => {
        const times = [...input.time!]
        fc.pre(times.some((t) => t < cut) && times.some((t) => t >= cut))
        const { part, split } = splitInteractions(input, { kind: 'time', cut })
        const of = (code: number): number[] => times.filter((_, k) => part[k] === code)
        expect(Math.max(...of(train))).toBeLessThan(Math.min(cut, ...of(validation)))
        expect(of(held)).toEqual(times.filter((t) => t >= cut))
        const { validationCut } = split as { validationCut: number | null }
        expect(of(validation)).toEqual(validationCut === null ? [] : times.filter((t) => t >= validationCut && t < cut))
      }),
    )
  })
})

describe('random', () => {
  test('all events of a (user, item) pair go together, everyone keeps an item in training, and the seed decides', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = { kind: 'random', fraction: 0.2 } as const
        const part = partsOf(input, plan)
        expect(partsOf(input, plan)).toEqual(part)
        for (const { items, parts } of byUser(input, part)) {
          for (const [k, item] of items.entries()) expect(parts[k]).toBe(parts[items.indexOf(item)])
          if (items.length > 0) expect(parts).toContain(train)
        }
      }),
    )
  })

  test('the share of held-out items is the fraction asked for', () => {
    const users = 4000
    const input: SplitInput = {
      users,
      items: 7,
      item: Int32Array.from({ length: users * 7 }, (_, k) => k % 7),
      time: null,
      offsets: Int32Array.from({ length: users + 1 }, (_, u) => u * 7),
      ordered: false,
      given: null,
      seed: 3,
      validation: 0.1,
    }
    const share = (part: Uint8Array, code: number): number => part.filter((p) => p === code).length / part.length
    const part = partsOf(input, { kind: 'random', fraction: 0.2 })
    // 7 × 0.2 = 1.4 items a user: a standard error of 0.0011 in the mean share
    expect(share(part, held)).toBeCloseTo(0.2, 2)
    expect(share(part, validation)).toBeCloseTo(0.08, 2)
    expect(partsOf({ ...input, seed: 4 }, { kind: 'random', fraction: 0.2 })).not.toEqual(part)
  })
})

describe('given', () => {
  test('test is what was given; validation is a user’s last new items of the rest, and leaves an item in training', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const part = partsOf(input, { kind: 'given' })
        expect([...part].map((code) => Number(code === held))).toEqual([...input.given!])
        for (const { items, parts } of byUser(input, part)) {
          const rest = parts.flatMap((code, k) => (code === held ? [] : [[items[k]!, code] as const]))
          expect(inOrder(rest.map(([, code]) => code))).toBe(true)
          if (rest.length > 0) expect(rest[0]![1]).toBe(train)
          if (input.validation === 0) expect(rest.every(([, code]) => code === train)).toBe(true)
        }
      }),
    )
  })
})

test('splits as they are typed', () => {
  const has = { order: true, given: false }
  expect(
    [undefined, 'leave-last', 'random', 'random:0.3', 'time:2024-01-01', 'time:1706659200'].map((typed) => parseSplit(typed, has)),
  ).toEqual([
    { kind: 'leave-last' },
    { kind: 'leave-last' },
    { kind: 'random', fraction: 0.2 },
    { kind: 'random', fraction: 0.3 },
    { kind: 'time', cut: 1704067200 },
    { kind: 'time', cut: 1706659200 },
  ])
  expect(parseSplit(undefined, { order: true, given: true })).toEqual({ kind: 'given' })
  expect(parseSplit(undefined, { order: false, given: false })).toEqual({ kind: 'random', fraction: 0.2 })
  for (const wrong of ['random:0', 'random:1', 'random:x', 'time:soon', 'last']) expect(() => parseSplit(wrong, has)).toThrow('--split')
})
