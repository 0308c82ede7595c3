/** The preparation of an import: corrections, splits, names, and where errors stand. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitPairs } from '@contract/import-options.ts'
import type { InspectedFile, FileInspection } from '@contract/shapes/inspection.ts'
import * as uses from '@/pages/data/import/column-use.ts'
import * as drafts from '@/pages/data/import/import-draft.ts'

const file = (
  role: InspectedFile['role'],
  columns: Record<string, InspectedFile['columns'][number]['role']>,
  path = `/x/${role}.csv`,
): InspectedFile => ({
  role,
  path,
  shown: path.slice(3),
  reader: 'delimited',
  bytes: 1,
  rows: 1,
  rowsExact: true,
  named: true,
  columns: Object.entries(columns).map(([name, columnRole]) => ({
    name,
    role: columnRole,
    confidence: null,
    reason: '',
    kind: null,
    how: '',
    samples: [],
    missing: 0,
  })),
})
const clicks = file('interactions', { who: 'user', what: 'item', when: 'time', extra: null })
const inspection = (more: Partial<FileInspection> = {}): FileInspection => ({
  format: 'table',
  source: { format: 'auto', interactions: '/x/interactions.csv' },
  files: [clicks],
  problems: [],
  counts: null,
  preparation: [],
  apart: null,
  hasWeight: false,
  events: [],
  hasTime: true,
  hasOrder: true,
  activity: null,
  findings: [],
  ...more,
})
const draft = drafts.newDraft({ files: ['/x/interactions.csv'] })

test('a role moves: its old column loses it, and what must be somewhere changes places', () => {
  expect(drafts.withRole(draft, clicks, 'extra', 'time').map).toEqual({ time: 'extra' })
  expect(drafts.withRole(draft, clicks, 'when', null).map).toEqual({ time: 'none' })
  expect(drafts.withRole(draft, clicks, 'who', 'item').map).toEqual({ user: 'what', item: 'who' })
  expect(drafts.withRole(draft, clicks, 'when', 'weight').map).toEqual({ time: 'none', weight: 'when' })
  expect(drafts.withRole(draft, clicks, 'who', 'user')).toBe(draft)
  expect(drafts.rolesFor('interactions', 'user')).not.toContain(null)
  expect(drafts.rolesFor('items', 'title')).toContain(null)
})

test('a guess that is not sure is said once it is confirmed', () => {
  expect(drafts.withConfirmed(draft, 'what', 'item').map).toEqual({ item: 'what' })
})

test('a file changes what it is: the other of that role is not used any more', () => {
  const both = inspection({ files: [clicks, file('items', { id: 'itemId' }), file('users', { id: 'userId' })] })
  const changed = drafts.withFileRole(
    { ...draft, kinds: { 'users.age': 'number', 'items.price': 'number' } },
    both,
    '/x/users.csv',
    'items',
  )
  expect(changed.source).toEqual({ roles: { interactions: '/x/interactions.csv', items: '/x/users.csv' } })
  expect(changed.kinds).toEqual({ 'items.price': 'number' })
})

test('corrections become options that the engine reads back, whatever the columns are called', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((name) => name.trim() !== ''),
      (column) => {
        const corrected = drafts.withKind({ ...draft, map: { time: column } }, 'items', column, 'tags')
        const input = drafts.inspectInput(corrected)
        expect(splitPairs(input.map ?? '').map(({ pair }) => pair)).toEqual([['time', column]])
        expect(splitPairs(input.kinds ?? '').map(({ pair }) => pair)).toEqual([[`items.${column}`, 'tags']])
      },
    ),
  )
})

test('the recommended split comes first', () => {
  expect(drafts.splitsFor(inspection())).toEqual(['leave-last', 'time', 'random'])
  expect(drafts.splitsFor(inspection({ hasTime: false, hasOrder: false }))).toEqual(['random'])
  expect(drafts.splitsFor(inspection({ files: [clicks, file('test', {})], hasTime: false, hasOrder: false }))).toEqual(['given', 'random'])
  const choice = { kind: 'time', cut: Date.UTC(2024, 0, 2) / 1000, fraction: 0.2, validation: 0.1, seed: 1 } as const
  expect(drafts.splitOption(choice)).toBe('time:2024-01-02T00:00:00Z')
  expect(drafts.splitOption({ ...choice, kind: 'random' })).toBe('random:0.2')
})

test('a recommended split becomes a choice, other settings kept', () => {
  const choice = { kind: 'random', cut: 7, fraction: 0.3, validation: 0.2, seed: 4 } as const
  expect(drafts.splitChoice('time:2024-12-16', choice)).toEqual({ ...choice, kind: 'time', cut: Date.UTC(2024, 11, 16) / 1000 })
  expect(drafts.splitChoice('time:1700000000', choice)).toEqual({ ...choice, kind: 'time', cut: 1_700_000_000 })
  expect(drafts.splitChoice('random:0.2', choice)).toEqual({ ...choice, fraction: 0.2 })
  expect(drafts.splitChoice('leave-last', choice)).toEqual({ ...choice, kind: 'leave-last' })
})

test('a cut by share leaves about that share after it', () => {
  const counts = fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }).filter((bins) => bins.reduce((a, b) => a + b, 0) > 0)
  fc.assert(
    fc.property(counts, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (bins, share) => {
      const activity = { from: 0, to: 60 * 86_400, counts: bins }
      const total = bins.reduce((a, b) => a + b, 0)
      const after = drafts.shareAfter(activity, drafts.cutAt(activity, share))
      // bins are a day wide here, so a cut misses by one bin at the most
      expect(after).toBeGreaterThanOrEqual(share - Math.max(...bins) / total - 1e-9)
      expect(after).toBeLessThanOrEqual(share + Math.max(...bins) / total + 1e-9)
    }),
  )
  expect(drafts.shareAfter({ from: 0, to: 4, counts: [1, 1, 1, 1] }, 2)).toBe(0.5)
  expect(drafts.shareAfter({ from: 0, to: 4, counts: [1, 1, 1, 1] }, -1)).toBe(1)
})

test('names fit, say what it is about, and are free', () => {
  expect(drafts.suggestName(inspection(), [])).toBe('x')
  expect(drafts.suggestName(inspection({ source: { format: 'movielens', path: '/data/ml-latest-small' } }), ['ml-latest-small'])).toBe(
    'ml-latest-small-2',
  )
  expect(drafts.suggestName(inspection({ files: [file('interactions', {}, '/tmp/123-456/my plays.csv.gz')] }), [])).toBe('my-plays')
  expect(drafts.freeDatasetName('…', [])).toBe('data')
})

test('errors name their file and column', () => {
  expect(drafts.errorLocation('ratings.csv:12 column "price"')).toEqual({ file: 'ratings.csv', column: 'price' })
  expect(drafts.errorLocation('a.parquet:row 3 column "x y"')).toEqual({ file: 'a.parquet', column: 'x y' })
  expect(drafts.errorLocation('ratings.csv')).toEqual({ file: 'ratings.csv', column: null })
  expect(drafts.errorLocation(undefined)).toEqual({ file: null, column: null })
})

test('what was stored by another version is no draft', () => {
  expect(drafts.isDraft(JSON.parse(JSON.stringify(draft)))).toBe(true)
  for (const odd of [null, {}, { ...draft, map: { nonsense: 'a' } }, { ...draft, source: {} }, { ...draft, header: 'maybe' }])
    expect(drafts.isDraft(odd)).toBe(false)
})

test('a sign of all files, and of one by its name', () => {
  const one = drafts.withSign(undefined, null, ';')!
  const both = drafts.withSign(one, 'items.csv', ',')!
  expect([one, both]).toEqual([';', ';,items.csv=comma'])
  expect([drafts.signFor(both, null), drafts.signFor(both, 'items.csv'), drafts.signFor(both, 'users.csv')]).toEqual([';', 'comma', ''])
  expect(drafts.withSign(drafts.withSign(both, 'items.csv', '')!, null, '')).toBeNull()
  expect(drafts.fileName('C:\\data\\a.csv')).toBe('a.csv')
})

test('a column describes the item or the user: what was found stays, and only the side that changes is said', () => {
  const named = (name: string, more: Partial<InspectedFile['columns'][number]> = {}): InspectedFile['columns'][number] => ({
    ...file('interactions', { [name]: null }).columns[0]!,
    ...more,
  })
  const log: InspectedFile = {
    ...clicks,
    columns: [
      ...clicks.columns,
      named('name', { role: 'title', describes: 'item', kind: 'text' }),
      named('price, net', { describes: 'item', kind: 'number' }),
      named('city', { describes: 'user', kind: 'category' }),
    ],
  }
  expect(log.columns.map(uses.useOf)).toEqual(['user', 'item', 'time', null, 'title', 'ofItem', 'ofUser'])
  expect(uses.withUse(draft, log, 'extra', 'ofUser')).toEqual({ ...draft, userColumns: 'city,extra' })
  expect(uses.withUse(draft, log, 'city', null)).toEqual({ ...draft, userColumns: 'none' })
  expect(uses.withUse(draft, log, 'city', 'ofItem')).toEqual({ ...draft, itemColumns: 'name,"price, net",city', userColumns: 'none' })
  expect(uses.withUse({ ...draft, kinds: { 'items.price, net': 'text' } }, log, 'price, net', null)).toEqual({
    ...draft,
    itemColumns: 'name',
  })
  expect(uses.withUse(draft, log, 'price, net', 'title')).toEqual({ ...draft, map: { title: 'price, net' } })
  expect(uses.withUse(draft, log, 'name', null)).toEqual({ ...draft, map: { title: 'none' }, itemColumns: '"price, net"' })
  expect(uses.withUse(draft, log, 'name', 'ofItem')).toEqual({ ...draft, map: { title: 'none' } })
  expect(uses.withUse(draft, log, 'when', 'ofItem')).toEqual({ ...draft, map: { time: 'none' }, itemColumns: 'name,"price, net",when' })
  expect(uses.withUse(draft, log, 'name', 'weight')).toEqual({
    ...draft,
    map: { title: 'none', weight: 'name' },
    itemColumns: '"price, net"',
  })
  const none = uses.withUse({ ...draft, itemColumns: 'none' }, { ...log, columns: clicks.columns }, 'extra', 'ofItem')
  expect(none.itemColumns).toBe('extra')
  expect(uses.usesFor(log, log.columns[3]!, ['interactions'])).toEqual([
    null,
    'user',
    'item',
    'time',
    'weight',
    'event',
    'ofItem',
    'title',
    'ofUser',
  ])
  expect(uses.usesFor(log, log.columns[3]!, ['interactions', 'items'])).not.toContain('ofItem')
  expect(uses.usesFor(log, log.columns[0]!, ['interactions'])).not.toContain('ofItem')
  expect(uses.kindsOf(log, log.columns[6]!)).toBe('users')
  expect(drafts.isDraft({ ...draft, itemColumns: 'a' })).toBe(true)
  expect(drafts.isDraft({ ...draft, itemColumns: 1 })).toBe(false)
  expect(drafts.inspectInput({ ...draft, userColumns: 'city' })).toMatchObject({ userColumns: 'city' })
})
