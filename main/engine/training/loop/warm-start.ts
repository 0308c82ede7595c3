/**
 * Starts a model from a trained one. What both know is taken over: table rows by what they stand for, dense weights by name and shape.
 * Users, items and values that are new, and layers of another size, start fresh.
 */
import { readFile } from 'node:fs/promises'
import { readSafetensors } from '../../files/safetensors.ts'
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

/** Numbers of one shape: the values, and where training goes on with them what its optimizer keeps of each. */
interface Numbers {
  readonly shape: readonly number[]
  readonly arrays: readonly Float32Array[]
}

/** A trained model to start from. */
export interface Trained {
  readonly encoders: FrozenEncoders
  readonly tables: ReadonlyMap<string, Numbers>
  readonly weights: ReadonlyMap<string, Numbers>
}

/** A model from files that are known to be what was written. */
export async function trainedFiles(files: { readonly encoders: string; readonly weights: string }): Promise<Trained> {
  const encoders = JSON.parse(await readFile(files.encoders, 'utf8')) as FrozenEncoders
  const { tensors } = await readSafetensors(files.weights)
  const under = (prefix: string): Map<string, Numbers> =>
    new Map(
      [...tensors].flatMap(([name, tensor]) =>
        name.startsWith(prefix) && tensor.dtype === 'F32'
          ? [[name.slice(prefix.length), { shape: tensor.shape, arrays: [tensor.data] }] as const]
          : [],
      ),
    )
  return { encoders, tables: under('table:'), weights: under('dense:') }
}

/** A model as its training left it, with what its optimizers keep, as a view: no number is copied. */
export function trainedState({ tables, weights }: TrainingState, encoders: FrozenEncoders): Trained {
  return {
    encoders,
    tables: new Map([...tables].map(([name, { rows, dim, values, slots }]) => [name, { shape: [rows, dim], arrays: [values, ...slots] }])),
    weights: new Map([...weights].map(([name, { shape, values, slots }]) => [name, { shape, arrays: [values, ...slots] }])),
  }
}

/** Copies what fits into a fresh state. */
export function warmStart(state: TrainingState, encoders: FrozenEncoders, trained: Trained): WarmStartReport {
  const [mine, theirs] = [keysOf(encoders), keysOf(trained.encoders)]
  const report = { rows: 0, rowsTaken: 0, weights: 0, weightsTaken: 0 }
  for (const { name, rows, dim, values, slots } of state.tables.values()) {
    report.rows += rows
    const from = trained.tables.get(name)
    if (from?.shape[1] !== dim) continue
    const rowOf = matchRows(mine.get(name) ?? null, theirs.get(name) ?? null, rows, from.shape[0]!)
    for (let row = 0; row < rows; row++) {
      const other = rowOf(row)
      if (other < 0) continue
      copy([values, ...slots], from.arrays, (array) => array.subarray(other * dim, (other + 1) * dim), row * dim)
      report.rowsTaken++
    }
  }
  for (const { name, shape, values, slots } of state.weights.values()) {
    report.weights++
    const from = trained.weights.get(name)
    if (from?.shape.join() !== shape.join()) continue
    copy([values, ...slots], from.arrays, (array) => array, 0)
    report.weightsTaken++
  }
  return report
}

/** Fills arrays from those that the other has. */
function copy(into: readonly Float32Array[], from: readonly Float32Array[], part: (array: Float32Array) => Float32Array, at: number): void {
  from.forEach((array, i) => into[i]?.set(part(array), at))
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
