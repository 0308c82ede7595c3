/** The report on a workspace for `pylon doctor`: changes nothing, and works also where it cannot be opened. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toErrorShape } from '../../contract/errors.ts'
import { shellWord } from '../../contract/shell-word.ts'
import type { WorkspaceReport } from '../../contract/shapes/workspace.ts'
import { readUnlessAbsent } from '../files/error-code.ts'
import { sizeOf } from '../files/size.ts'
import { dailyCopies } from './daily-copies.ts'
import { Database, isWhole } from './database.ts'
import { Datasets } from './datasets.ts'
import { Engines } from './engines.ts'
import { copyDatabase, DATABASE, entryNames, kindOfHome, whyNotWorkspace } from './marker.ts'
import { Runs } from './runs.ts'
import { entriesKnownTo, straysOf } from './strays.ts'

/** Reads the workspace at `home` through a copy of its database. `own` is the asking engine's name, where it has it open. */
export function workspaceReport(home: string, askingEngine: string | null): WorkspaceReport {
  const kind = kindOfHome(home)
  const refused = whyNotWorkspace(home, kind)
  const mode = readUnlessAbsent(() => statSync(home).mode & 0o777, null)
  const problems = refused === null ? [] : [refused.message]
  const nothing: WorkspaceReport = {
    home,
    state: kind.is === 'absent' || kind.is === 'empty' ? 'absent' : 'refused',
    problems,
    mode: mode === null ? null : mode.toString(8),
    datasets: 0,
    runs: 0,
    engines: [],
    strays: [],
    trash: { entries: 0, bytes: 0 },
    backups: [],
  }
  if (kind.is === 'absent' || kind.is === 'empty' || kind.is === 'foreign' || kind.is === 'file') return nothing
  const engines = new Engines(home)
  const report: WorkspaceReport = {
    ...nothing,
    engines: engines
      .others()
      // a host has its engine's own record beside its own
      .filter(({ engine, what }) => engine !== askingEngine && what === 'engine')
      .map(({ engine, machine, pid, openedAt }) => ({ engine, host: machine.host, pid, openedAt })),
    trash: { entries: entryNames(join(home, 'trash')).length, bytes: sizeOf(join(home, 'trash')) },
    backups: dailyCopies(home).map(({ day }) => day),
  }
  if (refused !== null) return report
  if (mode !== null && (mode & 0o077) !== 0 && process.platform !== 'win32')
    problems.push(`Other users of this machine can look into it (mode ${mode.toString(8)}): chmod 700 makes it private.`)
  const copy = mkdtempSync(join(tmpdir(), 'pylon-look-'))
  try {
    copyDatabase(home, copy)
    if (!isWhole(join(copy, DATABASE))) {
      problems.push(
        `The database (${join(home, DATABASE)}) is damaged: pylon doctor --repair --home ${shellWord(home)} makes it anew from the folders and the daily copies.`,
      )
      return report
    }
    const database = new Database(join(copy, DATABASE), { viewed: true })
    try {
      const isAlive = (owner: string): boolean => owner === askingEngine || engines.isAlive(owner)
      // neither is asked for anything but its rows
      const rows = {
        runs: new Runs(database, { isAlive, hasFolder: () => false }),
        datasets: new Datasets(database),
      }
      const named = entriesKnownTo(rows)
      // a run that was killed before its first file has lost none
      const withFiles = database.all<{ run: string }>('SELECT DISTINCT run FROM artefacts').map(({ run }) => run)
      const without = (folder: string, names: readonly string[]): string[] =>
        names.filter((name) => entryNames(join(home, folder, name)).length === 0)
      const [runs, datasets] = [without('runs', withFiles), without('datasets', [...named.datasets])]
      if (runs.length > 0) problems.push(`The files of ${listed('run', runs)} are gone: pylon restore brings them from a backup.`)
      if (datasets.length > 0) problems.push(`The files of ${listed('dataset', datasets)} are gone: restore a backup, or import anew.`)
      return {
        ...report,
        state: 'ok',
        datasets: named.datasets.size,
        runs: named.runs.size,
        strays: straysOf({ home, ...named, isAlive }),
      }
    } finally {
      database.close()
    }
  } catch (error) {
    problems.push(toErrorShape(error).message)
    return report
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** As many names as a person reads. */
const NAMED = 5

/** `run a`; `7 runs (a, b, c, d, e, …)` */
function listed(what: string, names: readonly string[]): string {
  if (names.length === 1) return `${what} ${names[0]}`
  return `${names.length} ${what}s (${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ', …' : ''})`
}
