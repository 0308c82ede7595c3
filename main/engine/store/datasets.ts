/** The datasets of a workspace: one row and one folder each. A row's manifest is the folder's own `dataset.json`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import { nearest } from '../../contract/nearest.ts'
import { datasetManifestSchema, type DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Database } from './database.ts'
import { moveInto, type Workspace } from './workspace.ts'

export class Datasets {
  readonly #database: Database
  readonly #workspace: Workspace

  constructor(database: Database, workspace: Workspace) {
    this.#database = database
    this.#workspace = workspace
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
    const hint = names.length === 0 ? 'import one first: pylon import' : `${nearest(name, names)}there are ${names.join(', ')}`
    throw new PylonError('not-found', `There is no dataset "${name}": ${hint}.`)
  }

  runCount(name: string): number {
    return this.#database.get<{ count: number }>('SELECT count(*) AS count FROM runs WHERE dataset = ?', name)!.count
  }

  /** @throws PylonError conflict where the name is taken, or to be replaced while it has runs */
  checkFree(name: string, replace: boolean): void {
    if (this.find(name) === null) return
    if (!replace) throw new PylonError('conflict', `There is a dataset "${name}" already: choose another --name, or --replace it.`)
    this.#checkUnused(name)
  }

  /** Takes over the finished folder `from`, in place of the one of that name where `replace` is set. Row and folder change together. */
  add(manifest: DatasetManifest, from: string, replace: boolean): void {
    const place = this.#workspace.dataset(manifest.name)
    const aside = this.#workspace.temporary()
    this.#database.transaction(() => {
      this.checkFree(manifest.name, replace)
      this.#database.run('DELETE FROM datasets WHERE name = ?', manifest.name)
      this.#database.run(
        'INSERT INTO datasets (name, created_at, checksum, manifest) VALUES (?, ?, ?, ?)',
        manifest.name,
        manifest.createdAt,
        manifest.checksum,
        JSON.stringify(manifest),
      )
      if (existsSync(place)) moveInto(place, join(aside, REPLACED + manifest.name))
      moveInto(from, place)
    })
    this.#workspace.remove(aside)
  }

  /** @throws PylonError conflict while it has runs, not-found */
  remove(name: string): void {
    const place = this.#workspace.dataset(name)
    const aside = this.#workspace.temporary()
    this.#database.transaction(() => {
      this.get(name)
      this.#checkUnused(name)
      this.#database.run('DELETE FROM datasets WHERE name = ?', name)
      if (existsSync(place)) moveInto(place, join(aside, REPLACED + name))
    })
    this.#workspace.remove(aside)
  }

  #checkUnused(name: string): void {
    const runs = this.runCount(name)
    if (runs > 0) {
      const [one] = this.#database.all<{ id: string }>('SELECT id FROM runs WHERE dataset = ? LIMIT 1', name)
      const which = runs === 1 ? `Run ${one!.id} uses` : `${runs} runs use`
      throw new PylonError(
        'conflict',
        `${which} dataset "${name}": delete ${runs === 1 ? 'it' : 'them'} first, or import under another --name.`,
      )
    }
  }
}

/** Prefix of a folder that was moved aside for its successor, within the temporary folder of the engine that did it. */
export const REPLACED = 'replaced-'

function parse(manifest: string): DatasetManifest {
  return datasetManifestSchema.parse(JSON.parse(manifest))
}
