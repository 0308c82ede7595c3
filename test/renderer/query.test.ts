import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { complete } from '@/query/complete.ts'
import { checkQuery, compileQuery, fieldMap, type QueryColumns } from '@/query/evaluate-query.ts'
import { parseQuery } from '@/query/parse.ts'
import { printQuery } from '@/query/print.ts'
import { OPERATORS, QueryError, type Expression, type Field, type Query, type Word } from '@/query/query.ts'

const word = (text: string): Word => ({ text, from: 0, to: 0 })

/** A query without its positions. */
function bare(query: Query): unknown {
  return JSON.parse(JSON.stringify(query, (key, value: unknown) => (key === 'from' || key === 'to' ? undefined : value)))
}

const words = fc
  .oneof(
    fc.constantFrom('recall@20', 'loss', 'and', 'SORT', '-x', 'a b', '', '"', '\\', 'in', '0.15', '温度', '('),
    fc.string({ minLength: 1, maxLength: 8 }),
  )
  .map(word)
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('text' as const), word: words }),
    fc.record({ kind: fc.constant('compare' as const), field: words, operator: fc.constantFrom(...OPERATORS), value: words }),
    fc.record({ kind: fc.constant('in' as const), field: words, values: fc.array(words, { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('expression') }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }) }),
  ),
})).expression
const queries: fc.Arbitrary<Query> = fc.record({
  where: fc.option(expressions),
  sort: fc.array(fc.record({ field: words, descending: fc.boolean() }), { maxLength: 3 }),
})

describe('reading and printing', () => {
  test('the example of the manual', () => {
    const query = parseQuery('recall@20 > 0.15 and dataset = gowalla and loss in (bsl, ccl) sort -ndcg@20')
    expect(bare(query)).toEqual({
      where: {
        kind: 'and',
        of: [
          { kind: 'compare', field: { text: 'recall@20' }, operator: '>', value: { text: '0.15' } },
          { kind: 'compare', field: { text: 'dataset' }, operator: '=', value: { text: 'gowalla' } },
          { kind: 'in', field: { text: 'loss' }, values: [{ text: 'bsl' }, { text: 'ccl' }] },
        ],
      },
      sort: [{ field: { text: 'ndcg@20' }, descending: true }],
    })
  })

  test('what is printed reads back as the same query', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const text = printQuery(query)
        expect(bare(parseQuery(text))).toEqual(bare(query))
      }),
      { numRuns: 500 },
    )
  })

  test('any text is read or refused at characters within it, never otherwise', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom('a', '=', '(', ')', ',', 'and', 'not', 'sort', '-', '"', ' ')).map((parts) => parts.join(' ')),
        ),
        (text) => {
          try {
            const query = parseQuery(text)
            expect(bare(parseQuery(printQuery(query)))).toEqual(bare(query))
          } catch (error) {
            expect(error).toBeInstanceOf(QueryError)
            const { from, to } = (error as QueryError).span
            expect(0 <= from && from <= to && to <= text.length).toBe(true)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['recall@20 >', 'expected', 11],
    ['recall@20 > 0.1 loss = bsl', 'expected', 16],
    ['(a or b', 'expected', 7],
    ['a or b)', 'bracket', 6],
    ['loss in bsl', 'expected', 8],
    ['loss in (bsl, )', 'expected', 14],
    ['name = "x', 'quote', 7],
    ['sort', 'expected', 4],
    ['a and', 'expected', 5],
  ])('%s stumbles at its place', (text, kind, from) => {
    const error = (() => {
      try {
        parseQuery(text)
      } catch (thrown) {
        return thrown as QueryError
      }
      throw new Error('it was read')
    })()
    expect({ kind: error.problem.kind, from: error.span.from }).toEqual({ kind, from })
  })
})

const FIELDS: Field[] = [
  { name: 'name', kind: 'text', values: ['bsl-64', 'ccl-64', 'two words'] },
  { name: 'loss', kind: 'text', values: ['bsl', 'ccl'] },
  { name: 'recall@20', kind: 'number' },
  { name: 'created', kind: 'time' },
  { name: 'tags', kind: 'tags', values: ['cold', 'paper'] },
  { name: 'folder', kind: 'folder', values: ['losses'] },
  { name: 'pinned', kind: 'flag' },
]
const fields = fieldMap(FIELDS)
const texts: Record<string, (string | null)[]> = {
  name: ['bsl-64', 'ccl-64', 'two words', 'BSL-32'],
  loss: ['bsl', 'ccl', null, 'bsl'],
  tags: ['["cold"]', '["cold","paper"]', null, null],
  folder: ['losses', 'losses/ccl', 'loss', null],
}
const numbers: Record<string, number[]> = {
  'recall@20': [0.2, 0.1, NaN, 0.15],
  created: [0, 1, 2, 3].map((day) => Date.parse(`2026-03-0${day + 1}T12:00`) / 1000),
  pinned: [1, 0, 0, 0],
}
const source: QueryColumns = {
  numbers: (field) => numbers[field]!,
  codes: (field) => {
    const values = [...new Set(texts[field]!.filter((text) => text !== null))]
    return { values, codes: texts[field]!.map((text) => (text === null ? -1 : values.indexOf(text))) }
  },
  tagsOf: (value) => JSON.parse(value) as string[],
  haystack: (i) => `${texts['name']![i]!} ${texts['tags']![i] ?? ''}`.toLowerCase(),
}
const rows = (text: string): number[] => {
  const query = parseQuery(text)
  checkQuery(query, fields)
  return [0, 1, 2, 3].filter(compileQuery(query, fields, source))
}

describe('what it finds', () => {
  test.each([
    ['', [0, 1, 2, 3]],
    ['recall@20 > 0.1', [0, 3]],
    ['recall@20 >= 0.1 and not loss = ccl', [0, 3]],
    ['recall@20 != 0.2', [1, 2, 3]],
    ['loss in (ccl, BSL)', [0, 1, 3]],
    ['loss != bsl', [1, 2]],
    ['not loss in (bsl) or pinned = yes', [0, 1, 2]],
    ['name ~ 64', [0, 1]],
    ['bsl', [0, 3]],
    ['"two words"', [2]],
    ['tags = cold', [0, 1]],
    ['tags in (paper, none)', [1]],
    ['folder = losses', [0, 1]],
    ['created >= 2026-03-02 and created < 2026-03-04', [1, 2]],
    ['RECALL@20 > 0.1', [0, 3]],
  ])('%s', (text, found) => {
    expect(rows(text)).toEqual(found)
  })

  test.each([
    ['los = bsl', { kind: 'field', name: 'los', nearest: 'loss' }, 0],
    ['recall@20 > much', { kind: 'number', field: 'recall@20', text: 'much' }, 12],
    ['created > soon', { kind: 'time', field: 'created', text: 'soon' }, 10],
    ['loss < bsl', { kind: 'order', field: 'loss', text: 'bsl' }, 7],
    ['pinned = 1', { kind: 'flag', field: 'pinned', text: '1' }, 9],
    ['sort -ndgc', { kind: 'field', name: 'ndgc', nearest: null }, 6],
  ])('%s does not fit', (text, problem, from) => {
    try {
      rows(text)
      throw new Error('it was taken')
    } catch (error) {
      expect({ problem: (error as QueryError).problem, from: (error as QueryError).span.from }).toEqual({ problem, from })
    }
  })
})

describe('what it offers', () => {
  const offers = (text: string): string => {
    const { from, options } = complete(text, text.length, FIELDS)
    return `${from}: ${options.map((option) => option.text).join(' ')}`
  }
  test.each([
    ['', '0: name loss recall@20 created tags folder pinned not'],
    ['lo', '0: loss'],
    ['loss ', '5: = != ~ in and or sort'],
    ['loss = ', '7: bsl ccl'],
    ['loss = b', '7: bsl'],
    ['name = ', '7: bsl-64 ccl-64 "two words"'],
    ['loss in ', '8: ('],
    ['loss in (bsl, ', '14: bsl ccl'],
    ['loss in (bsl', '9: '],
    ['loss in (bsl ', '13: , )'],
    ['recall@20 > 0.1 ', '16: and or sort'],
    ['recall@20 > 0.1 a', '16: and'],
    ['recall@20 > 0.1 and ', '20: name loss recall@20 created tags folder pinned not'],
    ['recall@20 > 0.1 sort -re', '21: -recall@20 -created'],
    ['recall@20 ', '10: = != < <= > >= in and or sort'],
    ['(los', '1: loss'],
    ['pinned = ', '9: yes no'],
  ])('"%s"', (text, expected) => {
    expect(offers(text)).toBe(expected)
  })

  test('what it offers keeps a query readable up to there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 8 }), (choices) => {
        let text = ''
        for (const choice of choices) {
          const { from, options } = complete(text, text.length, FIELDS)
          const option = options[choice % Math.max(1, options.length)]
          if (option === undefined) return
          text = `${text.slice(0, from)}${option.text} `
        }
        try {
          parseQuery(text)
        } catch (error) {
          expect((error as QueryError).span.from).toBeGreaterThanOrEqual(text.trimEnd().length)
        }
      }),
    )
  })
})
