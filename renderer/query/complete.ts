/** Completion of a query of the runs table: what may come next at the cursor. */
import { parseQuery } from './parse.ts'
import { printWord } from './print.ts'
import { OPERATORS, QueryError, type Expected, type Field } from './query.ts'

export interface Completion {
  /** what it replaces */
  readonly from: number
  readonly to: number
  readonly options: readonly { readonly text: string; readonly kind: 'field' | 'operator' | 'value' | 'keyword' }[]
}

const MAX_COMPLETIONS = 60

export function complete(text: string, cursor: number, fields: readonly Field[]): Completion {
  const before = text.slice(0, cursor)
  const typed = /(?:"(?:[^"\\]|\\.)*|[^\s()=!<>~,"]*)$/.exec(before)![0]
  const from = cursor - typed.length
  const { what, field } = expectedAt(before.slice(0, from))
  const sortMinus = what === 'field' && typed.startsWith('-') ? '-' : ''
  const wanted = typed.replace(/^["-]/, '').toLowerCase()
  const ranked = (texts: readonly string[]): string[] =>
    texts
      .filter((entry) => entry.toLowerCase().includes(wanted) && entry.toLowerCase() !== wanted)
      .sort((a, b) => Number(b.toLowerCase().startsWith(wanted)) - Number(a.toLowerCase().startsWith(wanted)))
      .slice(0, MAX_COMPLETIONS)
  const names = (): Completion['options'] =>
    ranked(fields.map(({ name }) => name)).map((name) => ({ text: sortMinus + printWord(name), kind: 'field' }))
  const of = fields.find(({ name }) => name.toLowerCase() === field?.toLowerCase())
  const options = ((): Completion['options'] => {
    switch (what) {
      case 'condition':
        return [...names(), ...keywords(['not'], wanted)]
      case 'field':
        return names()
      case 'value':
        return ranked(of?.kind === 'flag' ? ['yes', 'no'] : (of?.values ?? [])).map((value) => ({ text: printWord(value), kind: 'value' }))
      case 'operator':
      case 'connective':
        return [
          ...(typed === '' && what === 'operator'
            ? operatorsOf(of).map((operator) => ({ text: operator, kind: 'operator' as const }))
            : []),
          ...keywords(what === 'operator' ? ['in', 'and', 'or', 'sort'] : ['and', 'or', 'sort'], wanted),
        ]
      case 'open':
        return [{ text: '(', kind: 'operator' }]
      case 'more':
        return [{ text: ',', kind: 'operator' }]
      case 'separator':
        return [
          { text: ',', kind: 'operator' },
          { text: ')', kind: 'operator' },
        ]
    }
  })()
  return { from, to: cursor, options }
}

const keywords = (words: readonly string[], wanted: string): Completion['options'] =>
  words.filter((entry) => entry.startsWith(wanted) && entry !== wanted).map((text) => ({ text, kind: 'keyword' }))

const operatorsOf = (field: Field | undefined): readonly string[] => {
  if (field === undefined) return OPERATORS
  if (field.kind === 'flag') return ['=', '!=']
  return field.kind === 'number' || field.kind === 'time' ? OPERATORS.filter((operator) => operator !== '~') : ['=', '!=', '~']
}

/** What the parser would want after a text: it is asked, and says so by its error at the end. */
function expectedAt(text: string): { what: Expected | 'more'; field: string | null } {
  try {
    const { where, sort } = parseQuery(text)
    if (where === null && sort.length === 0) return { what: 'condition', field: null }
    if (where === null || sort.length > 0) return { what: 'more', field: null }
    const last = lastOf(where)
    // a word at the end may be a field that waits for its operator
    return last.kind === 'text' ? { what: 'operator', field: last.word.text } : { what: 'connective', field: null }
  } catch (error) {
    const { problem, span } = error as QueryError
    if (problem.kind !== 'expected' || span.from < text.trimEnd().length) return { what: 'connective', field: null }
    if (problem.what !== 'connective') return { what: problem.what, field: problem.field }
    const word = /([^\s()=!<>~,"]+)\s*$/.exec(text)?.[1] ?? null
    return { what: 'operator', field: word }
  }
}

function lastOf(expression: NonNullable<ReturnType<typeof parseQuery>['where']>): typeof expression {
  if (expression.kind === 'and' || expression.kind === 'or') return lastOf(expression.of.at(-1)!)
  return expression.kind === 'not' ? lastOf(expression.of) : expression
}
