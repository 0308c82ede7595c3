/** The type of a recipe (a named spec that adapts to a dataset), and what recipes may ask of a dataset. */
import type { Column, ColumnKind, DatasetManifest } from '../../../contract/shapes/dataset.ts'
import type { RunConfig } from '../../../contract/shapes/spec.ts'
import type { RecipeView } from '../../../contract/verbs/recipes.ts'

/** A recipe fitted to a dataset: its spec, and what is not as in the paper because of this dataset. */
export interface AdaptedRecipe {
  readonly config: RunConfig
  readonly changes?: readonly string[]
}

export interface DatasetNeed {
  readonly what: string
  readonly met: (manifest: DatasetManifest) => boolean
  readonly remedy: string
}

export interface Recipe {
  readonly title: string
  readonly group: RecipeView['group']
  readonly summary: string
  readonly paper: string | null
  readonly claims: readonly string[]
  readonly ingredients: readonly string[]
  /** what differs from the paper on any dataset */
  readonly changes: readonly string[]
  readonly needs: readonly DatasetNeed[]
  /** called where all needs are met */
  adapt(manifest: DatasetManifest): AdaptedRecipe
}

export const needs = {
  order: {
    what: 'interactions in order of time',
    met: ({ hasOrder }) => hasOrder,
    remedy: 'import data with a time column, or a sequence file',
  },
  time: { what: 'times of the interactions', met: ({ hasTime }) => hasTime, remedy: 'import data with a time column' },
  content: {
    what: 'text, tags, categories or vectors of the items',
    met: (manifest) => itemColumns(manifest, 'text', 'tags', 'category', 'vector').length > 0,
    remedy: 'import a table of items',
  },
  strongEvent: {
    what: 'two event types, such as click and booking',
    met: ({ events }) => events.length > 1,
    remedy: 'import data with an event column',
  },
  market: {
    what: 'an item category or place to be a market',
    met: (manifest) => marketColumn(manifest) !== null,
    remedy: 'import a table of items with a category column',
  },
} as const satisfies Record<string, DatasetNeed>

/** Item columns of some kinds, of more than one value, in the order of the table. */
export function itemColumns({ itemColumns: columns, items }: DatasetManifest, ...kinds: ColumnKind[]): Column[] {
  return columns.filter(({ kind, distinct, missing }) => kinds.includes(kind) && distinct !== 1 && missing < 0.95 * items)
}

/** The item category with the most values that still groups items: a city, a neighbourhood, a genre. */
export function marketColumn(manifest: DatasetManifest): string | null {
  const groups = itemColumns(manifest, 'category').filter(({ distinct }) => distinct >= 2 && distinct <= manifest.items / 4)
  return groups.sort((a, b) => b.distinct - a.distinct)[0]?.name ?? null
}

/** The event that matters most, by its name (booking, purchase …), else the rarest; null where there is one type. */
export function strongestEvent({ events, profile }: DatasetManifest): string | null {
  if (events.length < 2) return null
  const named = events.find((event) => /book|purchase|order|buy|bought|convert|pay|save|repin/i.test(event))
  if (named !== undefined) return named
  return events.toSorted((a, b) => (profile.perEvent[events.indexOf(a)] ?? 0) - (profile.perEvent[events.indexOf(b)] ?? 0))[0]!
}

/** Large batches for large data: at least about a hundred steps an epoch, `most` at the most. */
export function batchFor(manifest: DatasetManifest, most = 2048): number {
  const wanted = manifest.parts.train / 100
  return Math.max(128, Math.min(most, 2 ** Math.round(Math.log2(Math.max(1, wanted)))))
}

/** Samples no more negatives than there are items. */
export const negativesFor = ({ items }: DatasetManifest, published: number): number =>
  Math.min(published, Math.max(16, Math.floor(items / 2)))

/** Training interactions beyond which tens of epochs from random numbers take an hour and more on two cores. */
const MANY = 500_000

/** Half the epochs at most where interactions are many, and what is said of that; early stopping ends most runs before. */
export function halfOfMany(
  { parts: { train } }: DatasetManifest,
  most: number,
): { readonly epochs: number; readonly changes: readonly string[] } {
  if (train <= MANY) return { epochs: most, changes: [] }
  return {
    epochs: most / 2,
    changes: [`${most / 2} epochs at most instead of ${most}: train has ${train.toLocaleString('en')} interactions`],
  }
}

/** Says that fewer negatives are drawn than published, where that is so. */
export function fewerNegatives(manifest: DatasetManifest, published: number): string[] {
  const drawn = negativesFor(manifest, published)
  return drawn === published
    ? []
    : [`${drawn} negatives instead of ${published}: the catalogue has ${manifest.items.toLocaleString('en')} items`]
}
