/**
 * The query language of the runs table: `recall@20 > 0.15 and dataset = gowalla and loss in (bsl, ccl) sort -ndcg@20`. Conditions join
 * with and, or, not and brackets; a word that is no condition is looked for in names, ids, tags and notes.
 */

/** Characters of the query, from inclusive, to exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '~'] as const
/** ~ : contains */
export type Operator = (typeof OPERATORS)[number]

/** A word as it is meant, without quotes. */
export interface Word extends Span {
  readonly text: string
}

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'compare'; readonly field: Word; readonly operator: Operator; readonly value: Word }
  | { readonly kind: 'in'; readonly field: Word; readonly values: readonly Word[] }
  | { readonly kind: 'text'; readonly word: Word }

export interface SortBy {
  readonly field: Word
  readonly descending: boolean
}

export interface Query {
  /** null: all runs */
  readonly where: Expression | null
  readonly sort: readonly SortBy[]
}

export type Expected = 'condition' | 'operator' | 'value' | 'open' | 'separator' | 'connective' | 'field'

/** What is wrong, at which characters; the page has the words. */
export class QueryError extends Error {
  readonly problem:
    | { readonly kind: 'expected'; readonly what: Expected; readonly field: string | null }
    | { readonly kind: 'quote' }
    | { readonly kind: 'bracket' }
    | { readonly kind: 'field'; readonly name: string; readonly nearest: string | null }
    | { readonly kind: 'number' | 'time' | 'order' | 'flag'; readonly field: string; readonly text: string }
  readonly span: Span
  constructor(problem: QueryError['problem'], span: Span) {
    super(problem.kind)
    this.name = 'QueryError'
    this.problem = problem
    this.span = span
  }
}

/** What may be asked of a field. */
export type FieldKind = 'number' | 'text' | 'tags' | 'time' | 'flag' | 'folder'
export interface Field {
  readonly name: string
  readonly kind: FieldKind
  /** values to offer */
  readonly values?: readonly string[]
}
