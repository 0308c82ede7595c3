/** Tokenizer of the runs table's query language: words, operators, brackets. */
import { QueryError, type Span } from './query.ts'

export interface Token extends Span {
  readonly kind: 'word' | 'quoted' | 'mark'
  /** of a quoted word without quotes and escapes */
  readonly text: string
}

const MARKS = /^(?:!=|<=|>=|[=<>~(),])/
const WORD = /^[^\s()=!<>~,"]+/
const QUOTED = /^"((?:[^"\\]|\\.)*)"/

/** @throws QueryError where a quote has no end */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)?.[0]
    if (space !== undefined) {
      at += space.length
      continue
    }
    const quoted = QUOTED.exec(rest)
    const plain = MARKS.exec(rest)?.[0] ?? WORD.exec(rest)?.[0]
    if (quoted !== null) tokens.push({ kind: 'quoted', text: quoted[1]!.replace(/\\(.)/gs, '$1'), from: at, to: at + quoted[0].length })
    else if (plain !== undefined) tokens.push({ kind: MARKS.test(plain) ? 'mark' : 'word', text: plain, from: at, to: at + plain.length })
    else if (rest.startsWith('"')) throw new QueryError({ kind: 'quote' }, { from: at, to: text.length })
    else tokens.push({ kind: 'word', text: rest[0]!, from: at, to: at + 1 }) // a lone ! , which no rule takes
    at = tokens.at(-1)!.to
  }
  return tokens
}

/** Whether a text can stand without quotes. */
export const isPlain = (text: string): boolean => WORD.exec(text)?.[0] === text && !isKeyword(text)

export const isKeyword = (text: string): boolean => /^(and|or|not|in|sort)$/i.test(text)
