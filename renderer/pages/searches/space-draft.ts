/** The space of a search as a form edits it: one row a field, ends of ranges as numbers, choices as text. */
import type { Dimension, Space } from '@contract/shapes/search.ts'
import { isPlain } from '@contract/plain.ts'
import { parseJson } from './json-text.ts'

export interface FieldDraft {
  readonly path: string
  readonly on: boolean
  readonly kind: Dimension['kind']
  readonly low: number | null
  readonly high: number | null
  readonly log: boolean
  readonly integer: boolean
  /** values of a choice, between commas or as a JSON list */
  readonly text: string
  readonly tied: readonly string[]
  readonly when: Dimension['when']
}

export const draftOf = (space: Space): FieldDraft[] => Object.entries(space).map(([path, dimension]) => fieldDraft(path, dimension, true))

function fieldDraft(path: string, dimension: Dimension, on: boolean): FieldDraft {
  const { tied, when } = dimension
  const base = { path, on, kind: dimension.kind, low: null, high: null, log: false, integer: false, text: '', tied, when }
  if (dimension.kind === 'choice') return { ...base, text: choiceText(dimension.values) }
  const { low, high, log, integer } = dimension
  return { ...base, low: Number(low.toPrecision(6)), high: Number(high.toPrecision(6)), log, integer }
}

/** A row for a field that somebody names: around its number, or its value as the first of a list. */
export function newField(path: string, value: unknown): FieldDraft {
  if (typeof value === 'number' && value > 0)
    return fieldDraft(
      path,
      {
        kind: 'range',
        low: value / 10,
        high: value * 10,
        log: true,
        integer: Number.isInteger(value) && value >= 10,
        tied: [],
        when: null,
      },
      true,
    )
  return fieldDraft(
    path,
    { kind: 'choice', values: typeof value === 'boolean' ? [false, true] : value === undefined ? [] : [value], tied: [], when: null },
    true,
  )
}

/** With a field switched on or off; one that hangs on another goes with it, as a condition needs both. */
export function toggled(rows: readonly FieldDraft[], path: string): FieldDraft[] {
  const row = rows.find((each) => each.path === path)!
  return rows.map((each) => {
    if (each.path === path) return { ...each, on: !row.on }
    if (row.on && each.when?.path === path) return { ...each, on: false }
    return !row.on && row.when?.path === each.path ? { ...each, on: true } : each
  })
}

/** With a further field, or one of its path anew: its condition goes, and what hangs on its values is off. */
export function withField(rows: readonly FieldDraft[], field: FieldDraft): FieldDraft[] {
  if (!rows.some(({ path }) => path === field.path)) return [...rows, field]
  return rows.map((each) => (each.path === field.path ? field : each.when?.path === field.path ? { ...each, on: false } : each))
}

const choiceText = (values: readonly unknown[]): string =>
  values.every((value) => typeof value === 'number' || (typeof value === 'string' && !value.includes(',')))
    ? values.join(', ')
    : JSON.stringify(values)

/** The values of a choice; empty where there are none. */
export function choiceValues(text: string): unknown[] {
  const whole = parseJson(text)
  if (Array.isArray(whole)) return whole
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseJson(part) ?? part)
}

/** Whether a row says something that can be searched over; one that is not ticked always does. */
export function isSound({ on, kind, low, high, log, text }: FieldDraft): boolean {
  if (!on) return true
  if (kind === 'choice') return choiceValues(text).length > 0
  return low !== null && high !== null && low <= high && (!log || low > 0)
}

/** The ticked rows; what hangs on a field that is not there is left out with it. */
export function spaceOf(rows: readonly FieldDraft[]): Space {
  const on = rows.filter((row) => row.on)
  const kept = on.filter(({ when }) => when === null || on.some(({ path }) => path === when.path))
  return Object.fromEntries(
    kept.map(({ path, kind, low, high, log, integer, text, tied, when }) => [
      path,
      kind === 'choice'
        ? { kind, values: choiceValues(text), tied: [...tied], when }
        : { kind, low: low!, high: high!, log, integer, tied: [...tied], when },
    ]),
  )
}

/** What stands at a path of a spec: `training.tables.learningRate`. */
export function valueAtPath(spec: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isPlain(at) ? at[key] : undefined), spec)
}
