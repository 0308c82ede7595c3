/**
 * A spec as a picture: what enters each tower, its layers, its vector, and how the two meet. Numbers come from an
 * estimate where there is one.
 */
import type { EstimateResult } from '@contract/verbs.ts'
import { isPlain } from '@contract/plain.ts'

export type PictureSide = 'user' | 'item'

export interface PictureInput {
  readonly name: string
  readonly kind: string
  /** how many become one: the history's encoder, a mean of tags; null for single values */
  readonly pool: string | null
  /** of the vector that enters the tower; null where it is not known yet */
  readonly width: number | null
  /** rows of its tables; null where it has none or they are not known yet */
  readonly rows: number | null
}

export interface PictureLayer {
  readonly width: number
  readonly text: string
}

export interface PictureTower {
  readonly side: PictureSide
  readonly auto: boolean
  readonly inputs: readonly PictureInput[]
  readonly inputWidth: number | null
  readonly layers: readonly PictureLayer[]
  /** of the vector; null where the inputs themselves are the vector and their width is not known */
  readonly output: number | null
}

export interface TowersPicture {
  readonly towers: Readonly<Record<PictureSide, PictureTower>>
  readonly match: string
  readonly temperature: string
  readonly loss: string
}

/** @param spec complete; null for a model that has no towers */
export function pictureOf(spec: unknown, estimate: EstimateResult | null): TowersPicture | null {
  if (!isPlain(spec) || spec['model'] !== 'two-tower') return null
  const match = record(spec['match'])
  return {
    towers: { user: towerOf('user', spec, estimate), item: towerOf('item', spec, estimate) },
    match: word(match['kind']),
    temperature: temperatureOf(record(match['temperature'])),
    loss: word(record(spec['loss'])['kind']),
  }
}

function towerOf(side: PictureSide, spec: Readonly<Record<string, unknown>>, estimate: EstimateResult | null): PictureTower {
  const tower = record(spec[side])
  const features = Array.isArray(tower['features']) ? tower['features'].map(record) : []
  const shape = estimate?.towers?.[side] ?? null
  const tables = estimate?.parameters.tables ?? []
  const hidden = numbers(tower['hidden'])
  const output = typeof tower['output'] === 'number' ? tower['output'] : null
  const extras = [
    word(tower['activation']),
    ...(tower['layerNorm'] === true ? ['LN'] : []),
    ...(typeof tower['dropout'] === 'number' && tower['dropout'] > 0 ? [`drop ${tower['dropout']}`] : []),
    ...(tower['residual'] === true ? ['+ skip'] : []),
  ]
  return {
    side,
    auto: !Array.isArray(tower['features']),
    inputs: features.map((feature) => inputOf(side, feature, shape, tables)),
    inputWidth: shape?.inputWidth ?? null,
    layers: hidden.map((width) => ({ width, text: extras.join(' · ') })),
    output: output ?? hidden.at(-1) ?? shape?.inputWidth ?? null,
  }
}

type Shape = NonNullable<EstimateResult['towers']>['user']

function inputOf(
  side: PictureSide,
  feature: Readonly<Record<string, unknown>>,
  shape: Shape | null,
  tables: EstimateResult['parameters']['tables'],
): PictureInput {
  const name = word(feature['name'] ?? feature['kind'])
  const kind = word(feature['kind'])
  // a feature's tables are called SIDE.NAME, with a suffix where it has several; a shared history reads the other side's
  const belongsHere = (table: string | null): boolean => table === `${side}.${name}` || table?.startsWith(`${side}.${name}.`) === true
  const ports = shape?.inputs.filter((port) => belongsHere(port.table) || port.name === `${side}.bag.${name}`) ?? []
  const dim = typeof feature['dim'] === 'number' ? feature['dim'] : null
  const used = tables.filter((table) => belongsHere(table.name))
  return {
    name,
    kind,
    pool: poolOf(kind, feature),
    width: ports.length > 0 ? ports.reduce((sum, { width }) => sum + width, 0) : shape === null ? dim : null,
    rows: used.length === 0 ? null : used.reduce((sum, { rows }) => sum + rows, 0),
  }
}

function poolOf(kind: string, { encoder }: Readonly<Record<string, unknown>>): string | null {
  if (isPlain(encoder)) return word(encoder['kind'])
  return kind === 'tags' || kind === 'text' || kind === 'history' ? 'mean' : null
}

function temperatureOf(temperature: Readonly<Record<string, unknown>>): string {
  const { kind, value, initial, from, to } = temperature
  if (kind === 'fixed') return `τ ${word(value)}`
  return kind === 'learned' ? `τ learned, from ${word(initial)}` : `τ ${word(from)} → ${word(to)}`
}

const record = (value: unknown): Readonly<Record<string, unknown>> => (isPlain(value) ? value : {})
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.filter((entry) => typeof entry === 'number') : [])
const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
