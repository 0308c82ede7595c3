/**
 * What lies in a workspace's folders and no row of its database knows: left by processes that died, by a database that was restored
 * from an older copy, or put there by hand. It is listed, and moved to the trash where that is asked for; nothing else is done with it.
 */
import { existsSync, lstatSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Stray } from '../../contract/shapes/workspace.ts'
import { sizeOf } from '../files/size.ts'
import { entryNames } from './marker.ts'
import { processName } from './process-name.ts'
import type { Store } from './store.ts'
import type { Trash } from './trash.ts'

/** What there is to know of a workspace to tell its strays. */
export interface KnownEntries {
  readonly home: string
  readonly datasets: ReadonlySet<string>
  /** runs by id; true where somebody works on it */
  readonly runs: ReadonlyMap<string, boolean>
  readonly isAlive: (owner: string) => boolean
}

/** By path. */
export function straysOf({ home, datasets, runs, isAlive }: KnownEntries): Stray[] {
  const found = (path: string, what: Stray['what']): Stray => ({ path, what, bytes: sizeOf(join(home, path)) })
  const unknown = (folder: string, isKnown: (name: string) => boolean, what: Stray['what']): Stray[] =>
    entryNames(join(home, folder))
      .filter((name) => !isKnown(name))
      .map((name) => found(`${folder}/${name}`, what))
  // while a run is worked on its parts are its own
  const parts = [...runs].flatMap(([id, busy]) =>
    busy ? [] : partsIn(join(home, 'runs', id)).map((name) => found(`runs/${id}/${name}`, 'part')),
  )
  return [
    ...unknown('datasets', (name) => datasets.has(name), 'dataset'),
    ...unknown('runs', (id) => runs.has(id), 'run'),
    ...parts,
    // a web host of version 0.1.0 has its process's name
    ...unknown('tmp', (owner) => owner === processName() || isAlive(owner), 'temporary'),
  ]
}

/** The strays of an opened workspace. */
export function straysIn(store: Store): Stray[] {
  return straysOf({ ...entriesKnownTo(store), home: store.workspace.home, isAlive: (owner) => store.workspace.engines.isAlive(owner) })
}

/** What the rows of a store name. */
export function entriesKnownTo({ datasets, runs }: Pick<Store, 'datasets' | 'runs'>): Pick<KnownEntries, 'datasets' | 'runs'> {
  return { datasets: new Set(datasets.list().map(({ name }) => name)), runs: runs.underWay() }
}

/** Moves strays to the trash. @returns their paths */
export function moveStraysToTrash(trash: Trash, home: string, strays: readonly Stray[]): string[] {
  return strays
    .filter(({ path }) => existsSync(join(home, path)))
    .map(({ path }) => {
      trash.put({ kind: 'stray', name: basename(path), from: path }, join(home, path))
      return path
    })
}

/** Files that were being written beside their place. */
function partsIn(folder: string): string[] {
  if (!existsSync(folder) || !lstatSync(folder).isDirectory()) return []
  return entryNames(folder).flatMap((name) =>
    name.endsWith('.part')
      ? [name]
      : lstatSync(join(folder, name)).isDirectory()
        ? partsIn(join(folder, name)).map((part) => `${name}/${part}`)
        : [],
  )
}
