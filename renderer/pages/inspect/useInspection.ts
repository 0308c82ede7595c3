/**
 * What the page asks, all of it in the URL: the run (and a second one), the user or item, or what was typed in, and how to search. Going
 * to another entity is a step in the history; turning a switch is not.
 */
import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import type { EntitySide } from '@contract/shapes/entity.ts'
import type { TypedRow } from '@/components/entity/typed-row.ts'
import { useQueryFlag, useQueryList, useQueryNumber, useQueryState, useQueryValue } from '@/composables/useQueryState.ts'

export interface InspectionState {
  readonly run: WritableComputedRef<string>
  /** '' : one run alone */
  readonly other: WritableComputedRef<string>
  readonly side: WritableComputedRef<EntitySide>
  readonly id: WritableComputedRef<string>
  /** null: a known entity is asked about */
  readonly typed: WritableComputedRef<TypedRow | null>
  readonly k: WritableComputedRef<number>
  readonly includeSeen: WritableComputedRef<boolean>
  readonly ann: WritableComputedRef<boolean>
  /** '' : the run's own */
  readonly index: WritableComputedRef<string>
  /** positions of the history that are left out, rising */
  readonly without: WritableComputedRef<readonly number[]>
  /** names of the item columns shown beside the hits; null: chosen by us */
  readonly columns: WritableComputedRef<readonly string[] | null>
  /** the hit whose score is explained; '' : the first */
  readonly explained: WritableComputedRef<string>
  readonly view: WritableComputedRef<'neighbours' | 'map'>
  /** whether there is something to ask about */
  readonly asks: ComputedRef<boolean>
  /** goes to another entity, as a step back can undo */
  readonly go: (side: EntitySide, id: string) => void
  /** starts typing in a user or item */
  readonly type: (side: EntitySide, row: TypedRow) => void
}

export function useInspection(): InspectionState {
  const router = useRouter()
  const id = useQueryState('id')
  const typed = useQueryValue<TypedRow | null>('typed', null, {
    parse: parseRow,
    print: (row) => (row === null ? '' : JSON.stringify(row)),
  })
  const list = useQueryList('without')

  /** Another entity: what belonged to the one before is dropped. */
  const push = (change: Record<string, string>): void => {
    const {
      id: _id,
      typed: _typed,
      without: _without,
      explain: _explain,
      side: _side,
      view: _view,
      ...kept
    } = router.currentRoute.value.query
    void router.push({ query: { ...kept, ...change } })
  }
  const sided = (side: EntitySide): Record<string, string> => (side === 'item' ? { side } : {})

  return {
    run: useQueryState('run'),
    other: useQueryState('other'),
    side: useQueryValue<EntitySide>('side', 'user', { parse: (text) => (text === 'item' ? 'item' : 'user'), print: String }),
    id,
    typed,
    k: useQueryNumber('k', 20),
    includeSeen: useQueryFlag('seen'),
    ann: useQueryFlag('ann'),
    index: useQueryState('index'),
    without: computed({
      get: () => list.value.map(Number).filter((position) => Number.isInteger(position) && position >= 0),
      set: (positions) => {
        list.value = [...positions].sort((a, b) => a - b).map(String)
      },
    }),
    columns: useQueryValue<readonly string[] | null>('columns', null, {
      parse: (text) => (text === '-' ? [] : text.split(',').map(decodeURIComponent)),
      print: (names) => (names === null ? '' : names.length === 0 ? '-' : names.map(encodeURIComponent).join(',')),
    }),
    explained: useQueryState('explain'),
    view: useQueryValue<'neighbours' | 'map'>('view', 'neighbours', {
      parse: (text) => (text === 'map' ? 'map' : 'neighbours'),
      print: String,
    }),
    asks: computed(() => id.value !== '' || typed.value !== null),
    go: (side, entity) => push({ ...sided(side), id: entity }),
    type: (side, row) => push({ ...sided(side), typed: JSON.stringify(row) }),
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
