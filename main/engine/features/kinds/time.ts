/**
 * The feature kind `time`, in UTC. Of a column: log1p of the days before the end of training, standardised over
 * training entities (missing: 0 and an indicator), and hour and weekday as embeddings. Of the event (no column, user
 * side): hour and weekday of the request, and the age of the training example, which is 0 at serving, so that a model
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
import { type MeanSd, meanSdOf, standardise } from '../standardise.ts'

type TimeFeature = FeatureOf<'time'>
/** `reference`: seconds from which ages are measured back; `age` null where the feature has no age */
export type TimeState = { readonly reference: number; readonly age: MeanSd | null; readonly hasMissing: boolean }

const DAY = 86_400

/** log1p of days before `reference`; times after it count as now. */
export function ageAt(time: number, reference: number): number {
  return Math.log1p(Math.max(0, reference - time) / DAY)
}

/** Rows of the hour's and weekday's tables: hours 1 … 24, Monday 1 … Sunday 7; row 0 is unknown. 1 January 1970 was a Thursday. */
export const clockRow = {
  hour: (time: number): number => 1 + Math.floor(modulo(time, DAY) / 3600),
  weekday: (time: number): number => 1 + modulo(Math.floor(time / DAY) + 3, 7),
} as const
const CLOCK_ROWS = { hour: 25, weekday: 8 } as const

const modulo = (value: number, size: number): number => ((value % size) + size) % size
const timeColumn = (name: string): ReturnType<typeof columnUse> => columnUse('column', name, ['number'], true)
const clocks = (feature: TimeFeature): ('hour' | 'weekday')[] =>
  (['hour', 'weekday'] as const).filter((part) => feature.parts.includes(part))
const clockShape = (part: 'hour' | 'weekday', { dim }: TimeFeature): BagShape => ({ suffix: `.${part}`, rows: CLOCK_ROWS[part], dim })

export const time: Kind<TimeFeature, TimeState> = {
  columns: ({ column }) => (column === null ? [] : [timeColumn(column)]),

  fit: (feature, [column], context) =>
    feature.column === null ? fitEvents(feature, context) : fitColumn(feature, feature.column, numberColumn(column), context),

  shape: (feature, state) => (feature.column === null ? eventShape(feature) : columnShape(feature, state)),

  encode(feature, state, [column], entities) {
    if (feature.column === null) return NO_VALUES
    const times = numberColumn(column)
    const bad = times.findIndex((value) => value === Infinity || value === -Infinity)
    if (bad >= 0) throw badValue(entities, bad, timeColumn(feature.column), 'an infinite time cannot be encoded. Correct the value.')
    const bags = clocks(feature).map((part) =>
      singleIndices(times.length, (e) => (Number.isNaN(times[e]!) ? -1 : clockRow[part](times[e]!))),
    )
    return { dense: ages(times, state), bags }
  },
}

function fitColumn(feature: TimeFeature, name: string, times: Float64Array, context: FitContext): TimeState {
  const seen = Float64Array.from(trainedEntities(context), (e) => times[e]!)
  const present = seen.filter((value) => Number.isFinite(value))
  if (present.length === 0) throw nothingToFit(context, timeColumn(name))
  const reference = context.training.referenceTime ?? present.reduce((a, b) => Math.max(a, b))
  const age = feature.parts.includes('age') ? meanSdOf(present.map((value) => ageAt(value, reference))) : null
  return { reference, age, hasMissing: age !== null && present.length < seen.length }
}

function fitEvents(feature: TimeFeature, { training, place }: FitContext): TimeState {
  const { interactions, referenceTime } = training
  if (interactions.time === null || referenceTime === null) {
    throw badInput('The interactions have no time. Remove the feature, or name a column of times.', `${place}.column`)
  }
  const values = interactions.time.filter((_, p) => training.examples.has(p)).map((value) => ageAt(value, referenceTime))
  return { reference: referenceTime, age: feature.parts.includes('age') ? meanSdOf(values) : null, hasMissing: false }
}

function eventShape(feature: TimeFeature): FeatureShape {
  const context = (part: 'hour' | 'weekday'): ContextShape => ({
    ...clockShape(part, feature),
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

function columnShape(feature: TimeFeature, { age, hasMissing }: TimeState): FeatureShape {
  const dense = age === null ? [] : [`${feature.name}.age`, ...(hasMissing ? [`${feature.name}.missing`] : [])]
  return { ...NO_INPUTS, dense, bags: clocks(feature).map((part) => clockShape(part, feature)) }
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
