/**
 * Room kept for the moment the disk is full, when even deleting needs some: for the database's log, and to note what went to the trash. The
 * file is made while there is plenty, given up in parts when writes fail, and made again at a later opening.
 */
import { lstatSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readUnlessAbsent } from '../files/error-code.ts'

const RESERVE = 'reserve'
/** What is kept, the largest of these for which eight times as much is free; a small disk has a small database. */
const SIZES = [4096, 1024, 256].map((kilobytes) => kilobytes * 1024)
const MIN_STEP = 64 * 1024

/** Makes the reserve where there is room for it; best effort. */
export function holdReserve(home: string): void {
  const path = join(home, RESERVE)
  const stat = readUnlessAbsent(() => lstatSync(path), null)
  if (stat !== null && !stat.isFile()) return
  try {
    const { bavail, bsize } = statfsSync(home)
    const size = SIZES.find((bytes) => bavail * bsize >= 8 * bytes) ?? 0
    // random bytes would not do less: file systems that compress or share zeros are the exception here
    if (size > (stat?.size ?? 0)) writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })
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
  const stat = readUnlessAbsent(() => lstatSync(path), null)
  if (stat?.isFile() !== true || stat.size === 0) return false
  const step = Math.max(MIN_STEP, Math.ceil(stat.size / 8))
  if (stat.size > step) truncateSync(path, stat.size - step)
  else rmSync(path, { force: true })
  return true
}
