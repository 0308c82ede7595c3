/**
 * Filters by item feature: every named column must fit. A text or number is the value itself; a list of alternatives is any of them;
 * `{ "min": …, "max": … }` is a range; for a column of lists the item must have the value, or one of the alternatives, or `{ "all": […] }`.
 */
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { ColumnValues } from '../dataset/dataset.ts'

export type Filter = Readonly<Record<string, unknown>>
/** What an item has in a column: text, a number, a list of texts, or null. */
export type ItemValue = string | number | readonly string[] | null

export function itemValue(column: ColumnValues, key: number): ItemValue {
  if (column.storage === 'vector') return null
  const value = column.values[key] ?? null
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/**
 * Compiles a filter.
 * @param names the columns there are
 * @throws PylonError bad-input naming the property that is no column or cannot be read
 */
export function compileFilter(filter: Filter, names: readonly string[]): (valueOf: (column: string) => ItemValue) => boolean {
  const tests = Object.entries(filter).map(([name, wanted]) => {
    if (names.includes(name)) return { name, test: testOf(name, wanted) }
    throw badInput(`Items have no column "${name}"; ${didYouMean(name, names)}they have ${names.join(', ') || 'none'}.`, `filter.${name}`)
  })
  return (valueOf) => tests.every(({ name, test }) => test(valueOf(name)))
}

function testOf(name: string, wanted: unknown): (value: ItemValue) => boolean {
  if (isPlain(wanted)) return (value) => has(value, wanted)
  if (Array.isArray(wanted) && wanted.length > 0 && wanted.every(isPlain)) return (value) => wanted.some((each) => has(value, each))
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    const { min, max, all, ...rest } = wanted as Record<string, unknown>
    if (Object.keys(rest).length === 0) {
      if (Array.isArray(all) && min === undefined && max === undefined && all.every(isPlain))
        return (value) => all.every((each) => has(value, each))
      const bounds = [min, max].every((bound) => bound === undefined || (typeof bound === 'number' && Number.isFinite(bound)))
      if (all === undefined && bounds && (min !== undefined || max !== undefined))
        return (value) => typeof value === 'number' && value >= Number(min ?? -Infinity) && value <= Number(max ?? Infinity)
    }
  }
  throw badInput('Give a value, a list of alternatives, {"min": …, "max": …} or {"all": […]}.', `filter.${name}`)
}

const isPlain = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
const has = (value: ItemValue, wanted: string | number): boolean =>
  value !== null && (typeof value === 'object' ? value.includes(String(wanted)) : value === wanted || String(value) === String(wanted))
