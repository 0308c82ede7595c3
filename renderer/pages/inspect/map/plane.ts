/** Points of the plane: which is nearest to a place, which lie in a drawn outline, and a camera that shows them all. */
import type { Camera } from './point-renderer.ts'

/** A grid over the points with about two in a cell. */
export interface Grid {
  /** the point nearest to (x, y), at most `within` away, of those that count; -1: none */
  readonly nearest: (x: number, y: number, within: number, counts?: (point: number) => boolean) => number
}

/** @param points [n × 2] */
export function createGrid(points: Float32Array): Grid {
  const count = points.length / 2
  const { x0, y0, x1, y1 } = bounds(points)
  const side = Math.max(1, Math.ceil(Math.sqrt(count / 2)))
  const cell = Math.max((x1 - x0) / side, (y1 - y0) / side, 1e-12)
  const [columns, rows] = [Math.floor((x1 - x0) / cell) + 1, Math.floor((y1 - y0) / cell) + 1]
  const cellOf = (i: number): number => Math.floor((points[2 * i + 1]! - y0) / cell) * columns + Math.floor((points[2 * i]! - x0) / cell)
  const starts = new Int32Array(columns * rows + 1)
  for (let i = 0; i < count; i++) starts[cellOf(i) + 1]!++
  for (let c = 0; c < columns * rows; c++) starts[c + 1]! += starts[c]!
  const next = starts.slice()
  const members = new Int32Array(count)
  for (let i = 0; i < count; i++) members[next[cellOf(i)]!++] = i

  return {
    nearest(x, y, within, counts) {
      let [best, least] = [-1, within * within]
      const column = (value: number): number => Math.min(columns - 1, Math.max(0, Math.floor((value - x0) / cell)))
      const row = (value: number): number => Math.min(rows - 1, Math.max(0, Math.floor((value - y0) / cell)))
      for (let r = row(y - within); r <= row(y + within); r++) {
        for (let c = column(x - within); c <= column(x + within); c++) {
          for (let m = starts[r * columns + c]!; m < starts[r * columns + c + 1]!; m++) {
            const i = members[m]!
            const off = (points[2 * i]! - x) ** 2 + (points[2 * i + 1]! - y) ** 2
            if (off <= least && counts?.(i) !== false) [best, least] = [i, off]
          }
        }
      }
      return best
    },
  }
}

/** Indices of the points within an outline [x, y, x, y, …], by the even-odd rule. */
export function pointsInside(points: Float32Array, outline: readonly number[]): number[] {
  const found: number[] = []
  const corners = outline.length / 2
  if (corners < 3) return found
  const { x0, y0, x1, y1 } = bounds(outline)
  for (let i = 0; i < points.length / 2; i++) {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!]
    if (x < x0 || x > x1 || y < y0 || y > y1) continue
    let odd = false
    for (let a = 0, b = corners - 1; a < corners; b = a++) {
      const [ax, ay, bx, by] = [outline[2 * a]!, outline[2 * a + 1]!, outline[2 * b]!, outline[2 * b + 1]!]
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
    }
    if (odd) found.push(i)
  }
  return found
}

/** A camera that shows all points of some sets [n × 2] in a box of CSS pixels, with a margin. */
export function fitCamera(sets: readonly Float32Array[], width: number, height: number): Camera {
  const each = sets.filter(({ length }) => length > 0).map(bounds)
  const { x0, y0, x1, y1 } = bounds(each.flatMap((box) => [box.x0, box.y0, box.x1, box.y1]))
  const scale = Math.min(width / (x1 - x0 || 1), height / (y1 - y0 || 1)) * 0.92
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale }
}

/** Zooms so that the place at (px, py), in CSS pixels from the middle (y up), stays where it is. */
export function zoomAt({ x, y, scale }: Camera, factor: number, px: number, py: number): Camera {
  const next = scale * factor
  return { x: x + px / scale - px / next, y: y + py / scale - py / next, scale: next }
}

function bounds(points: ArrayLike<number>): { x0: number; y0: number; x1: number; y1: number } {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 2) {
    x0 = Math.min(x0, points[i]!)
    x1 = Math.max(x1, points[i]!)
    y0 = Math.min(y0, points[i + 1]!)
    y1 = Math.max(y1, points[i + 1]!)
  }
  return x0 > x1 ? { x0: 0, y0: 0, x1: 0, y1: 0 } : { x0, y0, x1, y1 }
}
