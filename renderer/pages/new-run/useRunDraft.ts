/**
 * The run that is being prepared: a spec with its history, the dataset, what names and groups it. Kept in this browser, so that leaving
 * or reloading the page loses nothing; a link with `?recipe=` or `?from=` begins anew where it differs from what was begun before.
 */
import { computed, shallowRef, watch } from 'vue'
import { useStored } from '@/composables/useStored.ts'
import * as histories from './spec/undo-history.ts'
import { isRecord, type Path } from './spec/tree.ts'
import { formatPath, withValue } from './spec/values.ts'

/** Where a spec came from. */
export type Origin =
  { readonly kind: 'blank' } | { readonly kind: 'recipe'; readonly recipe: string } | { readonly kind: 'run'; readonly run: string }

export interface RunDraft {
  readonly origin: Origin
  readonly dataset: string
  readonly spec: unknown
  readonly name: string
  readonly seeds: readonly number[]
  readonly tags: readonly string[]
  /** names with / between them; empty: none */
  readonly folder: string
}

export const BLANK: RunDraft = {
  origin: { kind: 'blank' },
  dataset: '',
  spec: { model: 'two-tower' },
  name: '',
  seeds: [1, 2, 3],
  tags: [],
  folder: '',
}

export function useRunDraft() {
  const stored = useStored<RunDraft>('new-run', BLANK, isDraft)
  const history = shallowRef(
    histories.startHistory<Pick<RunDraft, 'origin' | 'spec'>>({ origin: stored.value.origin, spec: stored.value.spec }),
  )
  const draft = computed(() => ({ ...stored.value, ...history.value.now }))
  watch(history, ({ now }) => (stored.value = { ...stored.value, ...now }))

  const setSpec = (spec: unknown, place: string): void => {
    history.value = histories.recordChange(history.value, { ...history.value.now, spec }, place, performance.now())
  }
  return {
    draft,
    /** one field of the draft besides the spec; not part of the history */
    edit: (part: Partial<Omit<RunDraft, 'spec'>>) => (stored.value = { ...stored.value, ...part }),
    setSpec,
    setAt: (path: Path, value: unknown) => setSpec(withValue(history.value.now.spec, path, value), formatPath(path)),
    /** a new beginning, which can be taken back too */
    begin: ({ origin, spec, ...rest }: Pick<RunDraft, 'origin' | 'spec'> & Partial<RunDraft>) => {
      stored.value = { ...stored.value, ...rest }
      history.value = histories.recordChange(history.value, { origin, spec }, `begin ${performance.now()}`, performance.now())
    },
    undo: () => (history.value = histories.undo(history.value)),
    redo: () => (history.value = histories.redo(history.value)),
    canUndo: computed(() => history.value.past.length > 0),
    canRedo: computed(() => history.value.future.length > 0),
  }
}

/** Names with / between them, or nothing. */
export const isFolder = (text: string): boolean => /^([^/]+(\/[^/]+)*)?$/.test(text)

function isDraft(value: unknown): value is RunDraft {
  if (!isRecord(value)) return false
  const { origin, dataset, spec, name, seeds, tags, folder } = value
  const isOrigin =
    isRecord(origin) && (origin['kind'] === 'blank' || typeof origin['recipe'] === 'string' || typeof origin['run'] === 'string')
  const areSeeds = Array.isArray(seeds) && seeds.length > 0 && seeds.every((seed) => Number.isInteger(seed))
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
  return (
    isOrigin &&
    typeof dataset === 'string' &&
    isRecord(spec) &&
    typeof name === 'string' &&
    typeof folder === 'string' &&
    areSeeds &&
    areTags
  )
}
