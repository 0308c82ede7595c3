/**
 * The run that is being prepared, one for each dataset: a spec with its history, what names and groups it. Kept in this browser until it is
 * started, so that leaving or reloading the page loses nothing; a link with `?recipe=` or `?from=` begins anew where it differs from what was begun before.
 */
import { computed, shallowRef, watch } from 'vue'
import { useStored } from '@/composables/useStored.ts'
import * as histories from './spec/undo-history.ts'
import { isPlain } from '@contract/plain.ts'
import { type Path } from './spec/tree.ts'
import { formatPath, withValue } from './spec/values.ts'

/** Where a spec came from. */
export type Origin =
  { readonly kind: 'blank' } | { readonly kind: 'recipe'; readonly recipe: string } | { readonly kind: 'run'; readonly run: string }

export interface RunDraft {
  readonly origin: Origin
  /** whether somebody has chosen what it begins with */
  readonly begun: boolean
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
  begun: false,
  dataset: '',
  spec: { model: 'two-tower' },
  name: '',
  seeds: [1, 2, 3],
  tags: [],
  folder: '',
}

/** What is prepared, a draft a dataset, and the dataset that is shown. */
interface Drafts {
  readonly dataset: string
  readonly drafts: Readonly<Record<string, RunDraft>>
}

export function useRunDraft() {
  const stored = useStored<Drafts>('new-run.drafts', { dataset: '', drafts: {} }, areDrafts)
  const draftOf = (dataset: string): RunDraft => ({ ...(stored.value.drafts[dataset] ?? BLANK), dataset })
  const shown = computed(() => draftOf(stored.value.dataset))
  const beginHistory = () =>
    histories.startHistory<Pick<RunDraft, 'origin' | 'spec'>>({ origin: shown.value.origin, spec: shown.value.spec })
  const history = shallowRef(beginHistory())
  const draft = computed(() => ({ ...shown.value, ...history.value.now }))
  const keep = (kept: RunDraft): void => {
    stored.value = { dataset: kept.dataset, drafts: { ...stored.value.drafts, [kept.dataset]: kept } }
  }
  watch(history, ({ now }) => (draft.value.begun ? keep({ ...shown.value, ...now }) : undefined))

  const setSpec = (spec: unknown, place: string): void => {
    history.value = histories.recordChange(history.value, { ...history.value.now, spec }, place, performance.now())
  }
  /** The draft of a dataset; its undo history begins anew. */
  function open(dataset: string): void {
    stored.value = { ...stored.value, dataset }
    history.value = beginHistory()
  }
  return {
    draft,
    open,
    /** datasets that something is prepared for, the shown one left out */
    prepared: computed(() => Object.keys(stored.value.drafts).filter((dataset) => dataset !== stored.value.dataset)),
    /** what is prepared for another dataset, for the shown one */
    take: (from: string) => {
      keep({ ...draftOf(from), dataset: stored.value.dataset })
      history.value = beginHistory()
    },
    /** forgets the draft that was started, or given up */
    end: () => {
      const { [stored.value.dataset]: _ended, ...drafts } = stored.value.drafts
      stored.value = { ...stored.value, drafts }
      history.value = beginHistory()
    },
    /** one field of the draft besides the spec; not part of the history */
    edit: (part: Partial<Omit<RunDraft, 'spec' | 'dataset'>>) => keep({ ...shown.value, ...part }),
    setSpec,
    setAt: (path: Path, value: unknown) => setSpec(withValue(history.value.now.spec, path, value), formatPath(path)),
    /** a new beginning, which can be taken back too */
    begin: ({ origin, spec, dataset = stored.value.dataset, ...rest }: Pick<RunDraft, 'origin' | 'spec'> & Partial<RunDraft>) => {
      if (dataset !== stored.value.dataset) open(dataset)
      keep({ ...shown.value, ...rest, begun: true })
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

const areDrafts = (value: unknown): value is Drafts =>
  isPlain(value) && typeof value['dataset'] === 'string' && isPlain(value['drafts']) && Object.values(value['drafts']).every(isDraft)

function isDraft(value: unknown): value is RunDraft {
  if (!isPlain(value)) return false
  const { origin, begun, dataset, spec, name, seeds, tags, folder } = value
  const isOrigin =
    isPlain(origin) && (origin['kind'] === 'blank' || typeof origin['recipe'] === 'string' || typeof origin['run'] === 'string')
  const areSeeds = Array.isArray(seeds) && seeds.length > 0 && seeds.every((seed) => Number.isInteger(seed))
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
  return (
    isOrigin &&
    typeof begun === 'boolean' &&
    typeof dataset === 'string' &&
    isPlain(spec) &&
    typeof name === 'string' &&
    typeof folder === 'string' &&
    areSeeds &&
    areTags
  )
}
