/** The datasets of a workspace: one row and one folder each. A row's manifest is the folder's own `dataset.json`. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { conflict, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { datasetManifestSchema, type DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Database } from './database.ts'
import { checkedCell } from './json-cell.ts'
import type { Trash } from './trash.ts'
import { renameDurably, type Workspace } from './workspace.ts'

/** Where datasets lie, and where they go. */
export interface DatasetFolders {
  readonly workspace: Workspace
  readonly trash: Trash
}

export class Datasets {
  readonly #database: Database
  readonly #folders: DatasetFolders | null

  /** Without `folders` it only reads the rows. */
  constructor(database: Database, folders: DatasetFolders | null = null) {
    this.#database = database
    this.#folders = folders
  }

  /** By name. */
  list(): DatasetManifest[] {
    return this.#database.all<{ manifest: string }>('SELECT manifest FROM datasets ORDER BY name').map((row) => parse(row.manifest))
  }

  find(name: string): DatasetManifest | null {
    const row = this.#database.get<{ manifest: string }>('SELECT manifest FROM datasets WHERE name = ?', name)
    return row === undefined ? null : parse(row.manifest)
  }

  /** @throws PylonError not-found, with the nearest name */
  get(name: string): DatasetManifest {
    const found = this.find(name)
    if (found !== null) return found
    const names = this.list().map((dataset) => dataset.name)
    const hint = names.length === 0 ? 'import one first: pylon import' : `${didYouMean(name, names)}there are ${names.join(', ')}`
    throw notFound(`There is no dataset "${name}": ${hint}.`)
  }

  runCount(name: string): number {
    return this.#database.get<{ count: number }>('SELECT count(*) AS count FROM runs WHERE dataset = ?', name)!.count
  }

  /** @throws PylonError conflict where the name is taken, or to be replaced while it has runs */
  checkFree(name: string, replace: boolean): void {
    if (this.find(name) === null) return
    if (!replace) throw conflict(`There is a dataset "${name}" already: choose another --name, or --replace it.`)
    this.#checkUnused(name)
  }

  /**
   * Takes over the finished folder `from`, in place of the one of that name where `replace` is set, which goes to the trash, as does a
   * folder of that name that no row knew. Row and folder change together.
   */
  add(manifest: DatasetManifest, from: string, replace: boolean): void {
    const { workspace, trash } = this.#folders!
    const folder = workspace.dataset(manifest.name)
    const put = (): void =>
      this.#database.transaction(() => {
        this.checkFree(manifest.name, replace)
        this.#database.run('DELETE FROM datasets WHERE name = ?', manifest.name)
        this.insert(manifest)
        renameDurably(from, folder)
      })
    const before = this.find(manifest.name)
    this.checkFree(manifest.name, replace)
    workspace.checkWritable()
    if (!existsSync(folder)) put()
    else if (before === null) trash.put({ kind: 'stray', name: manifest.name, from: join('datasets', manifest.name) }, folder, put)
    else trash.put({ kind: 'dataset', name: manifest.name, manifest: before }, folder, put)
  }

  /** The row alone. */
  insert(manifest: DatasetManifest): void {
    const { name, createdAt, checksum } = manifest
    this.#database.insert('datasets', { name, created_at: createdAt, checksum, manifest: JSON.stringify(manifest) })
  }

  /** Moves a dataset to the trash, or with `forever` removes it. @throws PylonError conflict while it has runs, not-found */
  remove(name: string, { forever = false } = {}): void {
    const { workspace, trash } = this.#folders!
    const folder = workspace.dataset(name)
    workspace.checkWritable()
    const manifest = this.get(name)
    const forget = (): void =>
      this.#database.transaction(() => {
        this.#checkUnused(name)
        this.#database.run('DELETE FROM datasets WHERE name = ?', name)
      })
    this.#checkUnused(name)
    if (!forever) return void trash.put({ kind: 'dataset', name, manifest }, folder, forget)
    // the files first: they make the room that the row's deletion needs where the disk is full
    rmSync(folder, { recursive: true, force: true })
    workspace.whenFull(() => this.#database.overLog(forget))
  }

  #checkUnused(name: string): void {
    const runs = this.runCount(name)
    if (runs > 0) {
      const [one] = this.#database.all<{ id: string }>('SELECT id FROM runs WHERE dataset = ? LIMIT 1', name)
      const which = runs === 1 ? `Run ${one!.id} uses` : `${runs} runs use`
      throw conflict(`${which} dataset "${name}": delete ${runs === 1 ? 'it' : 'them'} first, or import under another --name.`)
    }
    const search = this.#database.get<{ id: string }>('SELECT id FROM searches WHERE dataset = ? LIMIT 1', name)
    if (search !== undefined)
      throw conflict(
        `Search ${search.id} uses dataset "${name}": delete it first (pylon search delete ${search.id}), or import under another --name.`,
      )
  }
}

function parse(manifest: string): DatasetManifest {
  return checkedCell(manifest, 'manifest of a dataset', datasetManifestSchema)
}
