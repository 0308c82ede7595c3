/** The space of a search: which fields are there together, values at random and in a grid, and a spec with the values in their places. */
import { badInput } from '../../contract/errors.ts'
import type { Dimension, Space } from '../../contract/shapes/search.ts'
import type { Random } from '../training/random.ts'
import type { Field } from './parzen.ts'

/** Values by their paths. */
export type Params = Readonly<Record<string, unknown>>

/** Fields that are there on the same condition: they are drawn together. */
export interface Group {
  readonly when: Dimension['when']
  readonly paths: readonly string[]
}

/**
 * The groups of a space, what a condition asks about before what hangs on it.
 * @throws PylonError bad-input where a condition names no choice of the space, or itself
 */
export function groupsOf(space: Space): Group[] {
  for (const [path, { when }] of Object.entries(space)) {
    if (when === null) continue
    if (space[when.path]?.kind !== 'choice')
      throw badInput(`hangs on "${when.path}", which is no choice of the space.`, `space["${path}"].when`)
    for (let at: Dimension['when'] = when, steps = 0; at !== null; at = space[at.path]?.when ?? null)
      if (steps++ > Object.keys(space).length) throw badInput('hangs on itself.', `space["${path}"].when`)
  }
  const depth = (path: string): number => {
    const on = space[path]?.when ?? null
    return on === null ? 0 : 1 + depth(on.path)
  }
  const paths = Object.keys(space).sort((a, b) => depth(a) - depth(b))
  const groups = Map.groupBy(paths, (path) => JSON.stringify(space[path]!.when))
  return Array.from(groups.values(), (members) => ({ when: space[members[0]!]!.when, paths: members }))
}

/** Whether a group is there beside these values. */
export const isThere = ({ when }: Group, params: Params): boolean =>
  when === null || (Object.hasOwn(params, when.path) && when.in.some((value) => isSame(value, params[when.path])))

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A dimension as a field of the estimator. */
export const fieldOf = (dimension: Dimension): Field =>
  dimension.kind === 'range' ? dimension : { kind: 'choice', count: dimension.values.length }

/** A value as the estimator sees it; NaN for one that the dimension does not have (any more). */
export function toNumber(dimension: Dimension, value: unknown): number {
  if (dimension.kind === 'range') return typeof value === 'number' && value >= dimension.low && value <= dimension.high ? value : Number.NaN
  const at = dimension.values.findIndex((each) => isSame(each, value))
  return at < 0 ? Number.NaN : at
}
export const fromNumber = (dimension: Dimension, x: number): unknown => (dimension.kind === 'range' ? x : dimension.values[x])

/** A value at random, evenly. */
export function drawValue(dimension: Dimension, random: Random): unknown {
  if (dimension.kind === 'choice') return dimension.values[random.below(dimension.values.length)]
  const { low, high, log, integer } = dimension
  const half = integer ? 0.5 : 0
  const scale = (x: number): number => (log ? Math.log(x) : x)
  const at = scale(low - half) + random.uniform() * (scale(high + half) - scale(low - half))
  const value = log ? Math.exp(at) : at
  return Math.min(high, Math.max(low, integer ? Math.round(value) : value))
}

/** Values of every field that is there, each at random. */
export function drawParams(space: Space, random: Random): Params {
  const params: Record<string, unknown> = {}
  for (const group of groupsOf(space))
    if (isThere(group, params)) for (const path of group.paths) params[path] = drawValue(space[path]!, random)
  return params
}

/** Every combination, in the order of the fields, the last one running fastest. Ranges have `points` values, both ends among them. */
export function* gridOf(space: Space, points: number): Generator<Params> {
  const groups = groupsOf(space)
  const paths = groups.flatMap((group) => group.paths.map((path) => ({ group, path })))
  yield* fill(0, {})

  function* fill(at: number, params: Params): Generator<Params> {
    const next = paths[at]
    if (next === undefined) yield params
    else if (!isThere(next.group, params)) yield* fill(at + 1, params)
    else for (const value of gridValues(space[next.path]!, points)) yield* fill(at + 1, { ...params, [next.path]: value })
  }
}

function gridValues(dimension: Dimension, points: number): readonly unknown[] {
  if (dimension.kind === 'choice') return dimension.values
  const { low, high, log, integer } = dimension
  const values = Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1)
    const value = log ? low * (high / low) ** share : low + (high - low) * share
    return Math.min(high, Math.max(low, integer ? Math.round(value) : value))
  })
  return [...new Set(values)]
}

/** A spec with the values in their places, tied ones too, as `--set path=value` takes them. */
export function settingsOf(space: Space, params: Params): string[] {
  return Object.entries(params).flatMap(([path, value]) =>
    [path, ...(space[path]?.tied ?? [])].map((place) => `${place}=${JSON.stringify(value)}`),
  )
}
