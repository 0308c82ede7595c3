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
  /** how far near neighbours lie from each other; absent where there are no waves */
  readonly nearKm?: number
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
    const near = feature.waves > 0 ? { nearKm: neighbourDistance(local, located) } : {}
    return { ...centre, x, y, scaleKm, ...near, hasMissing: located.length < context.counts.filter((n) => n > 0).length, cells }
  },

  shape(feature, { hasMissing, cells }) {
    const waves = Array.from({ length: feature.frequencies }, (_, k) => [`sin${k}.x`, `cos${k}.x`, `sin${k}.y`, `cos${k}.y`]).flat()
    const planes = Array.from({ length: feature.waves }, (_, k) => [`sin.wave${k}`, `cos.wave${k}`]).flat()
    const dense = ['x', 'y', ...waves, ...planes, ...(hasMissing ? ['missing'] : [])].map((part) => `${feature.name}.${part}`)
    return { ...NO_INPUTS, dense, bags: cells.map((cell, i) => ({ suffix: `.cell${i}`, rows: vocabularyRows(cell), dim: feature.dim })) }
  },

  encode(feature, state, values, entities) {
    const local = project(...checked(feature, values, entities), state)
    const bags = feature.cellsKm.map((edge, i) => cellIndices(local, edge, state.cells[i]!))
    return { dense: denseBlock(feature, state, local), bags }
  },
}

/** A wave along a direction, radians a km. */
export interface PlaneWave {
  readonly east: number
  readonly north: number
}

/** Lengths of a wave that are near neighbours' distances: what is nearer than an eighth of a wave looks alike. */
const NEAR_LENGTHS = 8

/**
 * `count` waves, their lengths falling in equal ratios from `scaleKm` to eight times `nearKm`, each turned by the golden angle against the
 * one before. The mean over them of cos(w·(a − b)), the inner product of two places, falls with the distance on all those scales, as
 * random Fourier features do (Rahimi & Recht 2007); drawn evenly instead of at random.
 */
export function planeWaves(count: number, scaleKm: number, nearKm: number): PlaneWave[] {
  const shortest = Math.min(scaleKm, NEAR_LENGTHS * nearKm)
  return Array.from({ length: count }, (_, k) => {
    const length = scaleKm * (shortest / scaleKm) ** (count === 1 ? 0 : k / (count - 1))
    const angle = k * Math.PI * (3 - Math.sqrt(5))
    return { east: (2 * Math.PI * Math.cos(angle)) / length, north: (2 * Math.PI * Math.sin(angle)) / length }
  })
}

/** Of how many places the neighbours are looked for, among how many. */
const PROBES = 500
const AMONG = 20_000
/** Which neighbour: the first are often the same house. */
const NEIGHBOUR = 5

/** Median distance in km from a place to its fifth neighbour, by evenly drawn places; at least 10 m. */
function neighbourDistance({ x, y }: Local, places: readonly number[]): number {
  const some = (most: number): number[] => {
    const step = Math.max(1, places.length / most)
    return Array.from({ length: Math.min(most, places.length) }, (_, i) => places[Math.floor(i * step)]!)
  }
  const among = some(AMONG)
  const distances = some(PROBES).map((a) => {
    const all = Float64Array.from(among, (b) => Math.hypot(x[a]! - x[b]!, y[a]! - y[b]!)).sort()
    return all[Math.min(NEIGHBOUR, all.length - 1)]!
  })
  return Math.max(0.01, distances.toSorted((a, b) => a - b)[distances.length >> 1]!)
}

function denseBlock({ frequencies, waves }: GeoFeature, state: GeoState, { x, y }: Local): Float32Array {
  const width = 2 + 4 * frequencies + 2 * waves + Number(state.hasMissing)
  const planes = planeWaves(waves, state.scaleKm, state.nearKm ?? state.scaleKm)
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
    for (const { east, north } of planes) {
      dense[at++] = Math.sin(east * x[e]! + north * y[e]!)
      dense[at++] = Math.cos(east * x[e]! + north * y[e]!)
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
