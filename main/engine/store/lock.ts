/**
 * A file lock that the kernel lets go when its process ends, however it ends: an empty SQLite file held in an exclusive transaction.
 * Nothing else in the process may open such a file, as closing any handle of it drops a POSIX lock.
 */
import { existsSync } from 'node:fs'
import { errorCode } from '../files/error-code.ts'
import { openLock, type LockFile } from './database.ts'

/** Takes the lock, making the file where there is none. @throws Error where somebody holds it, or the file cannot be made */
export function takeLock(path: string): LockFile {
  const file = openLock(path, false)
  try {
    file.exec('BEGIN EXCLUSIVE')
    return file
  } catch (error) {
    file.close()
    throw error
  }
}

/** Whether somebody on this machine holds the lock. Those who ask at one time do not see each other. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  let file: LockFile | null = null
  try {
    file = openLock(path, true)
    file.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    return false
  } catch (error) {
    if (errorCode(error).startsWith('SQLITE_BUSY')) return true
    if (errorCode(error) === 'SQLITE_CANTOPEN') return false // its owner has just taken it away
    throw error
  } finally {
    file?.close()
  }
}
