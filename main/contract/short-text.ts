/** Values of a spec on one line. */
import { isPlain } from './plain.ts'

/** A value on one line: text as it is, lists with commas, a thing of a kind by its kind, the rest as JSON. */
export function shortText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return '–'
  if (Array.isArray(value) && !value.some((entry) => typeof entry === 'object')) return value.length === 0 ? '[]' : value.join(', ')
  if (isPlain(value) && typeof value['kind'] === 'string') {
    const rest = Object.entries(value).filter(([key]) => key !== 'kind')
    return [value['kind'], ...(rest.length === 0 ? [] : [`(${rest.map(([key, inner]) => `${key} ${shortText(inner)}`).join(', ')})`])].join(
      ' ',
    )
  }
  return JSON.stringify(value)
}
