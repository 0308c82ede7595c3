/** Where an export may go: a folder that is new or empty, and outside what the workspace keeps for itself. */
import { readdir, realpath, rename, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { badInput, conflict, type PylonError } from '../../contract/errors.ts'
import { syncFolder } from '../files/atomic.ts'
import { errorCode } from '../files/error-code.ts'

/**
 * The absolute, real path of `out`.
 * @param guarded folders that nothing may be exported into, such as the workspace's `runs`
 * @throws PylonError conflict where `out` is a file or holds something; bad-input inside a guarded folder
 */
export async function checkExportFolder(out: string, guarded: readonly string[]): Promise<string> {
  const real = await realOf(resolve(out))
  for (const folder of guarded)
    if (await isInside(real, folder))
      throw badInput(`${real} is inside the workspace's own data (${folder}): give a folder elsewhere.`, 'out')
  const names = await readdir(real).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    if (errorCode(error) !== 'ENOTDIR') throw error
    throw real.endsWith('.zip') ? isThere(real) : conflict(`${real} is a file: give a folder that is new or empty.`, 'out')
  })
  if (names.length > 0) throw conflict(`${real} is not empty (it holds ${names[0]}): give a folder that is new or empty.`, 'out')
  return real
}

const isThere = (file: string): PylonError => conflict(`${file} exists: give a file that does not.`, 'out')

/** Before a file is written: what somebody has there stays. @throws PylonError conflict where there is a file or a folder */
export async function checkNewFile(out: string): Promise<void> {
  const found = await stat(out).catch(() => null)
  if (found === null) return
  throw found.isDirectory() ? conflict(`${out} is a folder: give a file that is not there yet.`, 'out') : isThere(out)
}

/** @throws PylonError bad-input where `place` of {@link checkExportFolder} is inside one of the bundles that are read, which would have a file too many */
export async function refuseInside(place: string, bundles: readonly string[]): Promise<void> {
  for (const bundle of bundles)
    if (await isInside(place, bundle)) throw badInput(`${place} is inside the bundle ${bundle}: give a place elsewhere.`, 'out')
}

async function isInside(real: string, folder: string): Promise<boolean> {
  const way = relative(await realOf(resolve(folder)), real)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way)
}

/** The path with symbolic links resolved, as far as it exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error)) || parent === path) throw error
    return join(await realOf(parent), basename(path))
  }
}

/** Moves the finished folder to its place; what somebody put there meanwhile is not touched. */
export async function settle(part: string, out: string): Promise<void> {
  await syncFolder(part)
  await rmdir(out).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return
    throw conflict(`${out} can no longer be replaced (${errorCode(error)}): give a folder that is new or empty.`, 'out', {
      cause: error,
    })
  })
  await rename(part, out)
  await syncFolder(dirname(out))
}
