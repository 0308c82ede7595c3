/**
 * The feature kind `time`, in UTC. Of a column: log1p of the days before the end of training, standardised over
 * training entities (missing: 0 and an indicator), and hour and weekday as embeddings. Of the event (no column, user
 * side): hour and weekday of the request; the period of the training part it falls in, of equal shares of its examples, later ones being of
 * the last, so that a model learns what there was when; and the age of the training example, which is 0 at serving, so that a model
 * learns what is popular now (Covington et al. 2016, "example age").
 */
import { badInput } from '../../../contract/errors.ts'
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import {
  type BagShape,
  badValue,
  type ContextShape,
  type Encoded,
  type FeatureShape,
  type FitContext,
  type Kind,
  NO_INPUTS,
  NO_VALUES,
  nothingToFit,
  numberColumn,
  singleIndices,
  trainedEntities,
  columnUse,
} from '../kind.ts'
import type { Clock } from '../encoded.ts'
import { countUpTo, quantileEdges } from '../quantiles.ts'
import { type MeanSd, meanSdOf, standardise } from '../standardise.ts'

type TimeFeature = FeatureOf<'time'>
/** In the order of their tables. */
export const CLOCKS = ['hour', 'weekday', 'period'] as const satisfies readonly Clock[]
/** `reference`: seconds from which ages are measured back; `age` null where the feature has no age; `edges`: when periods 2 … begin */
export type TimeState = {
  readonly reference: number
  readonly age: MeanSd | null
  readonly hasMissing: boolean
  readonly edges?: readonly number[]
}

const DAY = 86_400
/** of a feature that does not say */
const PERIODS = 32

/** log1p of days before `reference`; times after it count as now. */
export function ageAt(time: number, reference: number): number {
  return Math.log1p(Math.max(0, reference - time) / DAY)
}

/** Rows of the tables: hours 1 … 24, Monday 1 … Sunday 7, periods from 1; row 0 is unknown. 1 January 1970 was a Thursday. */
export function clockRow(clock: Clock, { edges = [] }: Pick<TimeState, 'edges'>): (time: number) => number {
  if (clock === 'hour') return (time) => 1 + Math.floor(modulo(time, DAY) / 3600)
  if (clock === 'weekday') return (time) => 1 + modulo(Math.floor(time / DAY) + 3, 7)
  return (time) => 1 + countUpTo(edges, time)
}
const clockRows = (clock: Clock, { edges = [] }: TimeState): number => ({ hour: 25, weekday: 8, period: edges.length + 2 })[clock]

const modulo = (value: number, size: number): number => ((value % size) + size) % size
const timeColumn = (name: string): ReturnType<typeof columnUse> => columnUse('column', name, ['number'], true)
const clocks = (feature: TimeFeature): Clock[] => CLOCKS.filter((part) => feature.parts.includes(part))
const clockShape = (part: Clock, { dim }: TimeFeature, state: TimeState): BagShape => ({
  suffix: `.${part}`,
  rows: clockRows(part, state),
  dim,
})

export const time: Kind<TimeFeature, TimeState> = {
  columns: ({ column }) => (column === null ? [] : [timeColumn(column)]),

  fit: (feature, [column], context) =>
    feature.column === null ? fitEvents(feature, context) : fitColumn(feature, feature.column, numberColumn(column), context),

  shape: (feature, state) => (feature.column === null ? eventShape(feature, state) : columnShape(feature, state)),

  encode(feature, state, [column], entities) {
    if (feature.column === null) return NO_VALUES
    const times = numberColumn(column)
    const bad = times.findIndex((value) => value === Infinity || value === -Infinity)
    if (bad >= 0) throw badValue(entities, bad, timeColumn(feature.column), 'an infinite time cannot be encoded. Correct the value.')
    const bags = clocks(feature).map((part) => {
      const rowOf = clockRow(part, state)
      return singleIndices(times.length, (e) => (Number.isNaN(times[e]!) ? -1 : rowOf(times[e]!)))
    })
    return { dense: ages(times, state), bags }
  },
}

function fitColumn(feature: TimeFeature, name: string, times: Float64Array, context: FitContext): TimeState {
  const seen = Float64Array.from(trainedEntities(context), (e) => times[e]!)
  const present = seen.filter((value) => Number.isFinite(value))
  if (present.length === 0) throw nothingToFit(context, timeColumn(name))
  const reference = context.training.referenceTime ?? present.reduce((a, b) => Math.max(a, b))
  const age = feature.parts.includes('age') ? meanSdOf(present.map((value) => ageAt(value, reference))) : null
  return { reference, age, hasMissing: age !== null && present.length < seen.length, ...edgesOf(feature, present) }
}

/** When the periods of a feature that has them begin. */
function edgesOf({ parts, periods = PERIODS }: TimeFeature, times: Float64Array): Pick<TimeState, 'edges'> {
  return parts.includes('period') ? { edges: quantileEdges(times, periods) } : {}
}

function fitEvents(feature: TimeFeature, { training, place }: FitContext): TimeState {
  const { interactions, referenceTime } = training
  if (interactions.time === null || referenceTime === null) {
    throw badInput('The interactions have no time. Remove the feature, or name a column of times.', `${place}.column`)
  }
  const times = interactions.time.filter((_, p) => training.examples.has(p))
  const age = feature.parts.includes('age') ? meanSdOf(times.map((value) => ageAt(value, referenceTime))) : null
  return { reference: referenceTime, age, hasMissing: false, ...edgesOf(feature, times) }
}

function eventShape(feature: TimeFeature, state: TimeState): FeatureShape {
  const context = (part: Clock): ContextShape => ({
    ...clockShape(part, feature, state),
    kind: part,
    eventCodes: null,
    maxLength: 1,
    shared: null,
  })
  return {
    ...NO_INPUTS,
    contextDense: feature.parts.includes('age') ? [`${feature.name}.age`] : [],
    contextBags: clocks(feature).map(context),
  }
}

function columnShape(feature: TimeFeature, state: TimeState): FeatureShape {
  const { age, hasMissing } = state
  const dense = age === null ? [] : [`${feature.name}.age`, ...(hasMissing ? [`${feature.name}.missing`] : [])]
  return { ...NO_INPUTS, dense, bags: clocks(feature).map((part) => clockShape(part, feature, state)) }
}

function ages(times: Float64Array, { reference, age, hasMissing }: TimeState): Encoded['dense'] {
  if (age === null) return null
  const width = hasMissing ? 2 : 1
  const dense = new Float32Array(times.length * width)
  for (const [e, value] of times.entries()) {
    if (!Number.isNaN(value)) dense[e * width] = standardise(ageAt(value, reference), age)
    else if (hasMissing) dense[e * width + 1] = 1
  }
  return dense
}
