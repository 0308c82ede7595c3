import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PylonError } from '../../../main/contract/errors.ts'
import { parseCell, parseList, parseNumber } from '../../../main/engine/dataset/cells/typed.ts'
import { rowContext } from '../../../main/engine/features/typed-context.ts'
import { encodeRow, encodeSide, rowProperties } from '../../../main/engine/features/encode.ts'
import type { EncodedSide, FrozenEncoders } from '../../../main/engine/features/encoded.ts'
import { type MemoryRow, memoryDataset } from '../../helpers/dataset.ts'
import { everyItemFeature, everyUserFeature, fit, listings, market, plain, specOf, START } from './market.ts'

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const some = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 3 })
const float = (limits: { min: number; max: number }): fc.Arbitrary<number> =>
  fc.double({ ...limits, noNaN: true }).map((value) => value + 0) // no −0: JSON has none
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.lorem({ maxCount: 6 }))
const anyListing = fc.record({
  room: some(anyText),
  amenities: some(fc.array(anyText, { maxLength: 4 })),
  price: some(float({ min: 0, max: 1e9 })),
  rating: some(float({ min: -1e6, max: 1e6 })),
  title: some(anyText),
  lat: some(float({ min: -90, max: 90 })),
  lon: some(float({ min: -180, max: 180 })),
  listed: some(fc.integer({ min: -1e9, max: 1e10 })),
  photo: some(fc.tuple(fc.integer(), fc.integer()).map((values) => Float32Array.from(values))),
})
/** Some listings, all but the last trained on, after a complete one on which every kind can be fitted. */
const anyCatalogue = fc
  .array(anyListing, { minLength: 1, maxLength: 6 })
  .map((rows): MemoryRow[] => [listings[0]!, ...rows.map((row, i) => ({ id: `x${i}`, ...row }))])

test('an entity typed in again has the inputs it has in the dataset, but for an id that is left out', async () => {
  await fc.assert(
    fc.asyncProperty(anyCatalogue, async (items) => {
      const dataset = memoryDataset({ items, interactions: items.slice(0, -1).map(({ id }) => ({ user: 'u', item: id, time: START })) })
      const encoders = throughJson(await fit(specOf([{ kind: 'id', dim: 2 }], everyItemFeature), dataset))
      const encoded = await encodeSide(encoders, 'item', dataset)
      const again = await encodeSide(encoders, 'item', dataset)
      expect(again).toEqual(encoded)
      const rows = await dataset.rows(
        'item',
        items.map((_, e) => e),
      )
      for (const [e, id] of (await dataset.ids('item')).entries()) {
        const known = plain(encoded, e)
        const typed = throughJson(rows[e]!)
        expect(plain(encodeRow(encoders, 'item', { ...typed, id }), 0)).toEqual(known)
        expect(plain(encodeRow(encoders, 'item', typed), 0)).toEqual({ ...known, bags: { ...known.bags, 'item.id': [0] } })
      }
    }),
    { numRuns: 60 },
  )
})

test('users as well', async () => {
  const dataset = market()
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), dataset)
  const encoded = await encodeSide(encoders, 'user', dataset)
  const rows = await dataset.rows('user', [0, 1, 2, 3])
  for (const [e, id] of (await dataset.ids('user')).entries())
    expect(plain(encodeRow(encoders, 'user', { ...rows[e], id }), 0)).toEqual(plain(encoded, e))
})

test('whatever is typed, it is encoded or refused with a place, and every row is one of its table', async () => {
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), market())
  const typed = fc.oneof(fc.jsonValue({ maxDepth: 1 }), anyText, fc.double(), fc.constantFrom('$1,150.00', '2024-02-30', '[1,2]', 'a|b'))
  const anyRow = fc.dictionary(fc.constantFrom(...rowProperties(encoders, 'item')), typed)
  let encodedOnes = 0
  fc.assert(
    fc.property(anyRow, (row) => {
      const encoded = attempt(() => encodeRow(encoders, 'item', row))
      if (encoded instanceof Error) {
        expect(encoded).toBeInstanceOf(PylonError)
        expect((encoded as PylonError).place).toBeDefined()
      } else {
        encodedOnes++
        expectSound(encoders, encoded)
      }
    }),
    { numRuns: 500 },
  )
  expect(encodedOnes).toBeGreaterThan(50)
})

function attempt<T>(make: () => T): T | Error {
  try {
    return make()
  } catch (error) {
    return error as Error
  }
}

function expectSound({ tables }: FrozenEncoders, { dense, bags }: EncodedSide): void {
  expect(dense.every(Number.isFinite)).toBe(true)
  for (const { table, indices } of bags) {
    const { rows } = tables.find(({ name }) => name === table)!
    expect(indices.every((row) => row >= 0 && row < rows)).toBe(true)
  }
}

test('a listing as a person types it', async () => {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], everyItemFeature), market())
  const typed = {
    room: 'entire',
    amenities: 'wifi | sauna',
    price: '$1,150.00',
    rating: '4.50',
    listed: '2023-11-05 22:13:20',
    lat: '42.65',
    lon: -73.75,
    photo: '[3,4]',
    title: 'Sunny loft',
  }
  const plainly = {
    room: 'entire',
    amenities: ['wifi', 'sauna'],
    price: 1150,
    rating: 4.5,
    listed: START - 9 * 86_400,
    lat: 42.65,
    lon: -73.75,
    photo: [3, 4],
    title: 'Sunny loft',
  }
  expect(plain(encodeRow(encoders, 'item', typed), 0)).toEqual(plain(encodeRow(encoders, 'item', plainly), 0))
  expect(plain(encodeRow(encoders, 'item', { ...typed, price: 80, id: 'a' }), 0)).toEqual(
    plain(await encodeSide(encoders, 'item', market()), 0),
  )
})

test.each([
  [{ prize: 3 }, 'has no property "prize"; did you mean "price"? there are id, room, amenities, price'],
  [{ price: 'cheap' }, 'property "price": "price" must be a number, not "cheap".'],
  [{ price: -4 }, 'the typed-in item, column "price": -4 is negative'],
  [{ lat: 91, lon: 0 }, 'item.features[7].latitude: the typed-in item, column "lat": 91 is not a latitude'],
  [{ photo: [1, 2, 3] }, 'must be 2 numbers in an array'],
  [{ listed: '2024-02-30' }, 'must be a time: seconds since 1970 or a date such as 2024-05-31'],
  [{ amenities: { wifi: true } }, 'must be a list of texts'],
  [{ id: ['a'] }, '"id" must be text or a number'],
])('%j is refused', async (row, message) => {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], everyItemFeature), market())
  expect(() => encodeRow(encoders, 'item', row)).toThrow(message)
})

test('the context of a typed-in user', async () => {
  const encoders = await fit(specOf(everyUserFeature, everyItemFeature), market())
  expect(rowProperties(encoders, 'user')).toEqual(['id', 'city', 'age', 'when', 'history', 'booked'])
  const { bags, dense } = rowContext(encoders, { history: ['a', 'cold', 'b'], booked: 'a|b|b', when: '2024-02-29T12:30Z' })
  const rows = bags.map(({ indices, offsets }) => [...indices.subarray(0, offsets[1])])
  expect(rows).toEqual([[13], [4], [1, 2], [1, 1]]) // hour, weekday, history (b, a; cold is left out), booked (the last two)
  const { age } = encoders.user[3]!.state as { age: { mean: number; sd: number } }
  expect(dense[0]).toBeCloseTo(-age.mean / age.sd, 5)
})

test.each([
  ['1,150', 1150],
  ['$1,150.00', 1150],
  ['-€3.5', -3.5],
  ['−3', -3],
  ['95%', 95],
  ['12 €', 12],
  [' 1e3 ', 1000],
  ['.5', 0.5],
  ['1,15', NaN],
  ['', NaN],
  ['1-2', NaN],
  ['Infinity', NaN],
  ['0x10', NaN],
  ['$', NaN],
])('the number %j is %d', (text, value) => {
  expect(parseNumber(text)).toBe(value)
})

test('lists by pipes or JSON; times in seconds, milliseconds or dates', () => {
  expect([parseList('a| b ||c'), parseList('["a|b", 3]'), parseList('[not json|x')]).toEqual([
    ['a', 'b', 'c'],
    ['a|b', '3'],
    ['[not json', 'x'],
  ])
  const seconds = ['2024-05-31', '2024-05-31T00:00Z', '2024-05-31 02:00:00+02:00', 1717113600, 1717113600000, '1717113600'].map(
    (value) => parseCell('number', { value, name: 't', isTime: true, width: 0 }).values[0],
  )
  expect(new Set(seconds)).toEqual(new Set([1717113600]))
})

test('one typed-in history serves every history of the same events; one that is named has its own', async () => {
  const histories = [
    { kind: 'history', dim: 2 },
    { kind: 'history', name: 'recent', dim: 2, maxLength: 1 },
    { kind: 'history', name: 'booked', dim: 2, events: ['book'] },
  ]
  const encoders = await fit(specOf(histories, everyItemFeature), market())
  const rows = (row: object): number[] => rowContext(encoders, { ...row }).bags.map(({ offsets }) => offsets[1]!)
  expect(rows({ history: ['a', 'b'] })).toEqual([2, 1, 0])
  expect(rows({ history: ['a', 'b'], recent: [], booked: ['a'] })).toEqual([2, 0, 1])
})
