/**
 * Vectors of a run as they were after its epochs: those of all items, and of the users whose geometry is watched. They are files of the run,
 * a file an epoch, thinned evenly so that they stay within a budget, the best epoch among them whatever else goes.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { badData, PylonError } from '../../contract/errors.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { isSealed, readSafetensors, readSafetensorsHeader, type Tensor, writeSafetensors } from '../files/safetensors.ts'
import { EPOCHS, type RecordedFiles, runFile } from './run-files.ts'

/** What the model is after an epoch. */
export interface EpochVectors {
  /** [items × dim] */
  readonly items: Float32Array
  /** dense indices, rising */
  readonly userRows: Int32Array
  /** [userRows × interests·dim], of users as of the end of what was trained on */
  readonly users: Float32Array
}

const FILE = /^(\d{4,})\.safetensors$/
/** By run folder, with forward slashes. */
export const epochFile = (epoch: number): string => `${EPOCHS}/${String(epoch).padStart(4, '0')}.safetensors`

/** Bytes of a file beside its numbers, about. */
const HEADER = 400

export const epochBytes = ({ items, userRows, users }: EpochVectors): number => 4 * (items.length + userRows.length + users.length) + HEADER

/**
 * Which epochs stay when so many were trained: every `step`-th from the first, for the least power of two that leaves room for the best,
 * and the best. What goes at one epoch is asked for at no later one, except a best that has become it, which is the newest then.
 * @param most files there may be
 */
export function epochsToKeep(first: number, last: number, best: number, most: number): Set<number> {
  if (most < 1) return new Set()
  for (let step = 1; ; step *= 2) {
    const kept = new Set([best])
    for (let epoch = first; epoch <= last; epoch += step) kept.add(epoch)
    if (kept.size <= most) return kept
    if (step > last - first) return new Set([best])
  }
}

/** Epochs whose vectors lie in a run's folder, rising; of a run under way they are sealed, and not recorded yet. */
export function epochsIn(runFolder: string): number[] {
  const folder = join(runFolder, EPOCHS)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => FILE.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** Epochs whose vectors are recorded of a run, rising. */
export function recordedEpochs(records: readonly Artefact[]): number[] {
  return records
    .flatMap(({ path }) => (path.startsWith(`${EPOCHS}/`) ? (FILE.exec(basename(path))?.[1] ?? []) : []))
    .map(Number)
    .sort((a, b) => a - b)
}

/** Removes the vectors of epochs that are not to stay. */
export function removeEpochs(runFolder: string, stays: (epoch: number) => boolean): void {
  for (const epoch of epochsIn(runFolder)) if (!stays(epoch)) rmSync(join(runFolder, epochFile(epoch)), { force: true })
}

export async function writeEpoch(runFolder: string, epoch: number, { items, userRows, users }: EpochVectors, dim: number): Promise<void> {
  mkdirSync(join(runFolder, EPOCHS), { recursive: true })
  const width = userRows.length === 0 ? dim : users.length / userRows.length
  const tensors = [
    { name: 'items', dtype: 'F32', shape: [items.length / dim, dim], data: items as Float32Array<ArrayBuffer> },
    { name: 'users', dtype: 'F32', shape: [userRows.length, width], data: users as Float32Array<ArrayBuffer> },
    { name: 'user_rows', dtype: 'I32', shape: [userRows.length], data: userRows as Int32Array<ArrayBuffer> },
  ] satisfies Tensor[]
  const metadata = { format: 'pylon-epoch', run: basename(runFolder), epoch: String(epoch) }
  await writeSafetensors(join(runFolder, epochFile(epoch)), tensors, metadata, { seal: true })
}

/** Whether the vectors of an epoch, not recorded yet, are what was written of this run. */
export async function isWholeEpoch(runFolder: string, epoch: number): Promise<boolean> {
  const path = join(runFolder, epochFile(epoch))
  try {
    if ((await isSealed(path)) !== true) return false
    const { run, epoch: of } = (await readSafetensorsHeader(path)).metadata
    return run === basename(runFolder) && of === String(epoch)
  } catch (error) {
    if (error instanceof PylonError && error.code === 'bad-data') return false
    throw error
  }
}

/**
 * @param items how many there must be
 * @throws PylonError not-found, bad-data where the file is not what was written, or of other items
 */
export async function readEpoch(run: RecordedFiles, epoch: number, items: number, dim: number): Promise<EpochVectors> {
  const path = await runFile(run, epochFile(epoch))
  const { tensors } = await readSafetensors(path)
  const [all, users, rows] = ['items', 'users', 'user_rows'].map((name) => tensors.get(name))
  if (all?.dtype !== 'F32' || users?.dtype !== 'F32' || rows?.dtype !== 'I32' || all.data.length !== items * dim)
    throw badData('It holds no vectors of the items of this run. Train the run again.', path)
  return { items: all.data, userRows: rows.data, users: users.data }
}
