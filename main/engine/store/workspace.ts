/**
 * The workspace folder: `workspace.json` (its marker), `pylon.sqlite`, `datasets/<name>/`, `runs/<run>/`, `trash/`, `backups/`,
 * `engines/` (who has it open), `serving/` (what was changed in servers) and `tmp/<engine>/`. A dataset is made in `tmp` and moved to its place whole. Nothing is removed but what
 * this process put into its own folder in `tmp`: what was made is moved to the trash, what a dead process left stays until asked for.
 */
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { conflict, systemFailure, unavailable } from '../../contract/errors.ts'
import { errorCode, makeFolder } from '../files/error-code.ts'
import { Engines, type EngineRecord } from './engines.ts'
import { DATABASE, kindOfHome, safeFolderName, makeHome, PRIVATE_MODE, whyNotWorkspace } from './marker.ts'
import { deleteOldestCopy } from './daily-copies.ts'
import { holdReserve, spendReserve } from './reserve.ts'

/** Where the workspace is: what was asked for, else PYLON_HOME, else the platform's data folder. Absolute. */
export function homeFolder(asked?: string, env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const given = asked ?? env['PYLON_HOME']
  if (given !== undefined && given !== '') return resolve(given)
  if (platform === 'darwin') return join(os.homedir(), 'Library', 'Application Support', 'Pylon')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(os.homedir(), 'AppData', 'Local'), 'Pylon')
  const data = env['XDG_DATA_HOME']
  return join(data !== undefined && data.startsWith('/') ? data : join(os.homedir(), '.local', 'share'), 'pylon')
}

/**
 * What a workspace is opened for. On a full disk: to `change` it fails once the reserve is spent; to `look` spends nothing, and it is
 * opened for reading only; to `free` space gives up daily copies of the database too; to `stay`, as hosts do, it is opened for reading
 * only where the reserve is not enough.
 */
export type OpenPurpose = 'change' | 'look' | 'free' | 'stay'
export const opensReadOnlyWhenFull = (purpose: OpenPurpose): boolean => purpose === 'look' || purpose === 'stay'

export class Workspace {
  readonly home: string
  readonly engines: Engines
  /** whether this opening marked a workspace of version 0.1.0 */
  isUpgraded = false
  #temporaries = 0
  /** why nothing may be written here; null where it may */
  #viewed: string | null = null
  /** hears why, when an engine of another machine comes in later and this workspace turns read only */
  onViewed: (why: string) => void = () => undefined
  /** the folder of this process's own */
  #own: string

  private constructor(home: string) {
    this.home = home
    this.engines = new Engines(home)
    this.#own = join(home, 'tmp', this.engines.engine)
  }

  /**
   * Opens the folder as a workspace: makes it where it is absent or empty, marks one of version 0.1.0, and touches no other. Where
   * nothing can be written, or an engine of another machine has it open, it is opened for reading only.
   * @throws PylonError where it is no workspace, or one that cannot be opened
   */
  static open(home: string, what: EngineRecord['what'] = 'engine', purpose: OpenPurpose = 'change'): Workspace {
    const kind = kindOfHome(home)
    const refused = whyNotWorkspace(home, kind)
    if (refused !== null) throw refused
    const workspace = new Workspace(home)
    try {
      const enter = (): void => {
        if (kind.is === 'absent' || kind.is === 'empty') makeHome(home)
        const foreign = workspace.engines.enter(what, (other) => {
          workspace.#viewed = elsewhere(other)
          workspace.onViewed(workspace.#viewed)
        })
        if (foreign !== null) return workspace.#view(elsewhere(foreign))
        if (kind.is === 'unmarked') {
          makeHome(home)
          workspace.isUpgraded = true
        }
        for (const folder of ['datasets', 'runs', 'tmp', 'trash', 'backups']) makeFolder(join(home, folder), PRIVATE_MODE)
      }
      if (purpose === 'look') enter()
      else workspace.whenFull(enter, purpose === 'free')
    } catch (error) {
      workspace.engines.leave()
      const code = errorCode(error)
      if (kind.is === 'absent' || kind.is === 'empty') {
        if (code === '') throw error
        const why = systemFailure(error)?.message ?? (error as Error).message
        throw unavailable(`No workspace can be made at ${home}. ${why} Or give another --home.`, undefined, {
          cause: error,
        })
      }
      if (opensReadOnlyWhenFull(purpose) && isDiskFull(error) && kind.is === 'workspace') {
        workspace.viewFull()
        return workspace
      }
      if (!['EROFS', 'EACCES', 'EPERM', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'].some((known) => code.startsWith(known))) throw error
      workspace.#view('It lies where this user cannot write.')
    }
    if (workspace.#viewed === null) holdReserve(home)
    return workspace
  }

  /** Enters a workspace whose database cannot be opened, to put that right. @throws the system's error where it cannot be written */
  static recover(home: string): Workspace {
    const workspace = new Workspace(home)
    const foreign = workspace.engines.enter('engine')
    if (foreign !== null) throw conflict(elsewhere(foreign), home)
    makeFolder(join(home, 'trash'), PRIVATE_MODE)
    return workspace
  }

  /** Turns to reading only, as there is no room to write. */
  viewFull(): void {
    this.#view('The disk is full. Free some space (pylon trash empty, or pylon delete RUN --forever), then open it again.')
  }

  /** Why nothing may be written here; null where it may. An engine of another machine that comes in later changes it. */
  get viewed(): string | null {
    return this.#viewed
  }

  /** @throws PylonError unavailable where the workspace is open for reading only */
  checkWritable(): void {
    if (this.#viewed !== null) throw unavailable(`The workspace ${this.home} is open for reading only. ${this.#viewed}`)
  }

  get database(): string {
    return join(this.home, DATABASE)
  }
  /** @throws PylonError bad-data where the name could lead out of the folder */
  dataset(name: string): string {
    return join(this.home, 'datasets', safeFolderName(name))
  }
  /** @throws PylonError bad-data where the id could lead out of the folder */
  run(id: string): string {
    return join(this.home, 'runs', safeFolderName(id))
  }

  /** What was changed in a server of a run or a bundle, by a name of it. @throws PylonError bad-data where it could lead out */
  serving(name: string): string {
    return join(this.home, 'serving', safeFolderName(name))
  }

  /** A new empty folder, this process's own until it ends: in `tmp`, or in the system's where the workspace is only read. */
  temporary(): string {
    const folder = join(this.#own, String(++this.#temporaries))
    mkdirSync(folder, { recursive: true, mode: PRIVATE_MODE })
    return folder
  }

  /** Removes a folder that {@link temporary} gave. */
  discard(folder: string): void {
    if (dirname(folder) !== this.#own) throw new Error(`${folder} is no temporary folder of this process`)
    rmSync(folder, { recursive: true, force: true })
  }

  /**
   * Runs `body`; where the disk is full, the reserve is given up for it in parts, and it is tried again after each.
   * @param copies whether daily copies of the database go too, the oldest first: for what frees space, which nothing
   * may stand in the way of
   */
  whenFull<T>(body: () => T, copies = true): T {
    for (;;) {
      try {
        return body()
      } catch (error) {
        if (!isDiskFull(error) || !(spendReserve(this.home) || (copies && deleteOldestCopy(this.home)))) throw error
      }
    }
  }

  /** Removes what this process has in `tmp`, and leaves. */
  close(): void {
    rmSync(this.#own, { recursive: true, force: true })
    this.engines.leave()
  }

  #view(why: string): void {
    this.#viewed = why
    this.#own = mkdtempSync(join(os.tmpdir(), 'pylon-view-'))
  }
}

const elsewhere = ({ machine, pid, openedAt }: EngineRecord): string =>
  `It has been open on the machine ${machine.host} (process ${pid}) since ${openedAt}, and its database does not work from two machines: close it there, then open it here again (up to a minute later, where it ended in a crash).`

/** Whether a write failed for want of room. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR'].some((code) => errorCode(error).startsWith(code))

/** Renames, then flushes the folder that holds the new name, so that the rename itself survives a power cut. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to)
  flush(dirname(to))
}

function flush(folder: string): void {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
