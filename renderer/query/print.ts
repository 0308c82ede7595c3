/** Printer of the query language: query to text, the shortest that reads back as the same query. */
import { isPlain } from './tokens.ts'
import type { Expression, Query } from './query.ts'

export function printQuery({ where, sort }: Query): string {
  const parts = where === null ? [] : [print(where, 0)]
  // a name that begins with - would be read as descending
  const name = (text: string): string => (text.startsWith('-') ? quote(text) : printWord(text))
  if (sort.length > 0) parts.push(`sort ${sort.map(({ field, descending }) => `${descending ? '-' : ''}${name(field.text)}`).join(', ')}`)
  return parts.join(' ')
}

const BINDS = { or: 1, and: 2, not: 3 } as const

/** `within`: how tightly what stands around it binds; brackets where that is tighter. */
function print(expression: Expression, within: number): string {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const binds = BINDS[expression.kind]
      const text = expression.of.map((part) => print(part, binds + 1)).join(` ${expression.kind} `)
      return binds < within ? `(${text})` : text
    }
    case 'not':
      return `not ${print(expression.of, BINDS.not)}`
    case 'compare':
      return `${printWord(expression.field.text)} ${expression.operator} ${printWord(expression.value.text)}`
    case 'in':
      return `${printWord(expression.field.text)} in (${expression.values.map(({ text }) => printWord(text)).join(', ')})`
    case 'text':
      return printWord(expression.word.text)
  }
}

export const printWord = (text: string): string => (isPlain(text) ? text : quote(text))
const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
