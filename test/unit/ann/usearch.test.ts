import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { indexSchema, type IndexSpec } from '../../../main/contract/shapes/spec.ts'
import { compareAnn } from '../../../main/engine/ann/compare.ts'
import { createExact } from '../../../main/engine/ann/exact.ts'
import { usearchSelfTest } from '../../../main/engine/ann/self-test.ts'
import type { Hits } from '../../../main/engine/ann/topk.ts'
import { AnnIndex, buildIndex } from '../../../main/engine/ann/usearch.ts'
import type { VectorMetric } from '../../../main/contract/shapes/spec.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { clustered, drain } from './vectors.ts'

const dim = 16
const spec = (scalar: IndexSpec['scalar'] = 'f32'): IndexSpec => indexSchema.parse({ scalar })
const build = (vectors: Float32Array, metric: VectorMetric, scalar?: IndexSpec['scalar']): Promise<AnnIndex> =>
  drain(buildIndex(vectors, { dim, metric, spec: spec(scalar) }))
const plain = ({ keys, scores }: Hits): unknown => [[...keys], [...scores]]
const searchAll = (index: AnnIndex, queries: Float32Array, k: number): unknown[] =>
  Array.from({ length: queries.length / dim }, (_, row) => plain(index.search(queries.subarray(row * dim, (row + 1) * dim), k)))

/** Against exact search. Lengths vary by a factor of about 7 between the 2.5th and 97.5th percentile where the metric is dot. */
test.for([
  { metric: 'cosine', scalar: 'f32', least: 0.97, off: 1e-5 },
  { metric: 'cosine', scalar: 'f16', least: 0.96, off: 5e-3 },
  { metric: 'cosine', scalar: 'i8', least: 0.8, off: 5e-2 },
  { metric: 'dot', scalar: 'f32', least: 0.95, off: 1e-5 },
  { metric: 'dot', scalar: 'f16', least: 0.95, off: 5e-3 },
] as const)('$metric $scalar: recall@20 against exact at the defaults, and scores on its scale', async ({ metric, scalar, least, off }) => {
  const items = clustered(4000, dim, 2, metric === 'dot' ? 0.5 : 0)
  const queries = clustered(200, dim, 3)
  const exact = await createExact(items, dim, metric, { threads: 1 })
  const index = await build(items, metric, scalar)
  const { recallVsExact, p50Ms, p99Ms, ...rest } = await drain(compareAnn(index, exact, queries, 20))
  const best = await exact.search(queries.subarray(0, dim), { k: 1 })
  await exact.dispose()

  expect(rest).toEqual({ k: 20, queries: 200 })
  expect(recallVsExact).toBeGreaterThan(least)
  expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
  const found = index.search(queries.subarray(0, dim), 1)
  expect(Math.abs(found.scores[0]! / best.scores[0]! - 1)).toBeLessThan(off)
})

test('saved, loaded and mapped: the same answers; the same vectors build the same file', async () => {
  const folder = await temporaryFolder()
  const items = clustered(1000, dim, 4)
  const queries = clustered(20, dim, 5)
  const index = await build(items, 'cosine')
  const [file] = await index.save(join(folder, 'items.usearch'))
  const [again] = await (await build(items, 'cosine')).save(join(folder, 'again.usearch'))
  expect(again.sha256).toBe(file.sha256)
  expect((await readdir(folder)).sort()).toEqual(['again.usearch', 'again.usearch.json', 'items.usearch', 'items.usearch.json'])
  expect(index.memoryBytes / file.bytes).toBeCloseTo(1, 0)

  const expected = searchAll(index, queries, 10)
  const loaded = await AnnIndex.load(file.path, { dim, metric: 'cosine' })
  const mapped = await AnnIndex.view(file.path)
  expect(searchAll(loaded, queries, 10)).toEqual(expected)
  expect(searchAll(mapped, queries, 10)).toEqual(expected)
  expect(() => mapped.remove(Int32Array.of(1))).toThrow('A mapped index cannot be changed: load it instead.')
})

test('items are removed, replaced and added without rebuilding, also after loading', async () => {
  const folder = await temporaryFolder()
  const items = clustered(600, dim, 6)
  const row = (i: number): Float32Array => items.subarray(i * dim, (i + 1) * dim)
  const nearest = (index: AnnIndex, i: number): number => index.search(row(i), 1).keys[0]!
  let index = await build(items.subarray(0, 500 * dim), 'cosine')

  expect(index.remove(Int32Array.of(3, 4, 9999))).toBe(2)
  expect([index.size, index.has(3), index.has(5), index.search(row(3), 500).keys.includes(3)]).toEqual([498, false, true, false])
  await index.save(join(folder, 'items.usearch'))
  index = await AnnIndex.load(join(folder, 'items.usearch'))
  expect([index.size, index.has(3), index.search(row(3), 500).keys.includes(3)]).toEqual([498, false, false])

  index.add(
    Int32Array.from({ length: 100 }, (_, i) => 500 + i),
    items.subarray(500 * dim),
  )
  index.add(Int32Array.of(3, 7), Float32Array.from([...row(4), ...row(3)]))
  expect([index.size, nearest(index, 555), nearest(index, 4), nearest(index, 3)]).toEqual([599, 555, 3, 7])
  const all = index.search(row(0), 1000).keys
  expect([all.length, new Set(all).size]).toEqual([599, 599])
})

test('what cannot be searched is refused, and nothing is added', async () => {
  const broken = clustered(3, dim, 7)
  broken[2 * dim + 1] = NaN
  await expect(build(broken, 'cosine')).rejects.toMatchObject({ code: 'bad-data', place: 'item row 2, dimension 1' })
  await expect(build(broken, 'dot', 'i8')).rejects.toMatchObject({
    code: 'bad-input',
    place: 'index.scalar',
    message: expect.stringContaining('only valid with cosine') as string,
  })

  const index = await build(clustered(3, dim, 7), 'dot', 'f16')
  expect(() => index.add(Int32Array.of(8), broken.subarray(2 * dim))).toThrow('item row 0, dimension 1: The vector holds NaN')
  expect(() => index.add(Int32Array.of(8), new Float32Array(dim).fill(1e5))).toThrow('100000 does not fit a half float; use scalar f32.')
  expect(() => index.add(Int32Array.of(8, 8), new Float32Array(2 * dim))).toThrow('An item is given twice; give each once.')
  expect(() => index.add(Int32Array.of(8), new Float32Array(dim - 1))).toThrow('1 items need 16 numbers, not 15.')
  expect(() => index.search(new Float32Array(dim - 1), 1)).toThrow('The query has 15 numbers; the index is of width 16.')
  expect(index.size).toBe(3)
})

test('a zero vector scores 0 by cosine, and an empty index finds nothing', async () => {
  const index = AnnIndex.create({ dim: 2, metric: 'cosine', spec: spec() })
  expect(plain(index.search(Float32Array.of(1, 0), 5))).toEqual([[], []])
  index.add(Int32Array.of(0, 1, 2), Float32Array.of(0, 0, 1, 0, -1, 0))
  expect(plain(index.search(Float32Array.of(2, 0), 5))).toEqual([
    [1, 0, 2],
    [1, 0, -1],
  ])
})

test('a damaged, foreign or half-written index is refused', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'items.usearch')
  await expect(AnnIndex.load(path)).rejects.toMatchObject({ code: 'not-found' })
  const index = await build(clustered(50, dim, 8), 'cosine')
  await index.save(path)
  await expect(AnnIndex.load(path, { dim: 8 })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('has dim 16, not 8') as string,
  })
  await expect(AnnIndex.view(path, { metric: 'dot' })).rejects.toMatchObject({ code: 'conflict' })

  const bytes = await readFile(path)
  const sidecar = await readFile(`${path}.json`, 'utf8')
  bytes[100]! ^= 1
  await writeFile(path, bytes)
  await expect(AnnIndex.load(path)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('is not the one that was written: its sha256 is ') as string,
  })
  bytes[100]! ^= 1
  await writeFile(path, bytes)
  for (const text of ['', '{}', sidecar.replace('"count": 50', '"count": 51')]) {
    await writeFile(`${path}.json`, text)
    await expect(AnnIndex.load(path)).rejects.toMatchObject({ code: 'bad-data' })
  }
})

test('the probe of the library', () => {
  expect(usearchSelfTest()).toBe('found the nearer of two vectors')
})
