/**
 * Fewer points of a curve with the same picture: of each of equally long stretches the least and the greatest value stay, and the
 * ends of the curve. A spike of one step is never lost, which averages and every-nth sampling would do.
 */

/**
 * Which points stay: ascending indices, at most `most` of them (but never fewer than the two ends). All where they are few enough.
 * NaN is neither least nor greatest; a stretch of nothing else keeps its first point, so that the gap stays a gap.
 */
export function decimate(values: Float32Array | Float64Array, maxPoints: number): Int32Array {
  const n = values.length
  if (n <= Math.max(2, maxPoints)) return Int32Array.from({ length: n }, (_, i) => i)
  const stretches = Math.max(0, Math.floor((maxPoints - 2) / 2))
  const kept = new Int32Array(2 + 2 * stretches)
  let count = 1 // the first point is kept[0] = 0
  for (let s = 0; s < stretches; s++) {
    const from = 1 + Math.floor((s * (n - 2)) / stretches)
    const to = 1 + Math.floor(((s + 1) * (n - 2)) / stretches)
    let least = from
    let greatest = from
    for (let i = from + 1; i < to; i++) {
      const value = values[i]!
      if (value < values[least]! || Number.isNaN(values[least]!)) least = i
      if (value > values[greatest]! || Number.isNaN(values[greatest]!)) greatest = i
    }
    kept[count++] = Math.min(least, greatest)
    if (least !== greatest) kept[count++] = Math.max(least, greatest)
  }
  kept[count++] = n - 1
  return kept.slice(0, count)
}
