/** A small rental market with a column for every kind of feature, missing values, a cold listing, and a spec that uses them all. */
import type { Part } from '../../../main/contract/shapes/dataset.ts'
import { type TwoTowerSpec, twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { fitEncoders } from '../../../main/engine/features/fit.ts'
import type { EncodedSide, FrozenEncoders } from '../../../main/engine/features/encoded.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { type MemoryInteraction, type MemoryRow, memoryDataset } from '../../helpers/dataset.ts'

export const DAY = 86_400
export const START = 1_700_000_000

export const listings: readonly MemoryRow[] = [
  {
    id: 'a',
    room: 'entire',
    amenities: ['wifi', 'sauna'],
    price: 80,
    rating: 4.5,
    title: 'Sunny loft',
    lat: 42.65,
    lon: -73.75,
    listed: START - 9 * DAY,
    photo: Float32Array.of(3, 4),
  },
  {
    id: 'b',
    room: 'private',
    amenities: ['wifi'],
    price: 40,
    rating: null,
    title: '明亮的公寓，靠近车站',
    lat: 42.66,
    lon: -73.76,
    listed: START - 2 * DAY,
    photo: Float32Array.of(1, 0),
  },
  { id: 'c', room: 'private', amenities: [], price: 1150, rating: 4.9, title: null, lat: null, lon: null, listed: null, photo: null },
  {
    id: 'd',
    room: null,
    amenities: null,
    price: 60,
    rating: 3.1,
    title: 'Quiet <b>room</b>',
    lat: 42.7,
    lon: -73.7,
    listed: START - 40 * DAY,
    photo: Float32Array.of(0, 2),
  },
  {
    id: 'cold',
    room: 'tent',
    amenities: ['wifi', 'goat'],
    price: 9000,
    rating: 1,
    title: 'Tent with goat',
    lat: 43.5,
    lon: -74.9,
    listed: START,
    photo: Float32Array.of(5, 5),
  },
]

export const guests: readonly MemoryRow[] = [
  { id: '1', city: 'Oslo', age: 31 },
  { id: '2', city: 'Bern', age: 64 },
  { id: '3', city: 'Oslo', age: null },
  { id: '10', city: 'Atlantis', age: 200 },
]

export const bookings: readonly MemoryInteraction[] = [
  { user: '1', item: 'a', time: START, event: 'view' },
  { user: '1', item: 'b', time: START + DAY, event: 'book' },
  { user: '1', item: 'c', time: START + DAY, event: 'view' },
  { user: '1', item: 'd', time: START + 2 * DAY, event: 'book', part: 'validation' },
  { user: '1', item: 'cold', time: START + 3 * DAY, event: 'book', part: 'test' },
  { user: '2', item: 'b', time: START + 3600, event: 'view' },
  { user: '2', item: 'b', time: START + 7200, event: 'book' },
  { user: '2', item: 'c', time: START + 3 * DAY, event: 'view', part: 'test' },
  { user: '3', item: 'd', time: START + 4 * 3600, event: 'view' },
  { user: '3', item: 'a', time: START + 5 * 3600, event: 'book' },
]

export const market = (): Dataset =>
  memoryDataset({
    interactions: bookings,
    users: guests,
    items: listings,
    kinds: { title: 'text', lat: 'latitude', lon: 'longitude', listed: 'time' },
    itemTitle: 'title',
  })

export const everyItemFeature = [
  { kind: 'id', dim: 4, unknownRate: 0.1 },
  { kind: 'category', name: 'room', column: 'room', dim: 3 },
  { kind: 'tags', name: 'amenities', column: 'amenities', dim: 3 },
  { kind: 'number', name: 'price', column: 'price', transform: 'log' },
  { kind: 'number', name: 'rating', column: 'rating' },
  { kind: 'number', name: 'band', column: 'price', transform: 'quantile', buckets: 3, dim: 2 },
  { kind: 'text', name: 'title', column: 'title', dim: 4, buckets: 64 },
  { kind: 'geo', name: 'place', latitude: 'lat', longitude: 'lon', frequencies: 1, cellsKm: [1, 5], dim: 2 },
  { kind: 'time', name: 'listed', column: 'listed', dim: 2 },
  { kind: 'vector', name: 'photo', column: 'photo', normalise: true },
] as const

export const everyUserFeature = [
  { kind: 'id', dim: 4 },
  { kind: 'category', name: 'city', column: 'city', dim: 2, hashBuckets: 8 },
  { kind: 'number', name: 'age', column: 'age' },
  { kind: 'time', name: 'when', dim: 2 },
  { kind: 'history', dim: 4, share: true },
  { kind: 'history', name: 'booked', dim: 3, events: ['book'], maxLength: 2 },
] as const

/** A spec with these features and defaults for the rest. */
export function specOf(user: readonly unknown[] | 'auto', item: readonly unknown[] | 'auto', training: object = {}): TwoTowerSpec {
  return twoTowerSchema.parse({ user: { features: user }, item: { features: item }, training })
}

export async function fit(spec: TwoTowerSpec, dataset: Dataset, parts: readonly Part[] = ['train']): Promise<FrozenEncoders> {
  const steps = fitEncoders(spec, dataset, parts)
  for (;;) {
    const { done, value } = await steps.next()
    if (done === true) return value
  }
}

/** All inputs of one entity, for an expectation. */
export function plain(encoded: EncodedSide, e: number): { dense: number[]; bags: Record<string, number[]> } {
  const { dense, denseWidth, bags } = encoded
  return {
    dense: [...dense.subarray(e * denseWidth, (e + 1) * denseWidth)],
    bags: Object.fromEntries(bags.map(({ table, offsets, indices }) => [table, [...indices.subarray(offsets[e], offsets[e + 1])]])),
  }
}
