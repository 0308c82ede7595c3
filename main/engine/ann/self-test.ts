/** Self-test of USearch, the library of ANN indexes, for `pylon doctor`. */
import { indexSchema } from '../../contract/shapes/spec.ts'
import { AnnIndex } from './usearch.ts'

/** Adds two vectors and finds the nearer one. @throws where the addon answers wrongly; the import of this file, where it does not load */
export function usearchSelfTest(): string {
  const index = AnnIndex.create({ dim: 2, metric: 'dot', spec: indexSchema.parse({}) })
  index.add(Int32Array.of(1, 2), Float32Array.of(1, 0, 0, 1))
  const nearest = index.search(Float32Array.of(0.1, 0.9), 1).keys[0]
  if (nearest !== 2) throw new Error(`the nearest of two vectors came out as ${nearest}`)
  return 'found the nearer of two vectors'
}
