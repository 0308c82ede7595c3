/**
 * Starts a model from a trained one. What both know is taken over: table rows by what they stand for, dense weights by name and shape.
 * Users, items and values that are new, and layers of another size, start fresh.
 */
import { readFile } from 'node:fs/promises'
import { readSafetensors, type Tensor } from '../../files/safetensors.ts'
import type { FrozenEncoders, FrozenFeature } from '../../features/encoded.ts'
import type { Vocabulary } from '../../features/vocabulary.ts'
import type { TrainingState } from '../state/state.ts'

export interface WarmStartReport {
  /** rows of all tables, and those taken over */
  readonly rows: number
  readonly rowsTaken: number
  readonly weights: number
  readonly weightsTaken: number
}

/**
 * Copies what fits into a fresh state.
 * @param files the other run's encoders and weights, which are known to be what was written
 */
export async function warmStart(
  state: TrainingState,
  encoders: FrozenEncoders,
  files: { readonly encoders: string; readonly weights: string },
): Promise<WarmStartReport> {
  const earlier = JSON.parse(await readFile(files.encoders, 'utf8')) as FrozenEncoders
  const { tensors } = await readSafetensors(files.weights)
  const [mine, theirs] = [keysOf(encoders), keysOf(earlier)]
  const report = { rows: 0, rowsTaken: 0, weights: 0, weightsTaken: 0 }
  for (const { name, rows, dim, values } of state.tables.values()) {
    report.rows += rows
    const from = floats(tensors.get(`table:${name}`))
    if (from?.shape[1] !== dim) continue
    const rowOf = matchRows(mine.get(name) ?? null, theirs.get(name) ?? null, rows, from.shape[0]!)
    for (let row = 0; row < rows; row++) {
      const other = rowOf(row)
      if (other < 0) continue
      values.set(from.data.subarray(other * dim, (other + 1) * dim), row * dim)
      report.rowsTaken++
    }
  }
  for (const { name, shape, values } of state.weights.values()) {
    report.weights++
    const from = floats(tensors.get(`dense:${name}`))
    if (from === null || from.shape.join() !== shape.join()) continue
    values.set(from.data)
    report.weightsTaken++
  }
  return report
}

/** The other table's row for a row of mine, −1 where it has none. Without vocabularies rows mean the same where there are as many. */
function matchRows(mine: Vocabulary | null, theirs: Vocabulary | null, rows: number, theirRows: number): (row: number) => number {
  if (mine === null || theirs === null || 'buckets' in mine || 'buckets' in theirs) {
    const same = rows === theirRows && (mine === null) === (theirs === null)
    return same ? (row) => row : () => -1
  }
  const rowOf = new Map(theirs.values.map((value, i) => [value, i + 1]))
  return (row) => (row === 0 ? 0 : (rowOf.get(mine.values[row - 1]!) ?? -1))
}

/** The vocabulary of every table that has one, by the table's name. */
function keysOf(encoders: FrozenEncoders): Map<string, Vocabulary> {
  const found = new Map<string, Vocabulary>()
  for (const side of ['user', 'item'] as const) {
    for (const { feature, state } of encoders[side]) {
      for (const [suffix, vocabulary] of vocabulariesOf({ feature, state })) found.set(`${side}.${feature.name}${suffix}`, vocabulary)
    }
  }
  return found
}

function vocabulariesOf({ state }: FrozenFeature): [string, Vocabulary][] {
  const { vocabulary, cells } = state as { vocabulary?: Vocabulary | null; cells?: readonly Vocabulary[] }
  return [
    ...(vocabulary == null ? [] : [['', vocabulary] as [string, Vocabulary]]),
    ...(cells ?? []).map((cell, i): [string, Vocabulary] => [`.cell${i}`, cell]),
  ]
}

function floats(tensor: Tensor | undefined): { readonly shape: readonly number[]; readonly data: Float32Array } | null {
  return tensor?.dtype === 'F32' ? tensor : null
}
