/** The run being prepared that a search is to go around: from the page of a new run to that of a new search, past a reload too. */
import { useStored } from '@/composables/useStored.ts'
import { isPlain } from '@contract/plain.ts'

export interface SearchedDraft {
  readonly dataset: string
  readonly name: string
  readonly spec: unknown
}

const isSearched = (value: unknown): value is SearchedDraft | null =>
  value === null || (isPlain(value) && typeof value['dataset'] === 'string' && typeof value['name'] === 'string' && isPlain(value['spec']))

export const useSearchedDraft = () => useStored<SearchedDraft | null>('searched-draft', null, isSearched)
