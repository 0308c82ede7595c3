/**
 * The state of the inspect page, all of it in the URL: the run (and a second one), the user or item, or what was typed
 * in, and how to search. Going to another entity is a step in the history; turning a switch is not.
 */
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import type { EntitySide } from '@contract/shapes/entity.ts'
import type { TypedRow } from '@/components/entity/typed-row.ts'
import {
  useQueryChoice,
  useQueryFlag,
  useQueryList,
  useQueryNumber,
  useQueryPicks,
  useQueryState,
  useQueryValue,
} from '@/composables/useQueryState.ts'

const SIDES = ['user', 'item'] as const satisfies readonly EntitySide[]
const VIEWS = ['neighbours', 'flow', 'map'] as const

export type InspectionState = ReturnType<typeof useInspection>

export function useInspection() {
  const router = useRouter()
  const id = useQueryState('id')
  const typed = useQueryValue<TypedRow | null>('typed', null, {
    parse: parseRow,
    print: (row) => (row === null ? '' : JSON.stringify(row)),
  })
  const list = useQueryList('without')

  /** Another entity: what belonged to the one before is dropped. */
  const push = (change: Record<string, string>): void => {
    const { id: _id, typed: _typed, without: _without, explain: _explain, side: _side, view, ...kept } = router.currentRoute.value.query
    void router.push({ query: { ...kept, ...(view === 'flow' ? { view } : {}), ...change } })
  }
  const sided = (side: EntitySide): Record<string, string> => (side === 'item' ? { side } : {})

  return {
    run: useQueryState('run'),
    /** '' : one run alone */
    other: useQueryState('other'),
    side: useQueryChoice('side', SIDES),
    id,
    /** null: a known entity is asked about */
    typed,
    k: useQueryNumber('k', 20),
    includeSeen: useQueryFlag('seen'),
    ann: useQueryFlag('ann'),
    /** '' : the run's own */
    index: useQueryState('index'),
    /** positions of the history that are left out, rising */
    without: computed({
      get: () => list.value.map(Number).filter((position) => Number.isInteger(position) && position >= 0),
      set: (positions: readonly number[]) => {
        list.value = [...positions].sort((a, b) => a - b).map(String)
      },
    }),
    /** names of the item columns shown beside the hits; null: chosen by us */
    columns: useQueryPicks('columns'),
    /** the hit whose score is explained; '' : the first */
    explained: useQueryState('explain'),
    /** further runs over whose time the query is followed */
    beside: useQueryList('beside'),
    view: useQueryChoice('view', VIEWS),
    /** whether there is something to ask about */
    asks: computed(() => id.value !== '' || typed.value !== null),
    /** goes to another entity, as a step back can undo */
    go: (side: EntitySide, entity: string) => push({ ...sided(side), id: entity }),
    /** starts typing in a user or item */
    type: (side: EntitySide, row: TypedRow) => push({ ...sided(side), typed: JSON.stringify(row) }),
  }
}

/** Anybody may have typed the URL. */
function parseRow(text: string): TypedRow | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TypedRow) : null
  } catch {
    return null
  }
}
