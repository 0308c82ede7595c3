/**
 * Which paths whoever asks the engine may name. A desktop program and the command line act for their user: any path goes. Pages of a
 * browser host may name only what their user allowed at the start. A path is resolved here, once, links and all, and what is used after
 * that is the resolved one: there is no second reading of it that could disagree.
 */
import { existsSync, lstatSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { z } from 'zod'
import { badInput, PylonError } from '../../contract/errors.ts'
import { mapPaths, type PathAccess } from '../../contract/paths.ts'
import { errorCode } from './error-code.ts'

/** Folders, absolute and free of links; plain data, as it goes to every process that opens files. */
export interface PathPolicy {
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly code: readonly string[]
  /** nothing in it is code, whatever folder it lies in, and only what `write` names within it is written */
  readonly workspace: string
}

export class PathGuard {
  /** null: any path */
  readonly policy: PathPolicy | null

  constructor(policy: PathPolicy | null) {
    this.policy = policy
  }

  /**
   * A verb's input, or a run's spec, with every path in it checked and resolved.
   * @throws PylonError bad-input, its place that of the path
   */
  input<T>(schema: z.ZodType, value: T): T {
    return mapPaths(schema, value, ({ path, access, place }) => this.check(path, access, place))
  }

  /** The path, absolute and, where there is a policy, free of links. @throws PylonError bad-input where it may not be used so */
  check(path: string, access: PathAccess, place: string): string {
    const absolute = resolve(path)
    if (this.policy === null) return absolute
    const [file, table] = access === 'table' ? splitTable(absolute) : [absolute, undefined]
    const real = isForeignShare(file, this.policy[folderKind(access)]) ? null : realPath(file)
    if (real === null || !this.#allows(real, access, this.policy)) throw this.#refusal(path, access, place)
    if (access !== 'write' && !isPlain(real)) throw badInput(`${path} is neither a file nor a folder.`, place)
    return table === undefined ? real : `${real}#${table}`
  }

  /** Whether a file that was found in an allowed folder is in one itself, and no link that leads out. */
  reaches(path: string): boolean {
    try {
      this.check(path, 'read', path)
      return true
    } catch (error) {
      if (error instanceof PylonError) return false
      throw error
    }
  }

  #allows(real: string, access: PathAccess, { workspace, ...folders }: PathPolicy): boolean {
    const holding = folders[folderKind(access)].filter((folder) => isWithin(real, folder))
    if (access === 'read' || access === 'table' || !isWithin(real, workspace)) return holding.length > 0
    return access === 'write' && holding.some((folder) => isWithin(folder, workspace))
  }

  #refusal(path: string, access: PathAccess, place: string): PylonError {
    const remedy = {
      read: 'upload it, or start the host with --root FOLDER',
      write: 'leave it to the download, or start the host with --root FOLDER (and without --allow-code)',
      code: 'it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code',
    }[folderKind(access)]
    const what = access === 'code' ? 'may not be named by a page' : 'is not in a folder that this host was started with'
    return badInput(`${path} ${what}: ${remedy}.`, place)
  }
}

const folderKind = (access: PathAccess): 'read' | 'write' | 'code' => (access === 'table' ? 'read' : access)

/** For those who act for their user. */
export const ANY_PATH = new PathGuard(null)

/** `FILE.sqlite#TABLE` in its two parts; a file whose name holds a # is taken as it is. */
export function splitTable(path: string): [string, string | undefined] {
  const at = path.lastIndexOf('#')
  return at < 0 || existsSync(path) ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)]
}

/** `folder` itself, or anything below it. Both absolute and free of links. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/**
 * The path without links; of what does not exist, the nearest folder that does and the rest behind it. Null for what cannot be told: a
 * link that leads nowhere or in a circle, a folder that may not be looked into, a name that is too long.
 */
export function realPath(path: string): string | null {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch (error) {
    const parent = dirname(absolute)
    const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'
    if (!missing || parent === absolute || lookAt(absolute, lstatSync)?.isSymbolicLink() === true) return null
    const folder = realPath(parent)
    return folder === null ? null : join(folder, basename(absolute))
  }
}

/** What does not exist is said later, by who wants to open it. */
function isPlain(path: string): boolean {
  const found = lookAt(path, statSync)
  return found === null || found.isFile() || found.isDirectory()
}

function lookAt(path: string, look: (path: string) => Stats): Stats | null {
  try {
    return look(path)
  } catch {
    return null
  }
}

/** On Windows, a share or a device that is none of the folders': even to look there is to sign in at another machine. */
const isForeignShare = (path: string, folders: readonly string[]): boolean =>
  sep === '\\' && path.startsWith('\\\\') && !folders.some((folder) => isWithin(path, folder))
