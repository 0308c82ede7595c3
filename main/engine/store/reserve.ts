/**
 * A few megabytes kept for the moment the disk is full, when even deleting needs room: for the database's log, and to note what went to
 * the trash. The file is made while there is plenty, given up in parts when writes fail, and made again at a later opening.
 */
import { lstatSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { absent } from '../files/error-code.ts'

const RESERVE = 'reserve'
const BYTES = 4 * 1024 * 1024
const STEP = BYTES / 8
/** free space from which on the reserve is no burden */
const PLENTY = 8 * BYTES

/** Makes the reserve where there is room for it; best effort. */
export function holdReserve(home: string): void {
  const path = join(home, RESERVE)
  const stat = absent(() => lstatSync(path), null)
  if (stat !== null && (!stat.isFile() || stat.size >= BYTES)) return
  try {
    const { bavail, bsize } = statfsSync(home)
    // random bytes would not do less: file systems that compress or share zeros are the exception here
    if (bavail * bsize >= PLENTY) writeFileSync(path, Buffer.alloc(BYTES), { mode: 0o600 })
  } catch {
    rmSync(path, { force: true })
  }
}

/**
 * Gives a part of the reserve up: what others write at once into the room that comes free leaves some for the next emergency.
 * @returns whether there was one
 */
export function spendReserve(home: string): boolean {
  const path = join(home, RESERVE)
  const stat = absent(() => lstatSync(path), null)
  if (stat?.isFile() !== true || stat.size === 0) return false
  if (stat.size > STEP) truncateSync(path, stat.size - STEP)
  else rmSync(path, { force: true })
  return true
}
