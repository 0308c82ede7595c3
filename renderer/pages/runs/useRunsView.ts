/** The state of the runs page: the query and what it finds, grouped and sorted. All of it lives in the URL. */
import { computed, shallowRef } from 'vue'
import { sortRows } from '@/components/table/sort.ts'
import type { DataColumn, Sort } from '@/components/table/data-column.ts'
import { useQueryFlag, useQueryState } from '@/composables/useQueryState.ts'
import { t } from '@/composables/texts.ts'
import { checkQuery, compileQuery, findField, type RowTest } from '@/query/evaluate-query.ts'
import { parseQuery } from '@/query/parse.ts'
import { printQuery } from '@/query/print.ts'
import { QueryError, type Query } from '@/query/query.ts'
import { useRuns } from '@/stores/runs.ts'
import { familyRows, groupsOf, singleRow, type ProtocolGroup, type RunRow } from './run-rows.ts'
import type { RunFields } from './useRunFields.ts'

/** Columns that tell every run apart, or are a group already. */
const UNGROUPED: ReadonlySet<string> = new Set(['name', 'run', 'note', 'protocol'])
const NEWEST: readonly Sort[] = [{ column: 'created', descending: true }]

export function useRunsView(fields: RunFields, columns: () => readonly DataColumn<RunRow>[]) {
  const runs = useRuns()
  const text = useQueryState('q')
  const families = useQueryFlag('families', true)
  /** id of the column whose values part the groups; '' for none */
  const groupBy = useQueryState('group')
  const openFamilies = shallowRef<ReadonlySet<string>>(new Set())

  const read = computed((): { query: Query | null; error: QueryError | null } => {
    try {
      const query = parseQuery(text.value)
      checkQuery(query, fields.byName.value)
      return { query, error: null }
    } catch (error) {
      // before the first answer nobody knows the fields
      return { query: null, error: runs.fields.spec.length === 0 ? null : (error as QueryError) }
    }
  })
  // while a query is being typed, what the last readable one found stays
  let last: Query = { where: null, sort: [] }
  const query = computed(() => (last = read.value.query ?? last))

  const places = computed((): readonly number[] => {
    const { page } = runs
    if (page === null) return []
    const all = Array.from(page.columns.run, (_, i) => i)
    if (query.value.where === null) return all
    const fits: RowTest = compileQuery(query.value, fields.byName.value, fields.source(page))
    return all.filter(fits)
  })

  const groupings = computed(() => [
    { value: '', label: t('runs.noGroup') },
    ...columns()
      .filter(({ id, align }) => (align !== 'end' && !UNGROUPED.has(id)) || id === 'seed')
      .map(({ id, title }) => ({ value: id, label: title })),
  ])

  const sort = computed<readonly Sort[]>({
    get: () => {
      const asked = query.value.sort.map(({ field, descending }) => ({ column: nameOf(field), descending }))
      return asked.length === 0 ? NEWEST : asked
    },
    set: (sorts) => {
      const word = (column: string): { text: string; from: number; to: number } => ({ text: column, from: 0, to: 0 })
      text.value = printQuery({ ...query.value, sort: sorts.map(({ column, descending }) => ({ field: word(column), descending })) })
    },
  })
  const nameOf = (field: Query['sort'][number]['field']): string => {
    try {
      return findField(field, fields.byName.value).name
    } catch {
      return field.text
    }
  }

  const groups = computed((): readonly ProtocolGroup[] => {
    const { page } = runs
    if (page === null) return []
    const order = (rows: readonly RunRow[]): readonly RunRow[] => sortRows(rows, columns(), sort.value)
    const column = columns().find(({ id }) => id === groupBy.value)
    return groupsOf(
      page,
      places.value,
      (members) =>
        families.value ? familyRows(page, members, openFamilies.value, order) : order(members.map((at) => singleRow(page, at))),
      column === undefined ? null : (at) => String(column.value(singleRow(page, at)) ?? '–'),
    )
  })
  return {
    text,
    error: computed(() => read.value.error),
    families,
    groupBy,
    groupings,
    openFamilies,
    sort,
    groups,
    found: computed(() => places.value.length),
  }
}
