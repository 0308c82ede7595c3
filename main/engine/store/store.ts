/**
 * A workspace opened: folders, database and its tables, and the repair of what crashed processes left. Only the engine opens it.
 * A dataset's folder and row change in one transaction, so whatever has no partner afterwards is from a crash in between.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Curves } from './curves.ts'
import { Database } from './database.ts'
import { Datasets, REPLACED } from './datasets.ts'
import { Results } from './results.ts'
import { RunTable } from './run-table.ts'
import { Runs } from './runs.ts'
import { WorkspaceSettings } from './settings.ts'
import { entries, moveInto, Workspace } from './workspace.ts'

export class Store {
  readonly workspace: Workspace
  readonly database: Database
  readonly datasets: Datasets
  readonly runs: Runs
  readonly results: Results
  readonly curves: Curves
  readonly table: RunTable
  readonly settings: WorkspaceSettings

  /** @throws PylonError unavailable where the folder or the database cannot be used */
  constructor(home: string) {
    this.workspace = new Workspace(home)
    this.database = new Database(this.workspace.database)
    this.datasets = new Datasets(this.database, this.workspace)
    this.runs = new Runs(this.database)
    this.results = new Results(this.database, this.runs)
    this.curves = new Curves(this.database)
    this.table = new RunTable(this.database)
    this.settings = new WorkspaceSettings(this.database)
    this.#repair()
  }

  close(): void {
    this.workspace.close()
    this.database.close()
  }

  /** All in one write transaction, so that no other engine is between its folder and its row meanwhile. */
  #repair(): void {
    const garbage = this.database.transaction(() => {
      for (const { id } of this.runs.orphans()) {
        this.runs.stop(id, 'interrupted', `Its process ended in the middle. Go on with: pylon train --resume ${id}`, { abandoned: true })
        removeParts(this.workspace.run(id))
      }
      return [...this.#restoreReplaced(), ...this.#strays()]
    })
    for (const path of garbage) rmSync(path, { recursive: true, force: true })
  }

  /** A dataset that was moved aside for its successor, whose row was then never written, goes back. @returns the folders to delete */
  #restoreReplaced(): string[] {
    const abandoned = this.workspace.abandoned()
    for (const temporary of abandoned.flatMap((folder) => entries(folder).map((entry) => join(folder, entry)))) {
      for (const entry of entries(temporary).filter((entry) => entry.startsWith(REPLACED))) {
        const name = entry.slice(REPLACED.length)
        const place = this.workspace.dataset(name)
        const row = this.datasets.find(name)
        if (row === null || madeAt(place) === row.createdAt || madeAt(join(temporary, entry)) !== row.createdAt) continue
        this.workspace.remove(place)
        moveInto(join(temporary, entry), place)
      }
    }
    return abandoned
  }

  /** Folders without a row. */
  #strays(): string[] {
    const datasets = entries(join(this.workspace.home, 'datasets')).filter((name) => this.datasets.find(name) === null)
    const known = this.runs.ids()
    const runs = entries(join(this.workspace.home, 'runs')).filter((id) => !known.has(id))
    return [...datasets.map((name) => this.workspace.dataset(name)), ...runs.map((id) => this.workspace.run(id))]
  }
}

/** `createdAt` in the manifest of a dataset's folder; null where there is none. */
function madeAt(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8')) as { createdAt: string }).createdAt
  } catch {
    return null
  }
}

/** Files that were being written when their process died. */
function removeParts(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.part')) rmSync(join(folder, name), { recursive: true, force: true })
  }
}
