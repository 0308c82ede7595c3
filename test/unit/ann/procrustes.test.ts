/** Orthogonal Procrustes against NumPy's singular value decomposition, and rotations that are known. */
import { expect, test } from 'vitest'
import { procrustes } from '../../../main/engine/ann/procrustes.ts'
import { clustered } from './vectors.ts'

const B = Float32Array.of(1, 2, 0, 0, 1, 1, 2, 0, 1, 1, 1, 1, 0, 3, 1)
const A = Float32Array.of(2, -1, 1, 1, 0, 2, 1, 0.5, 3, -2)

test('between vectors of two widths, either way', async () => {
  // numpy 2.3: U, S, W = np.linalg.svd(B.T @ A, full_matrices=False); U @ W, S.sum() / (B ** 2).sum()
  const narrower = await procrustes(B, 3, A, 2)
  for (const [i, value] of [0.35371698917, 0.7168121081, 0.83524600843, -0.53121768295, 0.42100878492, 0.45165050094].entries())
    expect(narrower.rotation[i]).toBeCloseTo(value, 9)
  expect(narrower.scale).toBeCloseTo(0.8933647235, 9)
  const wider = await procrustes(A, 2, B, 3)
  for (const [i, value] of [0.35371698917, 0.83524600843, 0.42100878492, 0.7168121081, -0.53121768295, 0.45165050094].entries())
    expect(wider.rotation[i]).toBeCloseTo(value, 9)
  expect(wider.scale).toBeCloseTo(0.88451952822, 9)
})

test('a rotation is undone, and inner products are kept to 1e-6, also where directions are hardly used', async () => {
  const [rows, dim] = [600, 12]
  const reference = clustered(rows, dim, 4)
  // two directions of almost nothing
  for (let row = 0; row < rows; row++) for (const j of [3, 7]) reference[row * dim + j]! *= 1e-4
  // planes turned one after the other, and twice the size
  const moved = reference.map((value) => 2 * value)
  for (let row = 0; row < rows; row++)
    for (let j = 0; j + 1 < dim; j++) {
      const [c, s, x, y] = [Math.cos(0.3 + j), Math.sin(0.3 + j), moved[row * dim + j]!, moved[row * dim + j + 1]!]
      moved[row * dim + j] = c * x - s * y
      moved[row * dim + j + 1] = s * x + c * y
    }
  const { rotation, scale, apply } = await procrustes(moved, dim, reference, dim)
  for (let a = 0; a < dim; a++)
    for (let b = 0; b < dim; b++) {
      let product = 0
      for (let j = 0; j < dim; j++) product += rotation[a * dim + j]! * rotation[b * dim + j]!
      expect(product).toBeCloseTo(a === b ? 1 : 0, 9)
    }
  expect(scale).toBeCloseTo(0.5, 5)
  const turned = await apply(moved)
  for (const [i, value] of turned.entries()) expect(Math.abs(value * scale - reference[i]!)).toBeLessThan(5e-5)
  const gram = (x: Float32Array, row: number): number => {
    let [product, first, other] = [0, 0, 0]
    for (let j = 0; j < dim; j++) {
      product += x[j]! * x[row * dim + j]!
      first += x[j]! ** 2
      other += x[row * dim + j]! ** 2
    }
    return product / Math.sqrt(first * other)
  }
  for (let row = 1; row < rows; row++) expect(Math.abs(gram(turned, row) - gram(moved, row))).toBeLessThan(1e-6)
})

test('nothing at all is turned by something that still keeps lengths', async () => {
  const { scale, apply } = await procrustes(new Float32Array(6), 2, new Float32Array(6), 2)
  expect(scale).toBe(1)
  expect(Math.hypot(...(await apply(Float32Array.of(3, 4))))).toBeCloseTo(5, 6)
})

test('a direction that one of both does not use still keeps its length', async () => {
  const flat = (second: number): Float32Array => Float32Array.from({ length: 12 }, (_, i) => (i % 3 === second ? 0 : Math.sin(1 + i)))
  const { rotation } = await procrustes(flat(2), 3, flat(2), 3)
  for (const a of [0, 1, 2])
    for (const b of [0, 1, 2]) {
      const product = [0, 1, 2].reduce((sum, j) => sum + rotation[a * 3 + j]! * rotation[b * 3 + j]!, 0)
      expect(product).toBeCloseTo(a === b ? 1 : 0, 12)
    }
})
