/**
 * The closed form as towers: an item is its right singular vector by its frequency, Q_i·d_i^γ; a user is the sum over their items of
 * Q_i·d_i^(−½)·f(σ)/σ, which for a user of the training part is P_u·f(σ) up to a length that no ranking sees. So tables of ids and
 * histories hold it, one inner product ranks, and who is new is served from their history alone. f(σ) = e^(s·σ): s = 0 weighs all
 * directions alike, more of it the leading ones (relatives: PureSVD, Cremonesi et al. 2010; GF-CF, arXiv:2108.07567).
 */
import { dotAt, rmsLength } from '../../compute/dot.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'
import { rowOf } from '../../dataset/interactions.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { FrozenEncoders, FrozenFeature } from '../../features/encoded.ts'
import { rowLookup, type Vocabulary } from '../../features/vocabulary.ts'
import type { TrainingState } from '../state/state.ts'
import type { Svd } from './svd.ts'

export interface SpectralSettings {
  /** leading directions that count */
  readonly rank: number
  /** s of f(σ) = e^(s·σ) */
  readonly filter: number
  /** γ: what an item's frequency adds to its length */
  readonly gamma: number
  /** κ: interactions at which an item's own vector counts as much as what its contents foretell; absent or 0: its own alone */
  readonly shrinkage?: number
  /** what the vectors foretold by contents are multiplied by; absent: they are taken as they are */
  readonly coldScale?: number
}

/** [users × dim] and [items × dim], each made when it is asked for; what is beyond the rank is 0. */
export interface SpectralVectors {
  readonly users: () => Float32Array
  readonly items: () => Float32Array
  /** [items × dim]: what an item adds to a user who has it in their history */
  readonly history: () => Float32Array
}

/** The vectors of some settings, of width `dim`. */
export function spectralVectors(svd: Svd, { byItem }: InteractionMatrix, settings: SpectralSettings, dim: number): SpectralVectors {
  const { sigma, rank: width } = svd
  const rank = Math.min(settings.rank, width, dim)
  const filter = sigma.map((value) => Math.exp(settings.filter * value))
  const perSigma = filter.map((value, k) => (sigma[k]! > 1e-6 ? value / sigma[k]! : 0))
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const power = (item: number, exponent: number): number => (count(item) === 0 ? 0 : count(item) ** exponent)
  const rows = (from: Float32Array, direction: (k: number) => number, length: (row: number) => number): Float32Array => {
    const out = new Float32Array((from.length / width) * dim)
    for (let row = 0; row < from.length / width; row++) {
      const scale = length(row)
      for (let k = 0; k < rank; k++) out[row * dim + k] = from[row * width + k]! * direction(k) * scale
    }
    return out
  }
  const alike = (): number => 1
  return {
    users: () => rows(svd.users, (k) => filter[k]!, alike),
    items: () => rows(svd.items, alike, (item) => power(item, settings.gamma)),
    history: () =>
      rows(
        svd.items,
        (k) => perSigma[k]!,
        (item) => power(item, -0.5),
      ),
  }
}

/** Rows [… × dim] at one length, in place; a row of zeros stays. */
export function scaleRows(rows: Float32Array, dim: number, length: number): Float32Array {
  for (let at = 0; at < rows.length; at += dim) {
    let squares = 0
    for (let k = at; k < at + dim; k++) squares += rows[k]! ** 2
    if (squares > 0) for (let k = at; k < at + dim; k++) rows[k]! *= length / Math.sqrt(squares)
  }
  return rows
}

/** What both sides are multiplied by, which no ranking by inner products sees. */
export interface Scales {
  readonly users: number
  readonly items: number
}

/** By which what users have met scores `score` on average, and rows of both sides are as long, in the mean of their squares. */
export function evenScales(users: Float32Array, items: Float32Array, { byUser }: InteractionMatrix, dim: number, score: number): Scales {
  let sum = 0
  for (let user = 0; user < byUser.offsets.length - 1; user++)
    for (const item of rowOf(byUser, user)) sum += dotAt(users, user * dim, items, item * dim, dim)
  const mean = sum / byUser.indices.length
  const ratio = rmsLength(users, dim) / rmsLength(items, dim)
  if (!(mean > 0 && ratio > 0 && ratio < Infinity)) return { users: 1, items: 1 }
  const product = score / mean
  return { users: Math.sqrt(product / ratio), items: Math.sqrt(product * ratio) }
}

/**
 * Writes the vectors over the tables of ids and of histories that are of their width; unknown rows are 0.
 * @returns the rows that were written
 */
export async function startSpectral(
  state: TrainingState,
  encoders: FrozenEncoders,
  dataset: Pick<Dataset, 'ids'>,
  vectors: SpectralVectors,
  dim: number,
): Promise<number> {
  const ids = { user: await dataset.ids('user'), item: await dataset.ids('item') }
  let written = 0
  const write = (name: string, { state: frozen }: FrozenFeature, names: readonly string[], vectorsOf: () => Float32Array): void => {
    const table = state.tables.get(name)
    const { vocabulary } = frozen as { readonly vocabulary?: Vocabulary | null }
    if (table?.dim !== dim || vocabulary == null) return
    const rowNumber = rowLookup(vocabulary)
    const values = vectorsOf()
    table.values.fill(0)
    for (const [i, id] of names.entries()) {
      const row = rowNumber(id)
      if (row === 0) continue
      table.values.set(values.subarray(i * dim, (i + 1) * dim), row * dim)
      written++
    }
  }
  for (const side of ['user', 'item'] as const) {
    for (const each of encoders[side]) {
      const name = `${side}.${each.feature.name}`
      if (each.feature.kind === 'id') write(name, each, ids[side], side === 'user' ? vectors.users : vectors.items)
      if (each.feature.kind === 'history' && !each.feature.content) write(name, each, ids.item, vectors.history)
    }
  }
  return written
}
