/** How files write vectors: numbers in brackets or bare, with commas, semicolons, pipes or blanks between them. */
import { sqlText } from '../duck.ts'
import { type CellForm, shareOf, trimSigns } from './cell-form.ts'
import { parseDouble } from './numbers.ts'

/** Elements that are no numbers are NaN. */
export type VectorForm = CellForm<readonly number[]>

const SEPARATORS = [',', ';', '|'] as const

function separated(separator: string | null): VectorForm {
  const between = separator ?? 'blanks'
  const bare = (cell: string): string => `trim(${cell}, ' []()')`
  const list = (cell: string): string =>
    separator === null ? `string_split_regex(${bare(cell)}, '\\s+')` : `string_split(${bare(cell)}, ${sqlText(separator)})`
  return {
    name: `vector with ${between}`,
    expected: `numbers with ${between} between them`,
    sql: (cell) => `list_transform(${list(cell)}, lambda e: TRY_CAST(e AS FLOAT))`,
    parse: (cell) => {
      const plain = trimSigns(cell, ' []()')
      const parts = separator === null ? plain.split(/[\t\n\f\r ]+/) : plain.split(separator)
      return parts.map((part) => Math.fround(parseDouble(part) ?? NaN))
    },
  }
}

export const VECTOR_FORMS: readonly VectorForm[] = [...SEPARATORS, null].map(separated)

/** The separator of most of the samples, else blanks. */
export function vectorForm(samples: readonly string[]): VectorForm {
  return separated(SEPARATORS.find((separator) => shareOf(samples, (s) => s.includes(separator)) >= 0.5) ?? null)
}

/** A list of numbers, with at least one that is not whole: whole numbers are more likely ids of tags. */
export function looksLikeVectors(samples: readonly string[]): boolean {
  const cell = /^\s*\[\s*[-+\d.eEnaNifIty,\s]+\]\s*$/
  return shareOf(samples, (s) => cell.test(s)) >= 0.95 && samples.some((s) => /\d\.\d/.test(s)) && samples.every((s) => s.includes(','))
}
