/** The table: sorting, columns kept, keys, virtual lines. */
import { mount, type VueWrapper } from '@vue/test-utils'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import DataTable from '@/components/DataTable.vue'
import { sortRows } from '@/components/table/sort.ts'
import type { DataColumn, Sort } from '@/components/table/data-column.ts'
import { scrollToColumn, useColumns } from '@/components/table/useColumns.ts'

interface Row {
  readonly id: string
  readonly n: number | null
  readonly s: string | null
}
const COLUMNS: DataColumn<Row>[] = [
  { id: 'id', title: 'Id', value: ({ id }) => id, fixed: true, pinned: true, width: 100 },
  { id: 'n', title: 'Number', value: ({ n }) => n, align: 'end' },
  { id: 's', title: 'Text', value: ({ s }) => s },
  { id: 'extra', title: 'Extra', value: () => 'x', hidden: true },
]
const rows = fc.array(
  fc.record({ id: fc.uuid(), n: fc.option(fc.integer({ min: -3, max: 3 })), s: fc.option(fc.constantFrom('a', 'B', 'c10', 'c9', '')) }),
  { maxLength: 30 },
)

beforeEach(() => localStorage.clear())

describe('sorting', () => {
  test('is a stable order with missing values last in either direction', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), (list, descending) => {
        const sorted = sortRows(list, COLUMNS, [{ column: 'n', descending }])
        const known = list.filter(({ n }) => n !== null)
        const expected = [
          ...[...known].sort((a, b) => (descending ? b.n! - a.n! : a.n! - b.n!)), // Array.sort is stable
          ...list.filter(({ n }) => n === null),
        ]
        expect(sorted).toEqual(expected)
      }),
    )
  })

  test('texts by number within them and whatever their case, then by the next column', () => {
    const list: Row[] = ['c10', 'B', null, 'a', 'c9', 'b', ''].map((s, i) => ({ id: String(i), n: i, s }))
    const by: Sort[] = [
      { column: 's', descending: false },
      { column: 'n', descending: true },
    ]
    expect(sortRows(list, COLUMNS, by).map(({ s }) => s)).toEqual(['a', 'B', 'b', 'c9', 'c10', '', null])
  })
})

describe('columns', () => {
  const ids = (columns: ReturnType<typeof useColumns<Row>>): string => columns.placed.value.map(({ column }) => column.id).join(' ')

  test('pinned ones come first and know where they stand; the layout is kept', async () => {
    const columns = useColumns('t', COLUMNS, 34)
    expect(ids(columns)).toBe('id n s')
    columns.toggle('extra')
    columns.moveTo('s', 'n')
    columns.pin('s', true)
    columns.resize('id', 120)
    columns.resize('n', 1)
    await nextTick()
    const again = useColumns('t', COLUMNS, 34)
    expect(ids(again)).toBe('id s n extra')
    expect(again.placed.value.map(({ width, left }) => [width, left])).toEqual([
      [120, 34],
      [110, 154],
      [44, null],
      [110, null],
    ])
    again.toggle('id') // fixed: stays
    expect(again.isShown('id')).toBe(true)
    again.reset()
    expect(ids(again)).toBe('id n s')
  })

  test('an active column comes into view beside the pinned ones, and one that is in view stays', () => {
    const placed = [{ width: 100, left: 34 }, ...[110, 110, 110, 400].map((width) => ({ width, left: null }))]
    const at = (column: number, from: number): number => scrollToColumn(placed, column, { lead: 34, from, width: 360 })
    expect(at(0, 50)).toBe(50) // pinned: always there
    expect([at(1, 0), at(2, 0)]).toEqual([0, 0])
    expect(at(3, 0)).toBe(34 + 100 + 330 - 360)
    expect(at(1, 104)).toBe(0)
    expect(at(2, 200)).toBe(110)
    expect(at(4, 0)).toBe(330) // wider than there is room: from its begin
  })

  test('a column that is new stands where it is declared; what is stored wrongly is forgotten', () => {
    localStorage.setItem('pylon.table.t', JSON.stringify({ order: ['s', 'id', 'gone'], widths: {}, shown: {}, pinned: {} }))
    expect(ids(useColumns('t', COLUMNS, 0))).toBe('id s n') // n follows id; pinned ones go first
    localStorage.setItem('pylon.table.t', '{"order": 3}')
    expect(ids(useColumns('t', COLUMNS, 0))).toBe('id n s')
  })

  test('any moves keep each column once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('id', 'n', 's', 'extra'), fc.constantFrom('id', 'n', 's', 'extra'))), (moves) => {
        localStorage.clear()
        const columns = useColumns('m', COLUMNS, 0)
        for (const [from, to] of moves) columns.moveTo(from, to)
        expect(columns.all.value.map(({ id }) => id).sort()).toEqual(['extra', 'id', 'n', 's'])
      }),
    )
  })
})

describe('the grid', () => {
  const list: Row[] = Array.from({ length: 1000 }, (_, i) => ({ id: `r${i}`, n: i % 10, s: null }))
  const make = (props: object = {}): VueWrapper =>
    mount(DataTable as never, {
      attachTo: document.body,
      props: { id: 'grid', label: 'Rows', columns: COLUMNS, rows: list, rowKey: ({ id }: Row) => id, selectable: true, ...props } as never,
    })

  test('says how many rows there are, whatever is drawn', () => {
    const grid = make().get('[role=grid]')
    expect(grid.attributes('aria-rowcount')).toBe('1001')
    expect(grid.attributes('aria-colcount')).toBe('4')
  })

  test('keys move the active cell, sort in the header, choose and open rows', async () => {
    const table = make()
    const grid = table.get('[role=grid]')
    const press = (key: string, more: object = {}): Promise<void> => grid.trigger('keydown', { key, ...more })
    await press('ArrowRight')
    expect(grid.attributes('aria-activedescendant')).toMatch(/--1-1$/)
    await press('Enter')
    expect(table.emitted('update:sort')!.at(-1)).toEqual([[{ column: 'n', descending: true }]])
    await press('ArrowDown') // the first row is now r9, with the largest number
    await press(' ')
    expect([...(table.emitted('update:selected')!.at(-1)![0] as Set<string>)]).toEqual(['r9'])
    await press('Enter')
    expect(table.emitted('open')).toEqual([[list[9]]])
    await press('F2')
    expect(table.emitted('edit')).toEqual([[list[9], 'n']])
    await press('a', { ctrlKey: true })
    expect((table.emitted('update:selected')!.at(-1)![0] as Set<string>).size).toBe(1000)
  })

  test('rows of a group can be folded away', async () => {
    const groups = [
      { key: 'a', rows: list.slice(0, 3) },
      { key: 'b', rows: list.slice(3, 5) },
    ]
    const grid = make({ groups, rows: undefined }).get('[role=treegrid]')
    expect(grid.attributes('aria-rowcount')).toBe('8')
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'Enter' })
    expect(grid.attributes('aria-rowcount')).toBe('5')
  })
})
