/** Where the files of a dataset lie in its folder, and how many bytes an interaction takes in each. */
import { join } from 'node:path'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { sha256File } from '../files/atomic.ts'

export const ARRAYS = {
  user: { file: 'user.i32', bytes: 4 },
  item: { file: 'item.i32', bytes: 4 },
  part: { file: 'part.u8', bytes: 1 },
  time: { file: 'time.f64', bytes: 8 },
  weight: { file: 'weight.f32', bytes: 4 },
  event: { file: 'event.u8', bytes: 1 },
} as const
export type ArrayName = keyof typeof ARRAYS

export function manifestPath(folder: string): string {
  return join(folder, 'dataset.json')
}

/** Relative to the dataset's folder. */
export function arrayFile(array: ArrayName): string {
  return `interactions/${ARRAYS[array].file}`
}

/** Relative to the dataset's folder. */
export function rowsFile(side: 'user' | 'item'): string {
  return `${side}s.parquet`
}

export function arrayPath(folder: string, array: ArrayName): string {
  return join(folder, arrayFile(array))
}

export function rowsPath(folder: string, side: 'user' | 'item'): string {
  return join(folder, rowsFile(side))
}

/** The arrays that a dataset has. */
export function arraysOf({ hasTime, hasWeight, events }: Pick<DatasetManifest, 'hasTime' | 'hasWeight' | 'events'>): ArrayName[] {
  const optional = { time: hasTime, weight: hasWeight, event: events.length > 0 } as const
  return (Object.keys(ARRAYS) as ArrayName[]).filter((array) => !(array in optional) || optional[array as keyof typeof optional])
}

/** The manifest of a written folder with the checksums of its files, by which they are known again when they are read. */
export async function withChecksums(folder: string, manifest: DatasetManifest): Promise<DatasetManifest> {
  const paths = [...arraysOf(manifest).map(arrayFile), rowsFile('user'), rowsFile('item')]
  return { ...manifest, files: await Promise.all(paths.map(async (path) => ({ path, ...(await sha256File(join(folder, path))) }))) }
}
