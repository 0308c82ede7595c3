/**
 * The encoders of features as ONNX nodes, a row a kind: raw columns in, the tower's inputs out, in the arithmetic of the kinds themselves
 * (double precision until the last step). What standard operators cannot say stays an encoded input: hashing (MurmurHash3 needs integer
 * multiplication modulo 2^32 over bytes of text) and the cutting of text into words. That is said in `encoded`.
 */
import { planeWaves } from '../../features/kinds/geo.ts'
import type { FeatureKind, FeatureOf } from '../../../contract/shapes/features.ts'
import { historyVocabulary } from '../../features/typed-context.ts'
import { CLOCKS, type TimeState } from '../../features/kinds/time.ts'
import type { MeanSd } from '../../features/standardise.ts'
import type { Clock, FrozenEncoders, FrozenFeature } from '../../features/encoded.ts'
import type { Vocabulary } from '../../features/vocabulary.ts'
import type { Name, RawBuilder } from './builder.ts'

/** Rows of a table and their weights: int64 and float32, both [n, length]. */
export interface RawBag {
  readonly rows: Name
  readonly weights: Name
}

/** What a feature gives its tower; null where it stays an encoded input. */
export interface RawFeature {
  /** float32 [n, width] blocks of the entity's dense inputs, in order */
  readonly dense: readonly Name[]
  /** by suffix of the table: '', '.cell0', '.hour' */
  readonly bags: Readonly<Record<string, RawBag>>
  /** constants of the request context's dense inputs */
  readonly context: readonly number[]
}

export interface RawContext {
  readonly builder: RawBuilder
  readonly encoders: FrozenEncoders
  /** the input that holds what a history keeps */
  readonly historyName: (feature: string) => string
}
type Encode<K extends FeatureKind> = (feature: FeatureOf<K>, state: FrozenFeature['state'], context: RawContext) => RawFeature | string

const ROWS = ['rows'] as const
const NOTHING: RawFeature = { dense: [], bags: {}, context: [] }
const ROW_BY_ROW = 'its items enter the tower one by one, the most recent first, with their ages and events'
const HASHED = 'its values are hashed (MurmurHash3), which standard ONNX operators cannot do'

const kinds = {
  id(_, state, { builder: b }) {
    const vocabulary = vocabularyValues(state['vocabulary'])
    if (vocabulary === null) return HASHED
    const id = b.input('id', 'text', ROWS)
    const rows = b.unsqueeze(rowOf(b, id, vocabulary), 1)
    return { ...NOTHING, bags: { '': { rows, weights: ones(b, id) } } }
  },

  category(feature, state, { builder: b }) {
    const vocabulary = vocabularyValues(state['vocabulary'])
    if (vocabulary === null) return HASHED
    const text = b.input(feature.column, 'text', ROWS)
    return { ...NOTHING, bags: { '': { rows: b.unsqueeze(rowOf(b, text, vocabulary), 1), weights: b.unsqueeze(present(b, text), 1) } } }
  },

  tags(feature, state, { builder: b }) {
    const vocabulary = vocabularyValues(state['vocabulary'])
    if (vocabulary === null) return HASHED
    const list = b.input(feature.column, 'text', ['rows', `${feature.column}.length`])
    return { ...NOTHING, bags: { '': meanOf(b, rowOf(b, list, vocabulary), present(b, list)) } }
  },

  number(feature, state, { builder: b }) {
    const { moments, hasMissing, edges } = state as { moments: MeanSd | null; hasMissing: boolean; edges: readonly number[] | null }
    const raw = b.input(feature.column, 'float64', ROWS)
    const missing = b.add('IsNaN', [raw])
    const filled = b.add('Where', [missing, b.double(0), raw])
    const value = feature.transform === 'log' ? log1p(b, filled) : filled
    if (edges !== null) {
      const row = b.add('Where', [missing, b.int(0), bucketRow(b, value, edges)])
      return { ...NOTHING, bags: { '': { rows: b.unsqueeze(row, 1), weights: ones(b, raw) } } }
    }
    const scaled = standardised(b, value, moments!)
    return { ...NOTHING, dense: denseOf(b, scaled, missing, hasMissing) }
  },

  text: ({ encoder }) =>
    encoder === undefined
      ? 'its words and character n-grams are cut by Unicode rules and hashed (MurmurHash3), which standard ONNX operators cannot do'
      : `its vector is made by the sentence model "${encoder.model}", a graph and a tokenizer of their own`,

  geo(feature, state, { builder: b }) {
    const s = state as {
      latitude: number
      longitude: number
      x: MeanSd
      y: MeanSd
      scaleKm: number
      nearKm?: number
      hasMissing: boolean
      cells: readonly Vocabulary[]
    }
    const [latitude, longitude] = [b.input(feature.latitude, 'float64', ROWS), b.input(feature.longitude, 'float64', ROWS)]
    const missing = b.add('Or', [b.add('IsNaN', [latitude]), b.add('IsNaN', [longitude])])
    const km = (6371.0088 * Math.PI) / 180
    const east = wrapped(b, b.add('Sub', [b.add('Where', [missing, b.double(s.longitude), longitude]), b.double(s.longitude)]))
    const x = b.add('Mul', [east, b.double(km * Math.cos((s.latitude * Math.PI) / 180))])
    const y = b.add('Mul', [b.add('Sub', [b.add('Where', [missing, b.double(s.latitude), latitude]), b.double(s.latitude)]), b.double(km)])
    const there = b.cast(b.add('Not', [missing]), 'float32')
    const kept = (value: Name): Name => b.unsqueeze(b.add('Mul', [b.cast(value, 'float32'), there]), 1)
    const waves = Array.from({ length: feature.frequencies }, (_, k) => {
      const turn = b.double((2 ** k * Math.PI) / s.scaleKm)
      // sine and cosine are taken in single precision, which is what runtimes have; the turn is reduced to one period before
      const angle = (value: Name): Name => b.cast(period(b, b.add('Mul', [value, turn])), 'float32')
      const [ax, ay] = [angle(x), angle(y)]
      return [b.add('Sin', [ax]), b.add('Cos', [ax]), b.add('Sin', [ay]), b.add('Cos', [ay])].map(kept)
    }).flat()
    const planes = planeWaves(feature.waves, s.scaleKm, s.nearKm ?? s.scaleKm).flatMap(({ east: turnX, north: turnY }) => {
      const phase = b.add('Add', [b.add('Mul', [x, b.double(turnX)]), b.add('Mul', [y, b.double(turnY)])])
      const angle = b.cast(period(b, phase), 'float32')
      return [b.add('Sin', [angle]), b.add('Cos', [angle])].map(kept)
    })
    const dense = [
      kept(standardised(b, x, s.x)),
      kept(standardised(b, y, s.y)),
      ...waves,
      ...planes,
      ...(s.hasMissing ? [b.unsqueeze(b.cast(missing, 'float32'), 1)] : []),
    ]
    const bags = Object.fromEntries(feature.cellsKm.map((edge, i) => [`.cell${i}`, cellBag(b, x, y, edge, s.cells[i]!, there)]))
    return { ...NOTHING, dense, bags }
  },

  time(feature, state, { builder: b, encoders }) {
    const { reference, age, hasMissing, edges = [] } = state as TimeState
    const isEvent = feature.column === null
    const raw = b.input(feature.column ?? feature.name, 'float64', ROWS)
    const missing = b.add('IsNaN', [raw])
    const instead = isEvent ? (encoders.referenceTime ?? reference) : reference
    const seconds = b.add('Where', [missing, b.double(instead), raw])
    const there = isEvent ? ones(b, raw) : b.unsqueeze(b.cast(b.add('Not', [missing]), 'float32'), 1)
    const rowOf = {
      hour: () => hourRow(b, seconds),
      weekday: () => weekdayRow(b, seconds),
      period: () => bucketRow(b, seconds, edges),
    } satisfies Record<Clock, () => Name>
    const parts = CLOCKS.filter((part) => feature.parts.includes(part))
    const bags = Object.fromEntries(parts.map((part) => [`.${part}`, { rows: b.unsqueeze(rowOf[part](), 1), weights: there }]))
    if (isEvent) return { dense: [], bags, context: age === null ? [] : [clipped((0 - age.mean) / age.sd)] }
    if (age === null) return { ...NOTHING, bags }
    const before = b.add('Max', [b.add('Sub', [b.double(reference), seconds]), b.double(0)])
    const days = log1p(b, b.add('Div', [before, b.double(86_400)]))
    return { ...NOTHING, bags, dense: denseOf(b, standardised(b, days, age), missing, hasMissing) }
  },

  vector(feature, state, { builder: b }) {
    const raw = b.input(feature.column, 'float32', ['rows', Number(state['width'])])
    const filled = b.add('Where', [b.add('IsNaN', [raw]), b.float(0), raw])
    if (!feature.normalise) return { ...NOTHING, dense: [filled] }
    const length = b.add('ReduceL2', [filled], { axes: [1], keepdims: 1 })
    return { ...NOTHING, dense: [b.add('Div', [filled, b.add('Max', [length, b.float(1e-30)])])] }
  },

  history(feature, _, { builder: b, encoders, historyName }) {
    if (encoders.userLayout.contextBags.some((bag) => bag.feature === feature.name && bag.sequence !== undefined)) return ROW_BY_ROW
    const vocabulary = vocabularyValues(historyVocabulary(encoders, feature.name))
    if (vocabulary === null) return HASHED
    const name = historyName(feature.name)
    const list = b.input(name, 'text', ['rows', `${name}.length`])
    const rows = rowOf(b, list, vocabulary)
    // unknown items say nothing: they are left out of the mean
    return { ...NOTHING, bags: { '': meanOf(b, rows, b.cast(b.add('Greater', [rows, b.int(0)]), 'float32')) } }
  },
} satisfies { [K in FeatureKind]: Encode<K> }

const table: Readonly<Partial<Record<string, Encode<never>>>> = kinds

/** A feature as nodes, or why it stays an encoded input. */
export function rawFeature({ feature, state }: FrozenFeature, context: RawContext): RawFeature | string {
  const encode = table[feature.kind]
  return encode === undefined ? `the kind ${feature.kind} has no ONNX form` : encode(feature as never, state, context)
}

/** The values of a vocabulary; null for a hashed one. */
function vocabularyValues(vocabulary: unknown): readonly string[] | null {
  return (vocabulary as { readonly values?: readonly string[] }).values ?? null
}

const rowOf = (b: RawBuilder, text: Name, values: readonly string[]): Name =>
  b.lookUp(
    text,
    values,
    values.map((_, i) => i + 1),
    0,
  )
/** 1 where a text is not empty, float32, in the text's own shape. */
const present = (b: RawBuilder, text: Name): Name => b.cast(b.lookUp(text, [''], [0], 1), 'float32')

/** Ones [n, 1] for the n rows of any input [n]. */
function ones(b: RawBuilder, like: Name): Name {
  const shape = b.add('Concat', [b.add('Shape', [like]), b.ints([1])], { axis: 0 })
  return b.add('Expand', [b.float(1), shape])
}

/** The mean of the rows that count: weights of 1 over their number. */
function meanOf(b: RawBuilder, rows: Name, counts: Name): RawBag {
  const total = b.add('Max', [b.add('ReduceSum', [counts, b.ints([1])], { keepdims: 1 }), b.float(1)])
  return { rows, weights: b.add('Div', [counts, total]) }
}

function denseOf(b: RawBuilder, value: Name, missing: Name, hasMissing: boolean): Name[] {
  const there = b.cast(b.add('Not', [missing]), 'float32')
  const column = b.unsqueeze(b.add('Mul', [b.cast(value, 'float32'), there]), 1)
  return hasMissing ? [column, b.unsqueeze(b.cast(missing, 'float32'), 1)] : [column]
}

function standardised(b: RawBuilder, value: Name, { mean, sd }: MeanSd): Name {
  const scaled = b.add('Div', [b.add('Sub', [value, b.double(mean)]), b.double(sd)])
  return b.add('Min', [b.add('Max', [scaled, b.double(-10)]), b.double(10)])
}
const clipped = (value: number): number => Math.max(-10, Math.min(10, value))
const log1p = (b: RawBuilder, value: Name): Name => b.add('Log', [b.add('Add', [value, b.double(1)])])
/** value − size·⌊value / size⌋ */
function modulo(b: RawBuilder, value: Name, size: number): Name {
  const whole = b.add('Floor', [b.add('Div', [value, b.double(size)])])
  return b.add('Sub', [value, b.add('Mul', [whole, b.double(size)])])
}
/** degrees to [−180, 180) */
const wrapped = (b: RawBuilder, degrees: Name): Name =>
  b.add('Sub', [modulo(b, b.add('Add', [degrees, b.double(180)]), 360), b.double(180)])
/** an angle to [−π, π) */
const period = (b: RawBuilder, angle: Name): Name =>
  b.add('Sub', [modulo(b, b.add('Add', [angle, b.double(Math.PI)]), 2 * Math.PI), b.double(Math.PI)])
/** 1 + how many of the rising `edges` are at most each value */
function bucketRow(b: RawBuilder, values: Name, edges: readonly number[]): Name {
  const count =
    edges.length === 0
      ? b.add('Mul', [b.cast(values, 'int64'), b.int(0)])
      : b.add('ReduceSum', [b.cast(b.add('GreaterOrEqual', [b.unsqueeze(values, 1), b.doubles(edges)]), 'int64'), b.ints([1])], {
          keepdims: 0,
        })
  return b.add('Add', [count, b.int(1)])
}
const hourRow = (b: RawBuilder, seconds: Name): Name =>
  b.cast(b.add('Add', [b.add('Floor', [b.add('Div', [modulo(b, seconds, 86_400), b.double(3600)])]), b.double(1)]), 'int64')
const weekdayRow = (b: RawBuilder, seconds: Name): Name =>
  b.cast(
    b.add('Add', [modulo(b, b.add('Add', [b.add('Floor', [b.add('Div', [seconds, b.double(86_400)])]), b.double(3)]), 7), b.double(1)]),
    'int64',
  )

/** Cells are named "column,line" in the vocabulary; in the graph they are one whole number, column · 2^21 + line + 2^20. */
function cellBag(b: RawBuilder, x: Name, y: Name, edge: number, cells: Vocabulary, there: Name): RawBag {
  const whole = (value: Name): Name => b.cast(b.add('Floor', [b.add('Div', [value, b.double(edge)])]), 'int64')
  const key = b.add('Add', [b.add('Mul', [whole(x), b.int(2 ** 21)]), b.add('Add', [whole(y), b.int(2 ** 20)])])
  const values = vocabularyValues(cells) ?? []
  const keys = values.map((cell) => {
    const [column, line] = cell.split(',').map(Number) as [number, number]
    return column * 2 ** 21 + line + 2 ** 20
  })
  const rows = b.lookUpInts(
    key,
    keys,
    values.map((_, i) => i + 1),
  )
  return { rows: b.unsqueeze(rows, 1), weights: b.unsqueeze(there, 1) }
}
