/**
 * The feature kind `vector`: a vector computed elsewhere, as it is or at length 1. Missing: zeros. A cell with some
 * numbers missing is an error.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import { badValue, type Kind, NO_INPUTS, nothingToFit, trainedEntities, columnUse } from '../kind.ts'

type VectorState = { readonly width: number }

const columns = (feature: FeatureOf<'vector'>): [ReturnType<typeof columnUse>] => [columnUse('column', feature.column, ['vector'])]

export const vector: Kind<FeatureOf<'vector'>, VectorState> = {
  columns,

  fit(feature, [column], context) {
    const { width, values } = vectors(column)
    for (const e of trainedEntities(context)) if (!Number.isNaN(values[e * width]!)) return { width }
    throw nothingToFit(context, columns(feature)[0])
  },

  shape: (feature, { width }) => ({ ...NO_INPUTS, dense: Array.from({ length: width }, (_, k) => `${feature.name}.${k}`) }),

  encode(feature, { width }, [column], entities) {
    const { width: found, values } = vectors(column)
    if (found !== width)
      throw badValue(entities, 0, columns(feature)[0], `vectors of ${found} numbers where the model was fitted on ${width}.`)
    const dense = new Float32Array(entities.count * width)
    for (let e = 0; e < entities.count; e++) {
      const cell = values.subarray(e * width, (e + 1) * width)
      const bad = cell.findIndex((value) => !Number.isFinite(value))
      if (bad >= 0 && cell.every(Number.isNaN)) continue
      if (bad >= 0)
        throw badValue(
          entities,
          e,
          columns(feature)[0],
          `number ${bad + 1} of the vector is ${cell[bad]}. Correct the vector or leave it out.`,
        )
      dense.set(feature.normalise ? unit(cell) : cell, e * width)
    }
    return { dense, bags: [] }
  },
}

function vectors(column: ColumnValues | undefined): { width: number; values: Float32Array } {
  if (column?.storage !== 'vector') throw new Error('A column of vectors was expected.')
  return column
}

function unit(cell: Float32Array): Float32Array {
  const length = Math.hypot(...cell)
  return length > 0 ? cell.map((value) => value / length) : cell
}
