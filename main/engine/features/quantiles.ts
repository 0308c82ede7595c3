/** Buckets that hold equal shares of what training has: of numbers, and of moments. */

/** Up to buckets − 1 edges, each the smallest training value of its bucket; equal ones are merged. */
export function quantileEdges(values: Float64Array, buckets: number): number[] {
  const sorted = values.slice().sort()
  const edges: number[] = []
  for (let j = 1; j < buckets; j++) {
    const edge = sorted[Math.floor((j * sorted.length) / buckets)]! + 0 // no −0: JSON has none
    if (edge > (edges.at(-1) ?? sorted[0]!)) edges.push(edge)
  }
  return edges
}

/** How many of the rising `bounds` are ≤ value. */
export function countUpTo(bounds: ArrayLike<number>, value: number): number {
  let [low, high] = [0, bounds.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bounds[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}
