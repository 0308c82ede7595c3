/**
 * Copies of the database alone, `backups/pylon-<day>.sqlite`: one at the first opening of a day, the newest seven kept. A copy is compact
 * and whole, made beside and renamed; a database that cannot be read through makes none, so that a damaged one never pushes out good ones.
 */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readUnlessAbsent } from '../files/error-code.ts'
import { backupFolder, dailyCopies } from './daily-copies.ts'
import type { Database } from './database.ts'
import type { Workspace } from './workspace.ts'

const KEPT = 7
/** A database up to this size is copied while the engine opens (about 0.1 s); a larger one by a job, see {@link DailyCopies.due}. */
const QUICK_BYTES = 16 * 1024 * 1024

export class DailyCopies {
  readonly #database: Database
  readonly #workspace: Workspace

  constructor(database: Database, workspace: Workspace) {
    this.#database = database
    this.#workspace = workspace
  }

  /** Makes the copy of this day where there is none and the database is small. @throws the system's error where it cannot be written */
  makeDaily(now: Date = new Date()): void {
    if (readUnlessAbsent(() => statSync(this.#workspace.database).size, 0) > QUICK_BYTES || !this.due(now)) return
    const folder = this.#workspace.temporary()
    try {
      const copy = join(folder, 'copy.sqlite')
      this.#database.copyTo(copy)
      this.take(copy, now)
    } finally {
      this.#workspace.discard(folder)
    }
  }

  /** Whether the copy of this day is still to be made: see {@link DailyCopies.take}. */
  due(now: Date = new Date()): boolean {
    return !this.#database.viewed && !existsSync(this.#pathOf(now))
  }

  /** Takes over a copy that was made elsewhere on the same file system, as that of this day. */
  take(copy: string, now: Date = new Date()): void {
    const place = this.#pathOf(now)
    renameSync(copy, place)
    this.#thin(place)
  }

  #pathOf(now: Date): string {
    return join(backupFolder(this.#workspace.home), `pylon-${dayOf(now)}.sqlite`)
  }

  /** The copy of this day stays, also where others are dated later by a clock that was ahead. */
  #thin(made: string): void {
    const others = dailyCopies(this.#workspace.home).filter(({ path }) => path !== made)
    for (const { path } of others.slice(KEPT - 1)) rmSync(path, { force: true })
  }
}

/** In local time, as its user counts days. */
const dayOf = (time: Date): string =>
  [time.getFullYear(), time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
