/** Colours of the map's points: one a category, or along a scale that rises in lightness (read in grey as well). */
import type { VerbOutput } from '@contract/verbs.ts'

export type Colouring = VerbOutput<'map.colours'>

/** Codes of what has no label of its own, behind the labels. */
export const OTHER = 254
export const MISSING = 255
/** violet, blue, green, yellow: viridis by its corners, with the ends drawn in so that both are seen on white and on black */
const SCALE = ['#6f3fb0', '#4668c0', '#21918c', '#5ec962', '#e5c51b'] as const

/** `#rrggbb` as numbers. */
function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

/** A place on the scale, 0 to 1. */
export function scaleColour(share: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (SCALE.length - 1)
  const low = Math.min(SCALE.length - 2, Math.floor(at))
  const [a, b] = [rgb(SCALE[low]!), rgb(SCALE[low + 1]!)]
  return [0, 1, 2].map((i) => Math.round(a[i]! + (at - low) * (b[i]! - a[i]!))) as [number, number, number]
}

export const scaleGradient = `linear-gradient(90deg, ${SCALE.join(', ')})`

/** Whether values are spread over orders of magnitude, so that a logarithm shows more. */
export const isLongTailed = ({ minimum, maximum }: { minimum: number; maximum: number }): boolean =>
  minimum >= 0 && maximum > 50 * (minimum + 1)

/** One array behind the other. */
export function joined(first: Float32Array, second: Float32Array): Float32Array {
  const all = new Float32Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** Colours of items with those of users behind them: one red for all, faint, as there are many and they lie between the items. */
export function withUserColours(items: Uint8Array, points: number): Uint8Array {
  const colours = new Uint8Array(4 * points)
  colours.set(items.subarray(0, colours.length))
  for (let i = items.length; i < colours.length; i += 4) colours.set([...USERS, 90], i)
  return colours
}
/** The colours with those of items that are not shown taken away; users behind the items stay. */
export function withoutHidden(colours: Uint8Array, shown: Uint8Array | null): Uint8Array {
  if (shown === null) return colours
  const left = colours.slice()
  for (let i = 0; i < shown.length; i++) if (shown[i] === 0) left[4 * i + 3] = 0
  return left
}
const USERS = [214, 69, 80] as const
export const USER_COLOUR = `rgb(${USERS.join(' ')})`

/**
 * [n × 4] for the renderer.
 * @param series colours of the labels
 * @param quiet colour of what is missing or any other
 */
export function pointColours(colouring: Colouring, series: readonly string[], quiet: string): Uint8Array {
  const count = colouring.values.length
  const colours = new Uint8Array(4 * count)
  const put = (i: number, [r, g, b]: readonly [number, number, number], opacity: number): void => colours.set([r, g, b, opacity], 4 * i)
  const grey = rgb(quiet)
  if (colouring.kind === 'category') {
    const palette = colouring.labels.map((_, label) => rgb(series[label % series.length]!))
    for (let i = 0; i < count; i++) {
      const code = colouring.values[i]!
      put(i, code === OTHER || code === MISSING ? grey : palette[code]!, code >= OTHER ? 120 : 210)
    }
    return colours
  }
  const { minimum, maximum } = colouring
  const long = isLongTailed(colouring)
  const place = (value: number): number => (long ? Math.log1p(value) : value)
  const [low, high] = [place(minimum), place(maximum)]
  for (let i = 0; i < count; i++) {
    const value = colouring.values[i]!
    if (Number.isNaN(value)) put(i, grey, 120)
    else put(i, scaleColour(high > low ? (place(value) - low) / (high - low) : 0.5), 210)
  }
  return colours
}
