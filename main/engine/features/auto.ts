/**
 * Features for a dataset nobody has configured: the id, one feature a column by its kind, and for users their history. Widths follow
 * the number of values (category: 1.6 n^0.56, the rule of fastai), so that a small dataset gets a small model.
 */
import { freeName } from '../../contract/free-name.ts'
import type { Column, ColumnKind, DatasetManifest } from '../../contract/shapes/dataset.ts'
import { type Feature, featureSchema } from '../../contract/shapes/features.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { ID_DROPOUT } from '../../contract/shapes/spec/id-dropout.ts'
import type { Side } from '../dataset/dataset.ts'
import { parseNumber } from '../dataset/cells/typed.ts'

/** The feature a column becomes, but for its name; null: none. */
const byKind = {
  id: () => null,
  ignore: () => null,
  longitude: () => null, // with its latitude
  latitude: () => null,
  category: (column) => ({
    kind: 'category',
    column: column.name,
    dim: categoryWidth(column.distinct),
    minCount: column.distinct > 1000 ? 2 : 1,
  }),
  tags: (column) => ({ kind: 'tags', column: column.name, dim: 16, minCount: column.distinct > 1000 ? 2 : 1 }),
  number: (column) => ({ kind: 'number', column: column.name, transform: isSkewed(column) ? 'log' : 'standard' }),
  text: (column) => ({ kind: 'text', column: column.name, dim: 32 }),
  // the age of an item makes every item younger than the training data unlike all that was trained: on the sample market it
  // takes the recall of cold items from 0.31 to 0.02, its period from 0.40 to 0.26. A config may still name it
  time: (column, side) => (side === 'item' ? null : { kind: 'time', column: column.name, parts: ['age'] }),
  vector: (column) => ({ kind: 'vector', column: column.name }),
} satisfies Record<ColumnKind, (column: Column, side: Side) => object | null>

/** Features of one side; never empty, for the id is always there. */
export function autoFeatures(side: Side, manifest: DatasetManifest): Feature[] {
  const count = side === 'user' ? manifest.users : manifest.items
  const columns = (side === 'user' ? manifest.userColumns : manifest.itemColumns).filter((column) => isTelling(column, count))
  const dim = count >= 10_000 ? 64 : 32
  const ofColumns = columns.flatMap((column) => (byKind[column.kind] as (column: Column, side: Side) => object | null)(column, side) ?? [])
  const content = [...ofColumns, ...places(columns)]
  const historyDim = manifest.items >= 10_000 ? 64 : 32
  const free = (name: string): string => (columns.some((column) => column.name === name) ? `earlier-${name}` : name)
  // always: a tower of ids alone cannot tell one new visitor from another, however few interactions most users have. The last few items
  // beside them all, where there is an order: on ml-latest-small validation NDCG@20 goes from 0.068 to 0.075
  const learned = ['history', ...(manifest.hasOrder ? ['recent'] : [])].map((name) => ({
    kind: 'history',
    name: free(name),
    dim: historyDim,
    ...(name === 'recent' && { maxLength: 5 }),
  }))
  // what their items were like, and those of the last week: validation NDCG@20 goes from 0.107 to 0.118 on the sample market, from 0.145
  // to 0.180 on Albany, where most users have one item to be told by
  const contents = ['taste', ...(manifest.hasTime && manifest.hasOrder ? ['lately'] : [])].map((name) => ({
    kind: 'history',
    name: free(name),
    content: true,
    dim: CONTENT_WIDTH,
    ...(name === 'lately' && { days: 7 }),
  }))
  const history = [...learned, ...(hasContents(manifest) ? contents : [])]
  // the period of the request is left out: what it gains where the last of each user is held out is what others did in that period, later
  // ones included, and a model that is served knows no such thing (docs/default.md)
  const rest = [...(side === 'user' ? history : []), ...content]
  const taken = new Set(['id'])
  return [{ kind: 'id', dim, unknownRate: rest.length > 0 ? ID_DROPOUT : 0 }, ...rest].map((draft) =>
    featureSchema.parse(named(draft, taken)),
  )
}

/** Columns of contents that there is room for without projecting them. */
const CONTENT_WIDTH = 256

/** Whether items have columns that say more than words do of what they are like. */
function hasContents({ itemColumns, items }: DatasetManifest): boolean {
  const told: readonly ColumnKind[] = ['category', 'tags', 'number', 'latitude', 'vector']
  return itemColumns.some((column) => told.includes(column.kind) && isTelling(column, items))
}

/** A column of one value, or almost none, says nothing; the values of vectors are not counted. */
const isTelling = ({ kind, distinct, missing }: Column, count: number): boolean =>
  (distinct > 1 || kind === 'vector') && missing < 0.95 * count

/** Name of the id feature that is an entity's augmented vector. */
export const AUGMENTED = 'augmented'

/** Width of the vectors both towers give, where the spec says it. */
export function vectorWidth({ user, item }: TwoTowerSpec): number | null {
  return user.output ?? item.output ?? user.hidden.at(-1) ?? item.hidden.at(-1) ?? null
}

/** A spec whose `auto` features are written out for this dataset. */
export function resolveFeatures(spec: TwoTowerSpec, manifest: DatasetManifest): TwoTowerSpec {
  const resolved = (side: Side): TwoTowerSpec[Side] => {
    const features = spec[side].features === 'auto' ? autoFeatures(side, manifest) : spec[side].features
    const dim = spec[side].augment === null ? null : vectorWidth(spec)
    if (dim === null || features.some(({ name }) => name === AUGMENTED)) return { ...spec[side], features }
    const augmented = featureSchema.parse({ kind: 'id', name: AUGMENTED, dim, unknownRate: ID_DROPOUT })
    return { ...spec[side], features: [...features, augmented] }
  }
  return { ...spec, user: resolved('user'), item: resolved('item') }
}

/** Of a place: validation NDCG@20 goes from 0.143 to 0.149 on the sample market, whose octaves are as long as the country. */
const WAVES = 32

/** Latitudes and longitudes in the order of the columns, pair by pair. */
function places(columns: readonly Column[]): object[] {
  const of = (kind: ColumnKind): Column[] => columns.filter((column) => column.kind === kind && column.storage === 'number')
  const longitudes = of('longitude')
  return of('latitude').flatMap(({ name }, i) => {
    const longitude = longitudes[i]?.name
    return longitude === undefined
      ? []
      : [{ kind: 'geo', latitude: name, longitude, waves: WAVES, name: i === 0 ? 'place' : `place${i + 1}` }]
  })
}

/** A draft with a name: its own, or made of its column's letters and digits, and never one that is taken. */
function named(draft: object, taken: Set<string>): object {
  const wanted = 'name' in draft ? String(draft.name) : 'column' in draft ? slug(String(draft.column)) : null
  if (wanted === null) return draft
  const name = freeName(wanted, taken)
  taken.add(name)
  return { ...draft, name }
}

function slug(column: string): string {
  return column.replace(/[^a-z0-9_-]+/gi, '-').replace(/^[^a-z0-9]+|-+$/gi, '') || 'column'
}

const categoryWidth = (distinct: number): number => Math.max(2, Math.min(32, Math.round(1.6 * distinct ** 0.56)))

/** Not negative, and the greatest is over ten times a typical value: the median sample, for want of the median. */
function isSkewed({ minimum, maximum, samples }: Column): boolean {
  if (minimum === null || maximum === null || minimum < 0) return false
  const values = samples
    .map(parseNumber)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b)
  return maximum > 10 * Math.max(1, values[Math.floor(values.length / 2)] ?? minimum)
}
