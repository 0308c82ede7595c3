/** Principal axes against NumPy's eigendecomposition (test/golden/make_pca.py). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { principalAxes } from '../../../main/engine/ann/pca.ts'
import { relativeError } from '../../helpers/numbers.ts'
import { clustered } from './vectors.ts'

interface Case {
  readonly name: string
  readonly dim: number
  readonly vectors: number[]
  readonly points: number[]
  readonly explained: [number, number]
}
const { cases } = JSON.parse(await readFile(join(import.meta.dirname, '../../golden/pca.json'), 'utf8')) as { cases: Case[] }

test.for(cases)('$name', async ({ dim, vectors, points, explained }) => {
  const axes = await principalAxes(Float32Array.from(vectors), dim)
  expect(relativeError(axes.points, points)).toBeLessThan(1e-4)
  expect(relativeError(axes.explained, explained)).toBeLessThan(1e-6)
})

test('vectors that are all the same are one point', async () => {
  const { points, explained } = await principalAxes(new Float32Array(30).fill(0.5), 3)
  expect([...points].every((x) => Math.abs(x) < 1e-6)).toBe(true)
  expect(explained).toEqual([0, 0])
})

test('a sample of many rows gives nearly the axes of all', async () => {
  const [vectors, half] = [clustered(60_000, 4, 1), clustered(60_000, 4, 1).subarray(0, 4 * 20_000)]
  const [all, some] = [await principalAxes(vectors, 4), await principalAxes(half, 4)]
  expect(relativeError(all.explained, some.explained)).toBeLessThan(0.05)
})
