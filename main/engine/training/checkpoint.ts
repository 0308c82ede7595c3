/**
 * Checkpoints and weights as safetensors files, written beside and renamed. A checkpoint is the whole training state; weights are
 * the trained numbers alone. Loading fills a state of the same model in place and refuses a file that does not fit it.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import { readSafetensors, readSafetensorsHeader, type Tensor, writeSafetensors } from '../files/safetensors.ts'
import { type Counters, parametersOf, type TrainingState } from './state.ts'

const CHECKPOINT_FILE = 'checkpoint.safetensors'
export const BEST_FILE = 'best.safetensors'

/** What a run has settled before the phase that is being trained. */
export interface CheckpointNote {
  /** null while the epoch is being chosen on the validation part */
  readonly chosen: Chosen | null
}

/** How choosing the epoch ended. */
export interface Chosen {
  readonly bestEpoch: number
  /** epochs and steps that were trained to find it */
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
}

/** Saves the whole state with a note. */
export async function saveCheckpoint(folder: string, state: TrainingState, note: CheckpointNote): Promise<void> {
  const slots = [...state.tables.values(), ...state.weights.values()].flatMap(({ name, slots: arrays }) =>
    arrays.map((data, i) => tensor(slotName(name, i), [data.length], data)),
  )
  const extras = [...state.extras].map(([name, data]) => tensor(extraName(name), [data.length], data))
  await writeSafetensors(join(folder, CHECKPOINT_FILE), [...parameterTensors(state), ...slots, ...extras], {
    note: JSON.stringify(note),
    counters: JSON.stringify(state.counters),
  })
}

/** The note of the run's checkpoint, or null where there is none. @throws PylonError bad-data where the file is broken */
export async function readCheckpointNote(folder: string): Promise<CheckpointNote | null> {
  const path = join(folder, CHECKPOINT_FILE)
  if (!existsSync(path)) return null
  const { metadata } = await readSafetensorsHeader(path)
  return JSON.parse(metadata['note'] ?? '{"chosen":null}') as CheckpointNote
}

/** Restores a checkpoint into a state of the same model. @throws PylonError bad-data where the file is broken or of another model */
export async function loadCheckpoint(folder: string, state: TrainingState): Promise<void> {
  const { tensors, metadata } = await readSafetensors(join(folder, CHECKPOINT_FILE))
  fillParameters(state, tensors, CHECKPOINT_FILE)
  for (const { name, slots } of [...state.tables.values(), ...state.weights.values()]) {
    slots.forEach((data, i) => fill(data, tensors, slotName(name, i), CHECKPOINT_FILE))
  }
  for (const [name, data] of state.extras) fill(data, tensors, extraName(name), CHECKPOINT_FILE)
  Object.assign(state.counters, JSON.parse(metadata['counters'] ?? '{}') as Counters)
}

/** Saves the trained numbers under a file name. */
export async function saveWeights(folder: string, file: string, state: TrainingState): Promise<void> {
  await writeSafetensors(join(folder, file), parameterTensors(state), { format: 'pylon-weights', version: '1' })
}

/** Restores trained numbers into a state of the same model; slots and counters stay. */
export async function loadWeights(folder: string, file: string, state: TrainingState): Promise<void> {
  fillParameters(state, (await readSafetensors(join(folder, file))).tensors, file)
}

/** Removes what only an unfinished run needs; done once the run's result is stored, so that a crash before that can be resumed. */
export function removeCheckpoints(folder: string): void {
  for (const file of [CHECKPOINT_FILE, BEST_FILE]) rmSync(join(folder, file), { force: true })
}

const extraName = (name: string): string => `extra:${name}`
const slotName = (name: string, i: number): string => `slot:${name}:${i}`

function parameterTensors(state: TrainingState): Tensor[] {
  return [...parametersOf(state)].map(([name, { shape, values }]) => tensor(name, shape, values))
}

function tensor(name: string, shape: readonly number[], data: Float32Array): Tensor {
  return { name, dtype: 'F32', shape, data: data as Float32Array<ArrayBuffer> }
}

function fillParameters(state: TrainingState, read: ReadonlyMap<string, Tensor>, file: string): void {
  for (const [name, { values }] of parametersOf(state)) fill(values, read, name, file)
}

function fill(target: Float32Array, read: ReadonlyMap<string, Tensor>, name: string, file: string): void {
  const found = read.get(name)
  if (found?.dtype !== 'F32' || found.data.length !== target.length) {
    throw new PylonError(
      'bad-data',
      `"${name}" is missing or of another size: the file belongs to another model or dataset. Train the run anew.`,
      file,
    )
  }
  target.set(found.data)
}
