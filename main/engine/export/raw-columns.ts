/** Which columns the interactions of a dataset were imported from: a project reads later rows by the same. */
import { splitPairs } from '../../contract/import-options.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { LIKED } from '../import/prepare.ts'
import { sampleImportInput } from '../sample/sample.ts'

/**
 * `columns`: by role (user, item, time, event, weight, userId, itemId), as far as the dataset says; a public layout says none. `liked`: event
 * types that a rating made, null where none did.
 */
export function rawColumns({ recipe, source, events }: Pick<DatasetManifest, 'recipe' | 'source' | 'events'>): {
  columns: Record<string, string>
  liked: { from: number; yes: string; no: string } | null
} {
  const generated = recipe === undefined && source.seed !== null
  const map = generated ? sampleImportInput({ interactions: '', users: '', items: '' }).map : recipe?.['map']
  const pairs = splitPairs(typeof map === 'string' ? map : '').flatMap(({ pair }) => (pair === null || pair[1] === 'none' ? [] : [pair]))
  const least = recipe?.['positiveWeight']
  return {
    columns: Object.fromEntries(pairs),
    liked: typeof least === 'number' && events.length > 0 ? { from: least, ...LIKED } : null,
  }
}
