/** How texts of a column are read: as they are, without the blanks around them, without markup. */
import { sqlText } from '../duck.ts'
import { type CellForm, trimBlanks } from './cell-form.ts'

/** What markup stands for, in the order of its replacing; readers in another language take it from here too (export/reading.ts). */
export const MARKUP_ENTITIES = [
  ['&nbsp;', ' '],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
] as const

export const TEXT: CellForm<string> = { name: 'text', expected: 'text', sql: (cell) => cell, parse: (cell) => cell }
export const TRIMMED: CellForm<string> = { name: 'trimmed text', expected: 'text', sql: (cell) => `trim(${cell})`, parse: trimBlanks }

/** Elements of HTML that texts of catalogues have: what else stands in angle brackets is the text's own (`List<String>`, `<3`, `<unknown>`). */
const ELEMENTS =
  'a|abbr|article|b|big|blockquote|body|br|caption|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|ins|label|li|link|main|meta|nav|ol|p|pre|q|s|script|section|small|source|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video|wbr'
const TAG = `</?(?:${ELEMENTS})(?:[ \\t\\r\\n\\f/][^<>]*)?>`
export const TAGS = new RegExp(TAG, 'gi')
const HAS_TAG = new RegExp(TAG, 'i')

/** `<br />` is no word. */
const WITHOUT_MARKUP: CellForm<string> = {
  name: 'text without markup',
  expected: 'text',
  sql: (cell) =>
    MARKUP_ENTITIES.reduce(
      (sql, [entity, plain]) => `replace(${sql}, ${sqlText(entity)}, ${sqlText(plain)})`,
      `regexp_replace(${cell}, ${sqlText(TAG)}, ' ', 'gi')`,
    ),
  parse: (cell) => MARKUP_ENTITIES.reduce((plain, [entity, sign]) => plain.replaceAll(entity, sign), cell.replace(TAGS, ' ')),
}

export const TEXT_FORMS = [TEXT, TRIMMED, WITHOUT_MARKUP] as const

/** Text without markup where the sample has any. */
export function textForm(samples: readonly string[]): CellForm<string> {
  return samples.some((s) => HAS_TAG.test(s)) ? WITHOUT_MARKUP : TEXT
}
