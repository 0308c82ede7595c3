/**
 * Axes of parallel coordinates: config values that differ, and a metric at the end. Numbers lie on a scale, everything
 * else in categories.
 */
import type { CompareResult } from '@contract/verbs.ts'
import { shortText } from '@contract/short-text.ts'

export interface ParallelAxis {
  readonly name: string
  /** null: a scale of numbers */
  readonly categories: readonly string[] | null
  readonly log: boolean
  /** one a run; null where a run has no such value */
  readonly values: readonly (number | string | null)[]
}

/** Values that span more than this factor get a log scale. */
const WIDE = 50

/** The axis of a config path over some of the compared runs (`at`: their positions); null where those that have one all have the same. */
export function configAxis({ path, values }: CompareResult['differences'][number], at: readonly number[]): ParallelAxis | null {
  const valuesOfRuns = at.map((i) => values[i])
  const present = valuesOfRuns.filter((value) => value !== undefined)
  if (new Set(present.map((value) => JSON.stringify(value))).size < 2) return null
  if (valuesOfRuns.every((value) => typeof value === 'number' || value === undefined || value === null)) {
    const numbers = valuesOfRuns.filter((value) => typeof value === 'number')
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
    return { name: path, categories: null, log: low > 0 && high / low > WIDE, values: valuesOfRuns.map((value) => value ?? null) }
  }
  const texts = valuesOfRuns.map((value) => (value === undefined ? null : shortText(value)))
  return { name: path, categories: [...new Set(texts.filter((text) => text !== null))].sort(), log: false, values: texts }
}

/** Those first that all runs have and that are no detail of a single feature; names of the config itself (recipe, version) last. */
export function orderAxes(axes: readonly ParallelAxis[]): ParallelAxis[] {
  const rank = ({ name, values }: ParallelAxis): number =>
    (values.includes(null) ? 4 : 0) + (name.includes('[') ? 2 : 0) + (name === 'recipe' || name === 'version' ? 1 : 0)
  return axes.toSorted((a, b) => rank(a) - rank(b))
}

/** Where a value stands on its axis: a number as it is, a category at its place among them; null where the run has none. */
const positionOf = ({ categories }: ParallelAxis, value: number | string | null): number | null =>
  value === null || typeof value === 'number' ? value : categories!.indexOf(value)

/**
 * The line of a run over the axes, parted where it has no value: a line that went on across such an axis would cross it somewhere, as if
 * the run had a value there. Each part has as many places as there are axes, null outside it.
 */
export function lineParts(axes: readonly ParallelAxis[], run: number): (number | null)[][] {
  const places = axes.map((axis) => positionOf(axis, axis.values[run] ?? null))
  const parts: (number | null)[][] = []
  for (const [i, place] of places.entries()) {
    if (place === null) continue
    if (i === 0 || places[i - 1] === null) parts.push(places.map(() => null))
    parts.at(-1)![i] = place
  }
  return parts
}
