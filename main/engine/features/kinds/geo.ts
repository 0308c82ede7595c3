/**
 * The feature kind `geo`: latitude and longitude as local coordinates: km east and north of the training centroid
 * (equirectangular; off by well under 1 % within a city or region), standardised, with Fourier features sin and cos(2^k
 * π x / scale) where scale is four deviations of the wider axis, and grid cells of several sizes, each an embedding of
 * the cells that training entities lie in; row 0 is any other cell.
 */
import type { FeatureOf } from '../../../contract/shapes/features.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import {
  badValue,
  type Entities,
  type Indices,
  type Kind,
  NO_INPUTS,
  nothingToFit,
  numberColumn,
  singleIndices,
  trainedEntities,
  columnUse,
} from '../kind.ts'
import { type MeanSd, meanSdOf, standardise } from '../standardise.ts'
import { fitVocabulary, rowLookup, type Vocabulary, vocabularyRows } from '../vocabulary.ts'

type GeoFeature = FeatureOf<'geo'>
type GeoState = {
  readonly latitude: number
  readonly longitude: number
  readonly x: MeanSd
  readonly y: MeanSd
  readonly scaleKm: number
  readonly hasMissing: boolean
  readonly cells: readonly Vocabulary[]
}
/** km east and north of the centroid; NaN: missing */
interface Local {
  readonly x: Float64Array
  readonly y: Float64Array
}

const KM_PER_DEGREE = (6371.0088 * Math.PI) / 180 // mean radius of the Earth, IUGG
const RADIANS = Math.PI / 180

const columns = (feature: GeoFeature): [ReturnType<typeof columnUse>, ReturnType<typeof columnUse>] => [
  columnUse('latitude', feature.latitude, ['number']),
  columnUse('longitude', feature.longitude, ['number']),
]

export const geo: Kind<GeoFeature, GeoState> = {
  columns,

  fit(feature, values, context) {
    const [latitudes, longitudes] = checked(feature, values, context)
    const located = [...trainedEntities(context)].filter((e) => !Number.isNaN(latitudes[e]!) && !Number.isNaN(longitudes[e]!))
    if (located.length === 0) throw nothingToFit(context, columns(feature)[0])
    const centre = centroid(located.map((e) => [latitudes[e]!, longitudes[e]!]))
    const local = project(latitudes, longitudes, centre)
    const x = meanSdOf(Float64Array.from(located, (e) => local.x[e]!))!
    const y = meanSdOf(Float64Array.from(located, (e) => local.y[e]!))!
    const cells = feature.cellsKm.map((edge) => {
      const counts = new Map<string, number>()
      for (const e of located) counts.set(cellOf(local, e, edge), (counts.get(cellOf(local, e, edge)) ?? 0) + 1)
      return fitVocabulary(counts, { minCount: 1, hashBuckets: null })
    })
    const scaleKm = 4 * Math.max(x.sd, y.sd)
    return { ...centre, x, y, scaleKm, hasMissing: located.length < context.counts.filter((n) => n > 0).length, cells }
  },

  shape(feature, { hasMissing, cells }) {
    const waves = Array.from({ length: feature.frequencies }, (_, k) => [`sin${k}.x`, `cos${k}.x`, `sin${k}.y`, `cos${k}.y`]).flat()
    const dense = ['x', 'y', ...waves, ...(hasMissing ? ['missing'] : [])].map((part) => `${feature.name}.${part}`)
    return { ...NO_INPUTS, dense, bags: cells.map((cell, i) => ({ suffix: `.cell${i}`, rows: vocabularyRows(cell), dim: feature.dim })) }
  },

  encode(feature, state, values, entities) {
    const local = project(...checked(feature, values, entities), state)
    const bags = feature.cellsKm.map((edge, i) => cellIndices(local, edge, state.cells[i]!))
    return { dense: denseBlock(feature, state, local), bags }
  },
}

function denseBlock({ frequencies }: GeoFeature, state: GeoState, { x, y }: Local): Float32Array {
  const width = 2 + 4 * frequencies + Number(state.hasMissing)
  const dense = new Float32Array(x.length * width)
  for (let e = 0; e < x.length; e++) {
    let at = e * width
    if (Number.isNaN(x[e]!)) {
      if (state.hasMissing) dense[at + width - 1] = 1
      continue
    }
    dense[at++] = standardise(x[e]!, state.x)
    dense[at++] = standardise(y[e]!, state.y)
    for (let k = 0; k < frequencies; k++) {
      const turn = (2 ** k * Math.PI) / state.scaleKm
      dense[at++] = Math.sin(turn * x[e]!)
      dense[at++] = Math.cos(turn * x[e]!)
      dense[at++] = Math.sin(turn * y[e]!)
      dense[at++] = Math.cos(turn * y[e]!)
    }
  }
  return dense
}

function cellIndices(local: Local, edge: number, vocabulary: Vocabulary): Indices {
  const row = rowLookup(vocabulary)
  return singleIndices(local.x.length, (e) => (Number.isNaN(local.x[e]!) ? -1 : row(cellOf(local, e, edge))))
}

const cellOf = ({ x, y }: Local, e: number, edge: number): string => `${Math.floor(x[e]! / edge)},${Math.floor(y[e]! / edge)}`

function checked(feature: GeoFeature, values: readonly ColumnValues[], entities: Entities): [Float64Array, Float64Array] {
  const columnsUsed = columns(feature)
  const within = (i: 0 | 1, limit: number): Float64Array => {
    const degrees = numberColumn(values[i])
    const bad = degrees.findIndex((value) => Math.abs(value) > limit)
    if (bad < 0) return degrees
    throw badValue(
      entities,
      bad,
      columnsUsed[i],
      `${degrees[bad]} is not a ${columnsUsed[i].key}: it must lie in [-${limit}, ${limit}]. Correct it, or check that latitude and longitude are not exchanged.`,
    )
  }
  return [within(0, 90), within(1, 180)]
}

/** Mean latitude, and the circular mean of the longitudes, so that places on both sides of the date line have their middle there. */
function centroid(places: readonly (readonly [number, number])[]): { latitude: number; longitude: number } {
  let [latitude, sine, cosine] = [0, 0, 0]
  for (const [lat, lon] of places) {
    latitude += lat / places.length
    sine += Math.sin(lon * RADIANS)
    cosine += Math.cos(lon * RADIANS)
  }
  return { latitude: latitude + 0, longitude: Math.atan2(sine, cosine) / RADIANS + 0 }
}

function project(latitudes: Float64Array, longitudes: Float64Array, centre: { latitude: number; longitude: number }): Local {
  const [x, y] = [new Float64Array(latitudes.length), new Float64Array(latitudes.length)]
  const shrink = Math.cos(centre.latitude * RADIANS)
  for (let e = 0; e < x.length; e++) {
    const isMissing = Number.isNaN(latitudes[e]!) || Number.isNaN(longitudes[e]!)
    const east = ((((longitudes[e]! - centre.longitude + 180) % 360) + 360) % 360) - 180
    x[e] = isMissing ? NaN : KM_PER_DEGREE * shrink * east
    y[e] = isMissing ? NaN : KM_PER_DEGREE * (latitudes[e]! - centre.latitude)
  }
  return { x, y }
}
