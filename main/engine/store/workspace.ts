/**
 * The workspace folder: `pylon.sqlite`, `datasets/<name>/`, `runs/<run>/` and `tmp/<owner>/`. A dataset is made in `tmp` and moved to
 * its place whole. What a dead process left in `tmp` is removed when the next engine opens.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import { codeOf } from '../files/error-code.ts'
import { isAlive, ownerOf } from './owner.ts'

/** Where the workspace is: what was asked for, else PYLON_HOME, else the platform's data folder. Absolute. */
export function homeFolder(asked?: string, env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const given = asked ?? env['PYLON_HOME']
  if (given !== undefined && given !== '') return resolve(given)
  if (platform === 'darwin') return join(os.homedir(), 'Library', 'Application Support', 'Pylon')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(os.homedir(), 'AppData', 'Local'), 'Pylon')
  const data = env['XDG_DATA_HOME']
  return join(data !== undefined && data.startsWith('/') ? data : join(os.homedir(), '.local', 'share'), 'pylon')
}

export class Workspace {
  readonly home: string
  readonly #own: string
  #temporaries = 0

  /** Makes the folders. @throws PylonError unavailable where it cannot */
  constructor(home: string) {
    this.home = home
    this.#own = join(home, 'tmp', ownerOf())
    try {
      for (const folder of ['datasets', 'runs', 'tmp']) mkdirSync(join(home, folder), { recursive: true })
    } catch (error) {
      throw new PylonError(
        'unavailable',
        `${home} cannot be used as a workspace (${(error as Error).message}): give another --home.`,
        undefined,
        { cause: error },
      )
    }
  }

  get database(): string {
    return join(this.home, 'pylon.sqlite')
  }
  dataset(name: string): string {
    return join(this.home, 'datasets', name)
  }
  run(id: string): string {
    return join(this.home, 'runs', id)
  }

  /** A new empty folder in `tmp`, this process's own until it ends. */
  temporary(): string {
    const folder = join(this.#own, String(++this.#temporaries))
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Moves a file or folder out of sight in one step, then deletes it; fine where there is none. */
  remove(path: string): void {
    const aside = join(this.temporary(), 'removed')
    try {
      renameSync(path, aside)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    rmSync(dirname(aside), { recursive: true, force: true })
  }

  /** The folders in `tmp` whose process is dead. */
  abandoned(): string[] {
    return readdirSync(join(this.home, 'tmp'))
      .filter((owner) => !isAlive(owner))
      .map((owner) => join(this.home, 'tmp', owner))
  }

  /** Removes what this process has in `tmp`. */
  close(): void {
    rmSync(this.#own, { recursive: true, force: true })
  }
}

/** Names of the entries of a folder; none where there is no such folder. */
export function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Renames, then flushes the folder that holds the new name, so that the rename itself survives a power cut. */
export function moveInto(from: string, to: string): void {
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
