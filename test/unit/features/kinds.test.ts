import { planeWaves } from '../../../main/engine/features/kinds/geo.ts'
import { expect, test } from 'vitest'
import { encodeSide } from '../../../main/engine/features/encode.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { type MemoryRow, memoryDataset } from '../../helpers/dataset.ts'
import { fit, market, plain, specOf, START } from './market.ts'

/** One item feature over rows, the last of which is cold; returns each item's inputs. */
async function inputs(feature: object, rows: readonly MemoryRow[], dataset = oneUser(rows)): Promise<ReturnType<typeof plain>[]> {
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], [feature]), dataset)
  const encoded = await encodeSide(encoders, 'item', dataset)
  return rows.map((_, e) => plain(encoded, e))
}

/** Rows are items a, b, c, … of which all but the last are trained on. */
function oneUser(rows: readonly MemoryRow[]): Dataset {
  return memoryDataset({ items: rows, interactions: rows.slice(0, -1).map(({ id }, i) => ({ user: 'u', item: id, time: START + i })) })
}

const rowsOf = (column: string, ...cells: MemoryRow[string][]): MemoryRow[] =>
  cells.map((cell, i) => ({ id: 'abcdefgh'[i]!, [column]: cell ?? null }))
const firstBag = (all: readonly ReturnType<typeof plain>[]): number[][] => all.map(({ bags }) => Object.values(bags)[0]!)

test('id: rows by training count, cold and rare ones unknown; hashed ones never', async () => {
  const encode = async (feature: object): Promise<number[][]> => {
    const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], [feature]), market())
    const item = await encodeSide(encoders, 'item', market())
    return Array.from({ length: 5 }, (_, e) => plain(item, e).bags['item.id']!)
  }
  expect(await encode({ kind: 'id', dim: 2 })).toEqual([[2], [1], [3], [0], [4]]) // a b c cold d
  expect(await encode({ kind: 'id', dim: 2, minCount: 2 })).toEqual([[2], [1], [0], [0], [0]])
  expect((await encode({ kind: 'id', dim: 2, hashBuckets: 5 })).flat().every((row) => row >= 1 && row <= 5)).toBe(true)
})

test('category and tags: known, unknown and missing', async () => {
  const category = { kind: 'category', name: 'c', column: 'x', dim: 2 }
  expect(firstBag(await inputs(category, rowsOf('x', 'red', 'blue', 'red', null, 'green')))).toEqual([[1], [2], [1], [], [0]])
  expect(firstBag(await inputs(category, rowsOf('x', 2, 1, 2.5, 2, 7)))).toEqual([[1], [2], [3], [1], [0]])
  const tags = { kind: 'tags', name: 't', column: 'x', dim: 2 }
  expect(firstBag(await inputs(tags, rowsOf('x', ['b', 'a'], ['a', 'a'], null, ['new', 'a'])))).toEqual([[2, 1], [1, 1], [], [0, 1]])
  expect(firstBag(await inputs(tags, rowsOf('x', 'b|a', '["a", "c"]', '', 'a|new')))).toEqual([[2, 1], [1, 3], [], [1, 0]])
})

test('number: standardised by training mean and deviation, missing beside it', async () => {
  const standard = { kind: 'number', name: 'n', column: 'x' }
  expect((await inputs(standard, rowsOf('x', 1, 3, 8))).map(({ dense }) => dense)).toEqual([[-1], [1], [6]])
  expect((await inputs(standard, rowsOf('x', 1, 3, null, 8))).map(({ dense }) => dense)).toEqual([
    [-1, 0],
    [1, 0],
    [0, 1],
    [6, 0],
  ])
  expect((await inputs(standard, rowsOf('x', 1, 3, null))).map(({ dense }) => dense)).toEqual([[-1], [1], [0]])
  const constant = (await inputs(standard, rowsOf('x', 0.1, 0.1, 0.1, 0.6))).map(({ dense }) => dense[0]!.toFixed(12).replace('-', ''))
  expect(constant).toEqual(['0.000000000000', '0.000000000000', '0.000000000000', '0.500000000000'])
  const log = { ...standard, transform: 'log' }
  expect((await inputs(log, rowsOf('x', 0, Math.E ** 2 - 1, Math.E ** 3 - 1))).map(({ dense }) => dense[0]!.toFixed(5))).toEqual([
    '-1.00000',
    '1.00000',
    '2.00000',
  ])
})

test('number: quantile buckets of equal training counts, 0 for missing', async () => {
  const quantile = { kind: 'number', name: 'n', column: 'x', transform: 'quantile', buckets: 3, dim: 2 }
  expect(firstBag(await inputs(quantile, rowsOf('x', 10, 20, 30, 40, 50, 60, null)))).toEqual([[1], [1], [2], [2], [3], [3], [0]])
  expect(firstBag(await inputs(quantile, rowsOf('x', 5, 5, 5, 5, 5, 9, -100)))).toEqual([[1], [1], [1], [1], [1], [1], [1]])
})

test('geo: km from the centroid, checked against the haversine distance', async () => {
  const rows = [
    { id: 'a', lat: 52.5, lon: 13.4 },
    { id: 'b', lat: 52.52, lon: 13.3 },
    { id: 'c', lat: 52.45, lon: 13.5 },
    { id: 'd', lat: null, lon: 13 },
    { id: 'e', lat: 60, lon: 20 },
  ]
  const feature = { kind: 'geo', name: 'g', latitude: 'lat', longitude: 'lon', frequencies: 0, cellsKm: [5], dim: 2 }
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], [feature]), oneUser(rows))
  const { latitude, longitude, x, y } = encoders.item[0]!.state as {
    latitude: number
    longitude: number
    x: { mean: number; sd: number }
    y: { mean: number; sd: number }
  }
  const all = await inputs(feature, rows)
  for (const [i, row] of rows.slice(0, 3).entries()) {
    const [east, north] = [all[i]!.dense[0]! * x.sd + x.mean, all[i]!.dense[1]! * y.sd + y.mean]
    expect(Math.hypot(east, north)).toBeCloseTo(haversineKm(row.lat!, row.lon, latitude, longitude), 1)
  }
  expect(all.map(({ dense }) => dense[2])).toEqual([0, 0, 0, 1, 0])
  expect(firstBag(all)).toEqual([[2], [1], [3], [], [0]]) // one cell each: ties by code point, "-2,…" before "0,…"
})

function haversineKm(latA: number, lonA: number, latB: number, lonB: number): number {
  const rad = Math.PI / 180
  const h =
    Math.sin(((latB - latA) * rad) / 2) ** 2 + Math.cos(latA * rad) * Math.cos(latB * rad) * Math.sin(((lonB - lonA) * rad) / 2) ** 2
  return 2 * 6371.0088 * Math.asin(Math.sqrt(h))
}

test('geo: places on both sides of the date line are near each other', async () => {
  const rows = [
    { id: 'a', lat: -17, lon: 179.9 },
    { id: 'b', lat: -17, lon: -179.9 },
    { id: 'c', lat: -17, lon: 180 },
  ]
  const encoders = await fit(
    specOf([{ kind: 'id', dim: 2 }], [{ kind: 'geo', name: 'g', latitude: 'lat', longitude: 'lon' }]),
    oneUser(rows),
  )
  expect((encoders.item[0]!.state['x'] as { sd: number }).sd).toBeCloseTo(10.634, 3) // 0.1° at 17° S
})

test('geo: inner products of the waves fall with the distance, from near neighbours to the whole region', async () => {
  // a lattice of 1 km around Lisbon, and the same 100 km further north
  const km = 1 / 111.195
  const rows = [0, 100].flatMap((away) =>
    Array.from({ length: 144 }, (_, n) => ({
      id: `${String(away).padStart(3, '0')}-${String(n).padStart(3, '0')}`,
      lat: 38.7 + km * ((n % 12) + away),
      lon: -9.1 + (km * Math.floor(n / 12)) / Math.cos((39.2 * Math.PI) / 180),
    })),
  )
  const feature = { kind: 'geo', name: 'g', latitude: 'lat', longitude: 'lon', frequencies: 0, cellsKm: [], waves: 64, dim: 2 }
  const encoders = await fit(specOf([{ kind: 'id', dim: 2 }], [feature]), oneUser(rows))
  const { nearKm, scaleKm } = encoders.item[0]!.state as { nearKm: number; scaleKm: number }
  expect(nearKm).toBeCloseTo(Math.SQRT2, 1) // the fifth neighbour on a lattice of 1 km
  const all = await inputs(feature, rows)
  const likeness = (a: number, b: number): number => {
    const [from, to] = [all[a]!.dense.slice(2), all[b]!.dense.slice(2)]
    return from.reduce((sum, value, k) => sum + value * to[k]!, 0) / 64
  }
  // by the definition: the mean of the cosines of the waves' phases
  const waves = planeWaves(64, scaleKm, nearKm)
  for (const east of [1, 3, 7]) {
    const phases = waves.map((wave) => Math.cos(wave.east * east))
    expect(likeness(0, 12 * east)).toBeCloseTo(phases.reduce((sum, value) => sum + value, 0) / 64, 2)
  }
  const byDistance = [0, 12 * 2, 12 * 5, 144].map((other) => likeness(0, other))
  expect(byDistance[0]).toBeCloseTo(1, 5)
  expect(byDistance).toEqual(byDistance.toSorted((a, b) => b - a))
  expect(byDistance[1]! - byDistance[2]!).toBeGreaterThan(0.1)
  // a place that is missing has none of them
  expect((await inputs(feature, [...rows, { id: 'nowhere', lat: null, lon: null }])).at(-1)!.dense).toEqual(Array(130).fill(0))
})

test('time of a column: age back from the end of training, hour and weekday in UTC', async () => {
  const noon = Date.parse('2024-02-29T12:30:00Z') / 1000 // a Thursday
  const feature = { kind: 'time', name: 't', column: 'x', dim: 2 }
  const rows = rowsOf('x', noon, Date.parse('1969-12-31T23:59:59Z') / 1000, null, noon)
  const all = await inputs(feature, rows)
  expect(all.map(({ bags }) => bags)).toEqual([
    { 'item.t.hour': [13], 'item.t.weekday': [4] },
    { 'item.t.hour': [24], 'item.t.weekday': [3] },
    { 'item.t.hour': [], 'item.t.weekday': [] },
    { 'item.t.hour': [13], 'item.t.weekday': [4] },
  ])
  expect(all.map(({ dense }) => dense)).toEqual([
    [-1, 0],
    [1, 0],
    [0, 1],
    [-1, 0],
  ]) // noon is after the end of training: age 0
})

test('periods of a column: equal shares of what training has, what is later than all of it being of the last', async () => {
  const feature = { kind: 'time', name: 't', column: 'x', parts: ['period'], periods: 3, dim: 2 }
  const all = await inputs(feature, rowsOf('x', 10, 20, 30, 40, 50, 60, null))
  expect(all.map(({ bags }) => bags['item.t.period'])).toEqual([[1], [1], [2], [2], [3], [3], []])
  expect(all.map(({ dense }) => dense)).toEqual(Array(7).fill([]))
})

test('vector: as it is or at length 1, missing as zeros', async () => {
  const feature = { kind: 'vector', name: 'v', column: 'x' }
  const rows = rowsOf('x', Float32Array.of(3, 4), null, Float32Array.of(0, 0), Float32Array.of(0, 2))
  expect((await inputs(feature, rows)).map(({ dense }) => dense)).toEqual([
    [3, 4],
    [0, 0],
    [0, 0],
    [0, 2],
  ])
  expect((await inputs({ ...feature, normalise: true }, rows)).map(({ dense }) => dense)).toEqual([
    [Math.fround(0.6), Math.fround(0.8)],
    [0, 0],
    [0, 0],
    [0, 1],
  ])
})

test.each([
  [
    'a negative number under a logarithm',
    { kind: 'number', name: 'n', column: 'x', transform: 'log' },
    rowsOf('x', 1, 2, -5),
    'item "c", column "x": -5 is negative',
  ],
  [
    'a latitude of 95',
    { kind: 'geo', name: 'g', latitude: 'x', longitude: 'x' },
    rowsOf('x', 1, 2, 95),
    'item.features[0].latitude: item "c", column "x": 95 is not a latitude',
  ],
  [
    'NaN in a vector',
    { kind: 'vector', name: 'v', column: 'x' },
    rowsOf('x', Float32Array.of(1, 2), Float32Array.of(1, NaN), null),
    'item "b", column "x": number 2 of the vector is NaN',
  ],
  [
    'an infinite number',
    { kind: 'number', name: 'n', column: 'x' },
    rowsOf('x', 1, Infinity, 2),
    'item "b", column "x": an infinite number',
  ],
  [
    'a column only cold items fill',
    { kind: 'category', name: 'c', column: 'x', dim: 2 },
    rowsOf('x', null, null, 'red'),
    'item.features[0].column: No item with a training interaction has a value in column "x"',
  ],
  [
    'a count nobody reaches',
    { kind: 'id', dim: 2, minCount: 9 },
    rowsOf('x', 1, 2, 3),
    'item.features[0].minCount: No item has 9 training interactions',
  ],
  [
    'numbers too large to standardise',
    { kind: 'number', name: 'n', column: 'x' },
    rowsOf('x', 1e308, -1e308, 2),
    'item.features[0].transform: Column "x" holds numbers too large',
  ],
])('%s is an error with its place', async (_what, feature, rows, message) => {
  await expect(inputs(feature, rows)).rejects.toThrow(message)
})
