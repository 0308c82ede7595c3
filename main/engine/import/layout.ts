/** Where the files of a dataset lie in its folder, and how many bytes an interaction takes in each. */
import { join } from 'node:path'

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

export function arrayPath(folder: string, array: ArrayName): string {
  return join(folder, 'interactions', ARRAYS[array].file)
}

export function rowsPath(folder: string, side: 'user' | 'item'): string {
  return join(folder, `${side}s.parquet`)
}
