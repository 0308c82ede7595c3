/**
 * Probe queries of a bundle: recorded when it is made, asked again when it is loaded. They go through everything a served answer goes
 * through: stored vectors, encoders and towers for typed-in rows, exact search, the index. No probe describes a real user.
 */
import { badData } from '../../contract/errors.ts'
import type { Probe, Probes } from '../../contract/shapes/bundle.ts'
import type { Feature } from '../../contract/shapes/features.ts'
import { isSentence } from '../features/kinds.ts'
import type { FrozenFeature } from '../features/encoded.ts'
import type { Side } from '../dataset/dataset.ts'
import type { ServedHit, ServedModel, ServedSearch } from './served.ts'

const K = 20
const KNOWN = 12
const TYPED = 4
/** Towers on another processor may differ in the last bits of a float32; a changed weight differs by far more. */
const TOLERANCE = 1e-4

/** Asks the queries and keeps the answers. */
export async function recordProbes(model: ServedModel, users: readonly string[], items: readonly string[]): Promise<Probes> {
  const asked: Omit<Probe, 'hits'>[] = [
    ...spread(users, KNOWN).map((id) => ({ kind: 'user' as const, id, features: null })),
    ...spread(items, KNOWN).map((id) => ({ kind: 'item' as const, id, features: null })),
    ...Array.from({ length: TYPED }, (_, i) => ({ kind: 'user-features' as const, id: null, features: typed(model, 'user', i, items) })),
    ...Array.from({ length: TYPED }, (_, i) => ({ kind: 'item-features' as const, id: null, features: typed(model, 'item', i, items) })),
  ]
  const probes: Probe[] = []
  for (const probe of asked) {
    const hits = await ask(model, probe, K, 'exact')
    probes.push({ ...probe, hits: hits.map(({ item, score }) => ({ item, score })) })
  }
  return { k: K, tolerance: TOLERANCE, probes }
}

export interface ReplayReport {
  readonly probes: number
  /** largest difference of a score, relative to the largest of its list */
  readonly worst: number
  /** share of the exact hits that the index finds */
  readonly indexRecall: number
}

/**
 * Asks again.
 * @throws PylonError bad-data naming the first probe whose answer differs, and how
 */
export async function replayProbes(model: ServedModel, { k, tolerance, probes }: Probes): Promise<ReplayReport> {
  let worst = 0
  let found = 0
  let wanted = 0
  for (const [i, probe] of probes.entries()) {
    const hits = await ask(model, probe, k, 'exact')
    worst = Math.max(worst, difference(probe, hits, tolerance, i))
    const near = new Set((await ask(model, probe, k, 'ann')).map(({ item }) => item))
    wanted += hits.length
    found += hits.filter(({ item }) => near.has(item)).length
  }
  return { probes: probes.length, worst, indexRecall: wanted === 0 ? 1 : found / wanted }
}

async function ask(
  model: ServedModel,
  { kind, id, features }: Omit<Probe, 'hits'>,
  k: number,
  by: ServedSearch['by'],
): Promise<ServedHit[]> {
  const search = { k, filter: null, by, exclude: [] }
  switch (kind) {
    case 'user':
      return model.recommend(model.userVector(id!), { ...search, exclude: model.seenBy(id!) })
    case 'item':
      return model.similar(model.itemVector(id!), { ...search, exclude: [id!] })
    case 'user-features':
      return model.recommend(await model.embed('user', features!), search)
    case 'item-features':
      return model.similar(await model.embed('item', features!), search)
  }
}

/** Ranks may swap only where the two scores are equal within the tolerance. */
function difference(probe: Probe, hits: readonly ServedHit[], tolerance: number, number: number): number {
  const top = Math.max(...probe.hits.map(({ score }) => Math.abs(score)), 1e-12)
  const place = `probe ${number + 1} (${probe.id === null ? probe.kind : `${probe.kind} ${probe.id}`})`
  const refuse = (what: string): never => {
    throw badData(`${what}: the bundle does not answer as it did when it was made.`, place)
  }
  if (hits.length !== probe.hits.length) refuse(`${hits.length} items come back where ${probe.hits.length} were recorded`)
  let worst = 0
  for (const [rank, expected] of probe.hits.entries()) {
    const { item, score } = hits[rank]!
    const off = Math.abs(score - expected.score) / top
    worst = Math.max(worst, off)
    if (!(off <= tolerance))
      refuse(
        `Rank ${rank + 1} has the score ${score.toFixed(6)} (item ${item}) where ${expected.score.toFixed(6)} (item ${expected.item}) was recorded`,
      )
    const there = probe.hits.find((hit) => hit.item === item)
    const isTie =
      there === undefined
        ? off <= tolerance && rank === probe.hits.length - 1
        : Math.abs(there.score - expected.score) / top <= 2 * tolerance
    if (item !== expected.item && !isTie) refuse(`Rank ${rank + 1} is item ${item} where item ${expected.item} was recorded`)
  }
  return worst
}

/** `count` of a list, evenly spread from its first to its last. */
function spread<T>(list: readonly T[], count: number): T[] {
  const n = Math.min(count, list.length)
  return Array.from({ length: n }, (_, i) => list[Math.floor((i * list.length) / n)]!)
}

/** A made-up row that uses every feature of a side. */
function typed(model: ServedModel, side: Side, i: number, items: readonly string[]): Record<string, unknown> {
  return Object.assign(
    {},
    ...model.towers.pairs.flatMap(({ encoders }) => encoders[side].map((frozen) => made(frozen, i, items))),
  ) as Record<string, unknown>
}

function made({ feature, state }: FrozenFeature, i: number, items: readonly string[]): Record<string, unknown> {
  switch (feature.kind) {
    case 'id':
      return {}
    case 'category':
      return { [feature.column]: knownValues(state, i)[0] ?? 'something new' }
    case 'tags':
      return { [feature.column]: [...knownValues(state, i).slice(0, 3), 'something new'] }
    case 'number':
      return { [feature.column]: numberOf(state, i) }
    case 'text':
      // a sentence model of int8 does not answer alike on all processors; its files are held by their checksums
      if (isSentence(feature)) return {}
      return { [feature.column]: `A quiet place near the station ${i}, with a view 安静` }
    case 'time':
      return { [feature.column ?? feature.name]: Number(state['reference'] ?? 1.6e9) - i * 86_400 * 3 - i * 3600 }
    case 'geo':
      return {
        [feature.latitude]: clamp(Number(state['latitude']) + i / 50, 90),
        [feature.longitude]: clamp(Number(state['longitude']) - i / 50, 180),
      }
    case 'vector':
      return { [feature.column]: Array.from({ length: Number(state['width']) }, (_, j) => Math.sin(1 + i + j)) }
    case 'history':
      return { [feature.name]: spread(items, 40).slice(i * 5, i * 5 + 1 + 3 * i) }
    default:
      return other(feature)
  }
}

/** A kind that this file does not know is left out: missing is a value too. */
const other = (_: Feature): Record<string, unknown> => ({})
const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))

function knownValues(state: FrozenFeature['state'], i: number): string[] {
  const vocabulary = state['vocabulary'] as { readonly values?: readonly string[] } | undefined
  const values = vocabulary?.values ?? []
  return values.length === 0 ? ['anything'] : values.slice(i % values.length)
}

function numberOf(state: FrozenFeature['state'], i: number): number {
  const edges = state['edges'] as readonly number[] | null
  if (edges !== null) return edges[i % Math.max(1, edges.length)] ?? 1
  const { mean, sd } = state['moments'] as { mean: number; sd: number }
  return Math.max(0, mean + ((i - 1) * sd) / 2)
}
