/** Parser of the runs table's query language: text to query, by recursive descent. */
import { isKeyword, tokenize, type Token } from './tokens.ts'
import {
  OPERATORS,
  QueryError,
  type Expected,
  type Expression,
  type Operator,
  type Query,
  type SortBy,
  type Span,
  type Word,
} from './query.ts'

/** @throws QueryError that names the characters it stumbles over; at the end of the text where something is missing */
export const parseQuery = (text: string): Query => new Parser(text).query()

const isOperator = (text: string): text is Operator => (OPERATORS as readonly string[]).includes(text)

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: Span
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
    this.#end = { from: text.length, to: text.length }
  }

  query(): Query {
    const where = this.#next === undefined || this.#isKeyword('sort') ? null : this.#or()
    const sort = this.#take('sort') ? this.#sorts() : []
    const rest = this.#next
    if (rest !== undefined) throw rest.text === ')' ? new QueryError({ kind: 'bracket' }, rest) : this.#expected('connective')
    return { where, sort }
  }

  #or(): Expression {
    return this.#joined('or', () => this.#and())
  }

  #and(): Expression {
    return this.#joined('and', () => this.#not())
  }

  #joined(kind: 'and' | 'or', part: () => Expression): Expression {
    const first = part()
    const of = [first]
    while (this.#take(kind)) of.push(part())
    return of.length === 1 ? first : { kind, of }
  }

  #not(): Expression {
    if (this.#take('not')) return { kind: 'not', of: this.#not() }
    const open = this.#mark('(')
    if (open === null) return this.#condition()
    if (++this.#depth > 100) throw new QueryError({ kind: 'bracket' }, open)
    const inside = this.#or()
    this.#depth--
    if (this.#mark(')') === null) throw this.#next === undefined ? this.#expected('connective') : new QueryError({ kind: 'bracket' }, open)
    return inside
  }

  #condition(): Expression {
    const word = this.#word('condition')
    const next = this.#next
    if (next?.kind === 'mark' && isOperator(next.text)) {
      this.#at++
      return { kind: 'compare', field: word, operator: next.text, value: this.#word('value', word.text) }
    }
    if (this.#take('in')) return { kind: 'in', field: word, values: this.#list(word) }
    return { kind: 'text', word }
  }

  #list(field: Word): Word[] {
    if (this.#mark('(') === null) throw this.#expected('open')
    const values = [this.#word('value', field.text)]
    while (this.#mark(',') !== null) values.push(this.#word('value', field.text))
    if (this.#mark(')') === null) throw this.#expected('separator')
    return values
  }

  #sorts(): SortBy[] {
    const sorts = [this.#sort()]
    while (this.#mark(',') !== null) sorts.push(this.#sort())
    return sorts
  }

  #sort(): SortBy {
    const word = this.#word('field')
    const descending = word.text.startsWith('-') && this.#tokens[this.#at - 1]!.kind === 'word'
    if (!descending) return { field: word, descending }
    if (word.text === '-') return { field: this.#word('field'), descending }
    return { field: { text: word.text.slice(1), from: word.from + 1, to: word.to }, descending }
  }

  #word(what: Expected, field: string | null = null): Word {
    const token = this.#next
    if (token === undefined || token.kind === 'mark' || (token.kind === 'word' && isKeyword(token.text))) throw this.#expected(what, field)
    this.#at++
    return { text: token.text, from: token.from, to: token.to }
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at]
  }
  #isKeyword(word: string): boolean {
    return this.#next?.kind === 'word' && this.#next.text.toLowerCase() === word
  }
  #take(word: string): boolean {
    const found = this.#isKeyword(word)
    if (found) this.#at++
    return found
  }
  #mark(text: string): Token | null {
    const token = this.#next
    if (token?.kind !== 'mark' || token.text !== text) return null
    this.#at++
    return token
  }
  #expected(what: Expected, field: string | null = null): QueryError {
    return new QueryError({ kind: 'expected', what, field }, this.#next ?? this.#end)
  }
}
