/** Where the daily copies of the database lie, and which of them are there; what they are, make-daily-copy.ts says. */
import { lstatSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { entryNames } from './marker.ts'

const COPY = /^pylon-(\d{4}-\d{2}-\d{2})\.sqlite$/
/** Free space below which a disk counts as full. */
const MIN_FREE_BYTES = 1024 * 1024

export const backupFolder = (home: string): string => join(home, 'backups')

/** The daily copies of a workspace's database, newest first. */
export function dailyCopies(home: string): { day: string; path: string }[] {
  return entryNames(backupFolder(home))
    .flatMap((name) => {
      const day = COPY.exec(name)?.[1]
      const path = join(backupFolder(home), name)
      return day === undefined || !lstatSync(path).isFile() ? [] : [{ day, path }]
    })
    .sort((a, b) => b.day.localeCompare(a.day))
}

/** Gives up the oldest daily copy on a disk that is full. @returns whether it did */
export function deleteOldestCopy(home: string): boolean {
  const { bavail, bsize } = statfsSync(home)
  const oldest = dailyCopies(home).at(-1)
  if (oldest === undefined || bavail * bsize > MIN_FREE_BYTES) return false
  rmSync(oldest.path, { force: true })
  return true
}
