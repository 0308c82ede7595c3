/** How texts of a column are read: as they are, without the blanks around them, without markup. */
import { sqlText } from '../duck.ts'
import { type CellForm, trimBlanks } from './cell-form.ts'

const ENTITIES = [
  ['&nbsp;', ' '],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
] as const

export const TEXT: CellForm<string> = { name: 'text', expected: 'text', sql: (cell) => cell, parse: (cell) => cell }
export const TRIMMED: CellForm<string> = { name: 'trimmed text', expected: 'text', sql: (cell) => `trim(${cell})`, parse: trimBlanks }

/** `<br />` is no word. */
const WITHOUT_MARKUP: CellForm<string> = {
  name: 'text without markup',
  expected: 'text',
  sql: (cell) =>
    ENTITIES.reduce(
      (sql, [entity, plain]) => `replace(${sql}, ${sqlText(entity)}, ${sqlText(plain)})`,
      `regexp_replace(${cell}, '</?[a-zA-Z][^<>]*>', ' ', 'g')`,
    ),
  parse: (cell) => ENTITIES.reduce((plain, [entity, sign]) => plain.replaceAll(entity, sign), cell.replace(/<\/?[a-zA-Z][^<>]*>/g, ' ')),
}

export const TEXT_FORMS = [TEXT, TRIMMED, WITHOUT_MARKUP] as const

/** Text without markup where the sample has any. */
export function textForm(samples: readonly string[]): CellForm<string> {
  return samples.some((s) => /<\/?[a-zA-Z][^<>]*>/.test(s)) ? WITHOUT_MARKUP : TEXT
}
