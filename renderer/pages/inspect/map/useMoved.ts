/**
 * What moved on the map: the items of the run after an epoch, and those of a second run, both turned onto the run as it is served; and which
 * of them moved most.
 */
import { computed } from 'vue'
import type { RunSummary } from '@contract/shapes/run.ts'
import type { VerbOutput } from '@contract/verbs.ts'
import { useQueryNumber } from '@/composables/useQueryState.ts'
import { useVerb } from '@/composables/useVerb.ts'
import type { Colouring } from './colours.ts'
import type { MapLayout } from './layouts.ts'

/** that are listed */
const MOST = 40
/** the colouring by it, which is no column of any dataset: names of columns do not begin so */
export const MOVED = ':moved'
const SERVED = -1

/** models without vectors */
const WITHOUT = ['most-popular', 'item-knn', 'ease']

type Moved = VerbOutput<'map.moved'>

/** @param layout null: there is no map yet */
export function useMoved(run: () => RunSummary, other: () => RunSummary | null, layout: () => MapLayout | null) {
  const asked = useQueryNumber('epoch', SERVED)
  const epoch = computed({
    get: () => (asked.value < 0 ? null : asked.value),
    set: (value: number | null) => (asked.value = value ?? SERVED),
  })
  const ask = (of: RunSummary, at: number | null) => {
    const on = layout()
    return on === null ? null : { run: of.run, epoch: at, to: run().run, layout: on }
  }
  const then = useVerb('map.moved', () => (epoch.value === null ? null : ask(run(), epoch.value)))
  const beside = useVerb('map.moved', () => {
    const second = other()
    return second === null || WITHOUT.includes(second.model) ? null : ask(second, null)
  })
  /** the answer before is of another layout until the next is there */
  const ofLayout = (answer: Moved | null): Moved | null => (answer?.layout === layout() ? answer : null)
  /** what is told of: the second run where there is one */
  const thenShown = computed(() => ofLayout(then.data.value))
  const besideShown = computed(() => ofLayout(beside.data.value))
  const told = computed(() => (other() === null ? thenShown.value : besideShown.value))
  const colouring = computed((): Colouring | null => {
    const moved = told.value?.moved
    return moved === undefined ? null : { kind: 'number', values: moved, minimum: 0, maximum: highest(moved) }
  })
  const most = computed(() => (told.value === null ? [] : mostMoved(told.value.moved, MOST)))
  return { epoch, then: thenShown, beside: besideShown, error: then.error, told, colouring, most }
}

/** Indices of the items that moved furthest, falling. */
export function mostMoved(moved: Float32Array, count: number): number[] {
  return [...moved.keys()].sort((a, b) => moved[b]! - moved[a]! || a - b).slice(0, count)
}

/** The end of the scale: a few that moved far leave the others their colours. */
function highest(moved: Float32Array): number {
  const sorted = moved.toSorted()
  return sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 0
}
