/** USearch at work: for `doctor`. */
import { Index, MetricKind, ScalarKind } from 'usearch'

/** Adds two vectors and finds the nearer one. @throws where the addon does not load or answers wrongly */
export function probe(): string {
  const index = new Index({
    metric: MetricKind.IP,
    dimensions: 2,
    quantization: ScalarKind.F32,
    connectivity: 16,
    expansion_add: 16,
    expansion_search: 16,
    multi: false,
  })
  index.add(1n, new Float32Array([1, 0]))
  index.add(2n, new Float32Array([0, 1]))
  const nearest = index.search(new Float32Array([0.1, 0.9]), 1, 1).keys[0]
  if (nearest !== 2n) throw new Error(`the nearest of two vectors came out as ${nearest}`)
  return 'found the nearer of two vectors'
}
