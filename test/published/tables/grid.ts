/**
 * The cells of the tables: what differs from one base spec. A cell is data, so that the document can say what was compared and a change
 * of the base makes every cell anew.
 */
import type { DatasetManifest } from '../../../main/contract/shapes/dataset.ts'
import { type RunConfig, type TwoTowerSpec, specSchema } from '../../../main/contract/shapes/spec.ts'
import { columnFeatures, type FeatureConfig } from '../../../main/engine/towers/recipes/recipe-features.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { hashOf } from './results.ts'

export type TwoTowerConfig = Extract<RunConfig, { user?: unknown }>
export type LossConfig = NonNullable<TwoTowerConfig['loss']>

/** A dataset, what of it an epoch reads, and the columns that some cells name. */
export interface Source {
  readonly name: 'sample' | 'ml-latest-small'
  readonly title: string
  readonly perUserCap: number
  /** the item column of same-group negatives */
  readonly group: string
}

export const SOURCES: readonly Source[] = [
  { name: 'sample', title: 'Sample market', perUserCap: 4, group: 'room_type' },
  { name: 'ml-latest-small', title: 'MovieLens ml-latest-small', perUserCap: 40, group: 'year' },
]

export const SECTIONS = ['negatives', 'encoders', 'order', 'logq', 'hard', 'features', 'shown', 'forms', 'starts'] as const
export type Section = (typeof SECTIONS)[number]

export interface Cell {
  readonly section: Section
  readonly row: string
  readonly column: string
  /** train on histories whose order is lost */
  readonly shuffled?: true
  readonly change: (base: TwoTowerConfig, source: Source, manifest: DatasetManifest) => TwoTowerConfig
  /** where the dataset has what it takes; default: on all */
  readonly fits?: (manifest: DatasetManifest) => boolean
}

/** What every cell may spend. */
export const BUDGET = {
  epochs: 6,
  batchSize: 256,
  tables: { kind: 'adam', learningRate: 0.003 },
  dense: { kind: 'adam', learningRate: 0.0015 },
  earlyStopping: { metric: 'ndcg@20', patience: 6, maxUsers: 500 },
} as const

/** The spec that all cells share: a pooled history and the columns but for text, 32 dimensions, in-batch softmax. */
function baseConfig({ perUserCap }: Source, manifest: DatasetManifest): TwoTowerConfig {
  const columns = (side: 'user' | 'item'): FeatureConfig[] => columnFeatures(side, manifest).filter(({ kind }) => kind !== 'text')
  return {
    user: { features: [history({ kind: 'mean' }), ...columns('user')], hidden: [64], layerNorm: true, output: 32 },
    item: { features: [ITEM_ID, ...columns('item')], hidden: [64], layerNorm: true, output: 32 },
    match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.1 } },
    loss: { kind: 'in-batch-softmax' },
    training: { ...BUDGET, perUserCap },
  }
}

const ITEM_ID: FeatureConfig = { kind: 'id', dim: 32, unknownRate: 0.1 }

type Encoder = NonNullable<Extract<FeatureConfig, { kind: 'history' }>['encoder']>

function history(encoder: Encoder): FeatureConfig {
  const inputs: 'position'[] = encoder.kind === 'self-attention' ? ['position'] : []
  return { kind: 'history', dim: 32, maxLength: 20, encoder, inputs }
}

const NEGATIVES = 256
/** Losses that draw their own negatives. */
const DRAWN = ['sampled-softmax', 'nce', 'bce', 'bpr', 'hinge', 'ccl', 'bsl'] as const

const SAMPLERS = {
  uniform: { kind: 'uniform' },
  'uniform, met': { kind: 'popularity', alpha: 0 },
  'popularity^¾': { kind: 'popularity', alpha: 0.75 },
} as const

/** Negatives beside those of the loss. */
const EXTRAS: Readonly<Record<string, (source: Source) => NonNullable<TwoTowerConfig['extraNegatives']>>> = {
  '+ 2 hardest of batch': () => ({ inBatchHard: { perPositive: 2 } }),
  '+ memory': () => ({ memory: 1024 }),
  '+ same group': ({ group }) => ({ group: { column: group, perRow: 2 } }),
  '+ mined': () => ({ mined: { fromRank: 60, toRank: 300, perRow: 1 } }),
}

/** Column of a loss as it is. */
export const PLAIN = 'its own'
export const NEGATIVE_COLUMNS = [PLAIN, ...Object.keys(SAMPLERS), ...Object.keys(EXTRAS)]

function negatives(): Cell[] {
  const cell = (row: string, column: string, loss: LossConfig, extra?: (source: Source) => TwoTowerConfig['extraNegatives']): Cell => ({
    section: 'negatives',
    row,
    column,
    change: (base, source) => ({ ...base, loss, ...(extra === undefined ? {} : { extraNegatives: extra(source) }) }),
  })
  const samplers = Object.entries(SAMPLERS)
  const extras = Object.entries(EXTRAS)
  const drawn = [...DRAWN, 'mixed-softmax' as const].flatMap((kind) => [
    ...samplers.map(([name, sampler]) => cell(kind, name, { kind, negatives: NEGATIVES, sampler })),
    ...(kind === 'mixed-softmax' ? [] : extras).map(([name, extra]) =>
      cell(kind, name, { kind, negatives: NEGATIVES, sampler: SAMPLERS.uniform }, extra),
    ),
  ])
  return [
    cell('in-batch-softmax', PLAIN, { kind: 'in-batch-softmax' }),
    // its only negatives would be the hardest: those belong to losses that draw others
    ...extras.slice(1).map(([name, extra]) => cell('in-batch-softmax', name, { kind: 'in-batch-softmax' }, extra)),
    ...drawn,
    cell('full-softmax', PLAIN, { kind: 'full-softmax' }),
    cell('directau', PLAIN, { kind: 'directau' }),
  ]
}

const ENCODERS: readonly Encoder[] = [
  { kind: 'mean' },
  { kind: 'recency', halfLife: 5 },
  { kind: 'attention' },
  { kind: 'self-attention', layers: 1 },
  { kind: 'gru' },
  { kind: 'short-long' },
  { kind: 'interests', count: 2 },
]

function encoders(): Cell[] {
  const withEncoder =
    (encoder: Encoder): Cell['change'] =>
    (base) => {
      const { features = [] } = base.user ?? {}
      const others = features === 'auto' ? [] : features.filter(({ kind }) => kind !== 'history')
      return { ...base, user: { ...base.user, features: [history(encoder), ...others] } }
    }
  return ENCODERS.flatMap((encoder): Cell[] => {
    const change = withEncoder(encoder)
    const ordered: Cell = { section: 'encoders', row: encoder.kind, column: '', change }
    if (encoder.kind === 'interests' || encoder.kind === 'attention') return [ordered]
    return [ordered, { section: 'order', row: encoder.kind, column: 'order lost', shuffled: true, change }]
  })
}

function logQ(): Cell[] {
  const cell = (row: string, loss: LossConfig): Cell => ({ section: 'logq', row, column: '', change: (base) => ({ ...base, loss }) })
  const kind = 'in-batch-softmax'
  return [
    cell('corrected', { kind, logQ: 1 }),
    cell('off', { kind, logQ: 0 }),
    cell('inverted', { kind, logQ: -1 }),
    cell('corrected, refined form', { kind, form: 'refined' }),
    cell('corrected, streaming estimate', { kind, estimator: { kind: 'streaming' } }),
    cell('corrected, count-min sketch', { kind, estimator: { kind: 'count-min' } }),
  ]
}

/**
 * Two random negatives a row, so that two hard ones weigh as much, and batches of 16: in a catalogue of thousands the hardest of hundreds
 * are among the user's first hundredth, where they are what the user likes as often as not.
 */
const FEW = { negatives: 2, batchSize: 16 } as const

function hard(): Cell[] {
  const cell = (row: string, extraNegatives: TwoTowerConfig['extraNegatives']): Cell => ({
    section: 'hard',
    row,
    column: '',
    change: (base) => ({
      ...base,
      loss: { kind: 'hinge', negatives: FEW.negatives, shared: false },
      extraNegatives,
      training: { ...base.training, batchSize: FEW.batchSize },
    }),
  })
  return [
    cell('none', {}),
    ...[1, 2, 4, 8].map((perPositive) => cell(`${perPositive} hardest of the batch`, { inBatchHard: { perPositive } })),
    cell('mined, ranks 1–20', { mined: { fromRank: 1, toRank: 20, perRow: 1 } }),
    cell('mined, ranks 60–300', { mined: { fromRank: 60, toRank: 300, perRow: 1 } }),
    cell('mined, ranks 60–300, half easy', { mined: { fromRank: 60, toRank: 300, perRow: 1, easyPerHard: 1 } }),
    cell('mined, ranks 60–300, 8 a row', { mined: { fromRank: 60, toRank: 300, perRow: 8 } }),
  ]
}

function features(): Cell[] {
  const cell = (row: string, kinds: readonly string[], withId = true): Cell => ({
    section: 'features',
    row,
    column: '',
    fits: (manifest) => columnFeatures('item', manifest).some(({ kind }) => kinds.length === 0 || kinds.includes(kind)),
    change: (base, _source, manifest) => {
      const columns = columnFeatures('item', manifest).filter(({ kind }) => kinds.includes(kind))
      return { ...base, item: { ...base.item, features: [...(withId ? [ITEM_ID] : []), ...columns] } }
    },
  })
  const all = ['text', 'geo', 'category', 'tags', 'number', 'vector']
  return [
    cell('id', []),
    cell('id + text', ['text']),
    cell('id + place', ['geo']),
    cell('id + categories and tags', ['category', 'tags']),
    cell('id + all', all),
    cell('all without id', all, false),
  ]
}

/** Bookings alone are positives; what was seen and not booked is, or is not, a negative. */
function shown(): Cell[] {
  const cell = (row: string, extraNegatives: TwoTowerConfig['extraNegatives'], sampled = NEGATIVES): Cell => ({
    section: 'shown',
    row,
    column: '',
    fits: ({ events }) => events.includes('booking'),
    change: (base) => ({
      ...base,
      loss: { kind: 'sampled-softmax', negatives: sampled },
      extraNegatives,
      training: { ...base.training, events: ['booking'], batchSize: 128 },
      evaluation: { events: ['booking'], seen: 'included' },
    }),
  })
  return [
    cell('uniform', {}),
    cell('uniform + 2 seen in the trip', { session: { perRow: 2, gapMinutes: 1440 } }),
    cell('uniform + 2 viewed at any time', { impressions: { event: 'view', perRow: 2 } }),
    cell('4 seen in the trip, one uniform', { session: { perRow: 4, gapMinutes: 1440 } }, 1),
  ]
}

/** Losses beside sampled softmax and binary cross-entropy, of which they are forms; all draw alike. */
function forms(): Cell[] {
  const cell = (row: string, lossOf: (items: number) => LossConfig): Cell => ({
    section: 'forms',
    row,
    column: '',
    change: (base, _source, { items }) => ({ ...base, loss: lossOf(items) }),
  })
  const drawn = { negatives: NEGATIVES, sampler: SAMPLERS.uniform }
  const activations = ['tanh', 'atan', 'relu'] as const
  return [
    cell('sampled-softmax', () => ({ kind: 'sampled-softmax', ...drawn })),
    ...activations.map((activation) => cell(`psl, ${activation}`, () => ({ kind: 'psl', activation, temperature: 0.1, ...drawn }))),
    cell('sl-at-k, k 20', () => ({ kind: 'sl-at-k', k: 20, ...drawn })),
    cell('bsl, each positive by itself', () => ({ kind: 'bsl', pooled: false, ...drawn })),
    cell('bsl, exponent 1.22', () => ({ kind: 'bsl', exponent: 1.22, ...drawn })),
    cell('bce', () => ({ kind: 'bce', ...drawn })),
    cell('bce as gBCE, t 0.75', (items) => ({ kind: 'bce', positivePower: gbcePower(NEGATIVES / (items - 1)), ...drawn })),
  ]
}

/** β of gBCE at t = 0.75 (Petrov & Macdonald 2023, eq. 11). @param rate share of the items that are drawn */
function gbcePower(rate: number): number {
  const t = 0.75
  return rate * (t * (1 - 1 / rate) + 1 / rate)
}

/** Towers that a closed form can fill whole, and one with a hidden layer, which it cannot. */
function starts(): Cell[] {
  const linear = { hidden: [], layerNorm: false, output: null }
  const cell = (row: string, kind: 'random' | 'spectral', towers: object): Cell => ({
    section: 'starts',
    row,
    column: '',
    change: (base) => ({
      ...base,
      user: { ...base.user, features: [history({ kind: 'mean' })], ...towers },
      item: { ...base.item, features: [ITEM_ID], ...towers },
      match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.1 } },
      loss: { kind: 'sampled-softmax', negatives: NEGATIVES, sampler: SAMPLERS.uniform },
      training: { ...base.training, init: { kind } },
    }),
  })
  return [
    cell('ids alone, drawn', 'random', linear),
    cell('ids alone, from the decomposition', 'spectral', linear),
    cell('with a hidden layer, drawn', 'random', {}),
    cell('with a hidden layer, from the decomposition', 'spectral', {}),
  ]
}

/** Short sections first, so that they have all their seeds when time runs out. */
export const CELLS: readonly Cell[] = [
  ...logQ(),
  ...features(),
  ...encoders(),
  ...hard(),
  ...shown(),
  ...forms(),
  ...starts(),
  ...negatives(),
]

export const keyOf = ({ section, row, column }: Cell): string => [section, row, column].join('|')

/** What a cell trains with a seed, and the name its result is kept by. */
export function trial(cell: Cell, source: Source, manifest: DatasetManifest, seed: number): { spec: TwoTowerSpec; hash: string } {
  const spec = specOf(cell, source, manifest, seed)
  return { spec, hash: hashOf(manifest.checksum, spec, cell.shuffled === true) }
}

function specOf(cell: Cell, source: Source, manifest: DatasetManifest, seed: number): TwoTowerSpec {
  const config = cell.change(baseConfig(source, manifest), source, manifest)
  const spec = resolveSpec(specSchema.parse({ ...config, training: { ...config.training, seed } }), manifest)
  if (spec.model !== 'two-tower') throw new Error('A cell is a two-tower.')
  return spec
}
