/**
 * The feature kind `number`: one standardised input (after log1p for `log`), with an indicator where training entities
 * lack it; or, for `quantile`, as the embedding of the bucket it falls in, row 0 being missing. Statistics are over
 * training entities.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import {
  badValue,
  type Entities,
  type Kind,
  NO_INPUTS,
  nothingToFit,
  numberColumn,
  singleIndices,
  trainedEntities,
  columnUse,
} from '../kind.ts'
import { type MeanSd, meanSdOf, standardise } from '../standardise.ts'
import { badInput } from '../../../contract/errors.ts'
import { countUpTo, quantileEdges } from '../quantiles.ts'

/** `edges`: lower bounds of buckets 2 …, strictly rising; null for the others. */
type NumberState = { readonly moments: MeanSd | null; readonly hasMissing: boolean; readonly edges: readonly number[] | null }
type NumberFeature = FeatureOf<'number'>

const columns = (feature: NumberFeature): [ReturnType<typeof columnUse>] => [columnUse('column', feature.column, ['number'])]

export const number: Kind<NumberFeature, NumberState> = {
  columns,

  fit(feature, [column], context) {
    const all = transformed(feature, numberColumn(column), context)
    const seen = Float64Array.from(trainedEntities(context), (e) => all[e]!)
    const present = seen.filter((value) => !Number.isNaN(value))
    if (present.length === 0) throw nothingToFit(context, columns(feature)[0])
    const hasMissing = present.length < seen.length
    if (feature.transform === 'quantile') return { moments: null, hasMissing, edges: quantileEdges(present, feature.buckets) }
    const moments = meanSdOf(present)
    if (moments !== null) return { moments, hasMissing, edges: null }
    throw badInput(
      `Column "${feature.column}" holds numbers too large to standardise. Use "transform": "quantile".`,
      `${context.place}.transform`,
    )
  },

  shape(feature, { hasMissing, edges }) {
    if (edges !== null) return { ...NO_INPUTS, bags: [{ suffix: '', rows: edges.length + 2, dim: feature.dim }] }
    return { ...NO_INPUTS, dense: hasMissing ? [feature.name, `${feature.name}.missing`] : [feature.name] }
  },

  encode(feature, { moments, hasMissing, edges }, [column], entities) {
    const values = transformed(feature, numberColumn(column), entities)
    if (edges !== null) {
      const bounds = Float64Array.from(edges)
      return {
        dense: null,
        bags: [singleIndices(entities.count, (e) => (Number.isNaN(values[e]!) ? 0 : 1 + countUpTo(bounds, values[e]!)))],
      }
    }
    const width = hasMissing ? 2 : 1
    const dense = new Float32Array(entities.count * width)
    for (let e = 0; e < entities.count; e++) {
      if (!Number.isNaN(values[e]!)) dense[e * width] = standardise(values[e]!, moments!)
      else if (hasMissing) dense[e * width + 1] = 1
    }
    return { dense, bags: [] }
  },
}

/** The column checked and, for `log`, as log1p; NaN stays missing. */
function transformed(feature: NumberFeature, values: Float64Array, entities: Entities): Float64Array {
  const isLog = feature.transform === 'log'
  const refuse = (e: number, problem: string): never => {
    throw badValue(entities, e, columns(feature)[0], problem)
  }
  return values.map((value, e) => {
    if (value === Infinity || value === -Infinity) return refuse(e, 'an infinite number cannot be encoded. Correct the value.')
    if (!isLog) return value
    if (value < 0) return refuse(e, `${value} is negative and has no logarithm. Correct the value or use "transform": "standard".`)
    return Math.log1p(value)
  })
}
