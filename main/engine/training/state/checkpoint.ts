/**
 * Checkpoints and weights as safetensors files, written beside and renamed. A checkpoint is the whole training state; weights are
 * the trained numbers alone. Loading fills a state of the same model in place and refuses a file that does not fit it. What an unfinished
 * run needs is sealed and names its run, as it changes too often to be recorded elsewhere. The checkpoint before the last is kept too: it
 * takes its place where that is damaged. At most two lie there while a third is written, so that this takes no more of the disk.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PylonError } from '../../../contract/errors.ts'
import { syncFolder } from '../../files/atomic.ts'
import { isSealed, readSafetensors, readSafetensorsHeader, type Tensor, writeSafetensors } from '../../files/safetensors.ts'
import type { Curve } from '../loop/run.ts'
import type { SpectralSettings } from '../spectral/start.ts'
import { type Counters, parametersOf, type TrainingState } from './state.ts'

const CHECKPOINT_FILE = 'checkpoint.safetensors'
const PREVIOUS_FILE = 'checkpoint.previous.safetensors'
/** being written: what another than the last attempt left of it is overwritten */
const NEXT_FILE = 'checkpoint.next.safetensors'
/** a damaged checkpoint whose place the one before has taken */
const DAMAGED_FILE = 'checkpoint.damaged.safetensors'
const BEST_FILE = 'best.safetensors'
/** What only an unfinished run has. */
export const UNFINISHED_FILES = [CHECKPOINT_FILE, PREVIOUS_FILE, NEXT_FILE, DAMAGED_FILE, BEST_FILE] as const

/** What a run has settled before the phase that is being trained. */
export interface CheckpointNote {
  /** null while the epoch is being chosen on the validation part */
  readonly chosen: Chosen | null
  /** of the closed form that the model started from; absent where it did not */
  readonly start?: SpectralSettings | null
}

/** How choosing the epoch ended. */
export interface Chosen {
  readonly bestEpoch: number
  /** epochs and steps that were trained to find it */
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
  /** the curve of its learning rates, which the final fit keeps; absent where Pylon before 0.4 chose: then the final fit has its own */
  readonly curve?: Curve
}

/** Saves the whole state with a note, and keeps the checkpoint before it. The run is the one that the folder is named after. */
export async function saveCheckpoint(folder: string, state: TrainingState, note: CheckpointNote): Promise<void> {
  const slots = [...state.tables.values(), ...state.weights.values()].flatMap(({ name, slots: arrays }) =>
    arrays.map((data, i) => tensor(slotName(name, i), [data.length], data)),
  )
  const extras = [...state.extras].map(([name, data]) => tensor(extraName(name), [data.length], data))
  const [path, previous] = [join(folder, CHECKPOINT_FILE), join(folder, PREVIOUS_FILE)]
  const next = join(folder, NEXT_FILE)
  // when the first is whole, the one before it is not needed while the next is written
  if (existsSync(path)) rmSync(previous, { force: true })
  await writeSafetensors(
    next,
    [...parameterTensors(state), ...slots, ...extras],
    { run: basename(folder), note: JSON.stringify(note), counters: JSON.stringify(state.counters) },
    { seal: true },
  )
  if (existsSync(path)) await rename(path, previous)
  await rename(next, path)
  await syncFolder(folder)
}

/** A checkpoint to go on from. */
export interface FoundCheckpoint {
  readonly note: CheckpointNote
  /** what the user should know: the last one was damaged, or there is nothing to check it by */
  readonly warnings: readonly string[]
}

/**
 * The run's last checkpoint; where that is damaged and the one before it is whole, that one, which then has its place. null where there
 * is none at all.
 * @throws PylonError bad-data naming the file where none is whole
 */
export async function findCheckpoint(folder: string): Promise<FoundCheckpoint | null> {
  const [path, previous] = [join(folder, CHECKPOINT_FILE), join(folder, PREVIOUS_FILE)]
  if (!existsSync(path) && !existsSync(previous)) return null
  const damage = existsSync(path) ? await damageOf(path) : null
  if (damage instanceof PylonError) {
    if (!existsSync(previous) || (await damageOf(previous)) instanceof PylonError) throw damage
    renameSync(path, join(folder, DAMAGED_FILE))
  }
  if (!existsSync(path)) renameSync(previous, path)
  const { metadata } = await readSafetensorsHeader(path)
  return {
    note: JSON.parse(metadata['note'] ?? '{"chosen":null}') as CheckpointNote,
    warnings: [
      ...(damage instanceof PylonError ? [`${damage.message} Going on from the checkpoint before it.`] : []),
      ...(damage === 'unsealed' ? [`${path} has no checksum to check it by: it is taken as it is.`] : []),
    ],
  }
}

/**
 * Checks the weights of the best epoch, which a run that goes on needs at its end.
 * @throws PylonError not-found, bad-data
 */
export async function checkBest(folder: string): Promise<void> {
  const damage = await damageOf(join(folder, BEST_FILE))
  if (damage instanceof PylonError) throw damage
}

/** What is wrong with a sealed file; `unsealed` where an earlier Pylon wrote it. @throws PylonError not-found */
async function damageOf(path: string): Promise<PylonError | 'unsealed' | null> {
  try {
    const whole = await isSealed(path)
    if (whole === null) return 'unsealed'
    if (!whole) return damaged(path, 'The file is not the one that was written')
    const { run } = (await readSafetensorsHeader(path)).metadata
    return run === basename(dirname(path)) ? null : damaged(path, `The file is of run ${run}`)
  } catch (error) {
    if (error instanceof PylonError && error.code === 'bad-data') return damaged(path, error.message)
    throw error
  }
}

function damaged(path: string, what: string): PylonError {
  return new PylonError('bad-data', `${what.replace(/\.$/, '')}. Restore it from a backup, or train the run anew.`, path)
}

/** Restores a checkpoint into a state of the same model. @throws PylonError bad-data where the file is broken or of another model */
export async function loadCheckpoint(folder: string, state: TrainingState): Promise<void> {
  const { tensors, metadata } = await readSafetensors(join(folder, CHECKPOINT_FILE))
  fillParameters(state, tensors, CHECKPOINT_FILE)
  for (const { name, slots } of [...state.tables.values(), ...state.weights.values()]) {
    slots.forEach((data, i) => fill(data, tensors, slotName(name, i), CHECKPOINT_FILE))
  }
  // what an earlier Pylon kept otherwise begins anew
  for (const [name, data] of state.extras) if (tensors.has(extraName(name))) fill(data, tensors, extraName(name), CHECKPOINT_FILE)
  Object.assign(state.counters, JSON.parse(metadata['counters'] ?? '{}') as Counters)
}

/** Saves the trained numbers. */
export function saveWeights(path: string, state: TrainingState): Promise<void> {
  return writeSafetensors(path, parameterTensors(state), WEIGHTS)
}

/** Restores trained numbers into a state of the same model; slots and counters stay. */
export async function loadWeights(path: string, state: TrainingState): Promise<void> {
  fillParameters(state, (await readSafetensors(path)).tensors, path)
}

/** Saves the trained numbers of the best epoch so far. */
export function saveBest(folder: string, state: TrainingState): Promise<void> {
  return writeSafetensors(join(folder, BEST_FILE), parameterTensors(state), { ...WEIGHTS, run: basename(folder) }, { seal: true })
}

/** Restores the numbers of the best epoch. @throws PylonError not-found; bad-data where they are not what was written */
export async function loadBest(folder: string, state: TrainingState): Promise<void> {
  await checkBest(folder)
  await loadWeights(join(folder, BEST_FILE), state)
}

/** Removes what only an unfinished run needs; done once the run's result is stored, so that a crash before that can be resumed. */
export function removeCheckpoints(folder: string): void {
  for (const file of UNFINISHED_FILES) rmSync(join(folder, file), { force: true })
}

const WEIGHTS = { format: 'pylon-weights', version: '1' } as const
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
