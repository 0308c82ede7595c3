/**
 * A workspace opened: folders, database and its tables. Only the engine opens it. A run or dataset has a row and a folder, which come and
 * go together; what a crash in between left is put right at opening by moving, never by removing. A workspace that can only be read is
 * seen through a copy of its database.
 */
import { existsSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { conflict, PylonError, systemFailure } from '../../contract/errors.ts'
import { datasetManifestSchema, type DatasetManifest } from '../../contract/shapes/dataset.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { DailyCopies } from './make-daily-copy.ts'
import { Curves } from './curves.ts'
import { Database } from './database.ts'
import { Backtests } from './backtests.ts'
import { Datasets } from './datasets.ts'
import { copyDatabase, DATABASE, safeFolderName } from './marker.ts'
import { RECORD, recordOf, recordSchema, serialiseRecord, writeRecord } from './run-record.ts'
import { Results } from './results.ts'
import { RunTable } from './run-table.ts'
import { Runs } from './runs.ts'
import { Searches } from './searches.ts'
import { Segments, segmentRowSchema } from './segments.ts'
import { TrackedRuns } from './tracked.ts'
import { WorkspaceSettings } from './settings.ts'
import { Trash, type TrashRecord, whatOf } from './trash.ts'
import { type OpenPurpose, opensReadOnlyWhenFull, isDiskFull, Workspace } from './workspace.ts'

export class Store {
  readonly workspace: Workspace
  readonly database: Database
  readonly trash: Trash
  readonly datasets: Datasets
  readonly runs: Runs
  readonly results: Results
  readonly searches: Searches
  readonly backtests: Backtests
  readonly segments: Segments
  readonly tracked: TrackedRuns
  readonly curves: Curves
  readonly table: RunTable
  readonly settings: WorkspaceSettings
  readonly copies: DailyCopies

  /**
   * @throws PylonError where the folder is no workspace, or it or its database cannot be used
   */
  constructor(home: string, { purpose = 'change' }: { readonly purpose?: OpenPurpose } = {}) {
    const when = <T>(body: () => T): T => (purpose === 'look' ? body() : this.workspace.whenFull(body, purpose === 'free'))
    this.workspace = Workspace.open(home, 'engine', purpose)
    try {
      this.database = this.#openFor(purpose, () => when(() => this.#open()))
    } catch (error) {
      this.workspace.close()
      throw error
    }
    this.trash = new Trash(this.workspace)
    this.datasets = new Datasets(this.database, { workspace: this.workspace, trash: this.trash })
    this.runs = new Runs(this.database, {
      isAlive: (owner) => this.workspace.engines.isAlive(owner),
      hasFolder: (run) => existsSync(this.workspace.run(run)),
    })
    this.results = new Results(this.database, this.runs)
    this.searches = new Searches(this.database, this.workspace)
    this.backtests = new Backtests(this.workspace, this.trash)
    this.segments = new Segments(this.database, this.workspace)
    this.tracked = new TrackedRuns(this.workspace)
    this.curves = new Curves(this.database)
    this.table = new RunTable(this.database)
    this.settings = new WorkspaceSettings(this.database)
    this.copies = new DailyCopies(this.database, this.workspace)
    if (this.database.viewed) return
    try {
      when(() => this.#putRight())
      when(() => this.segments.writeMissing())
      // version 0.1.0 kept what a run was in the database alone; about 0.5 ms a run, once
      if (this.workspace.isUpgraded) for (const run of this.runs.underWay().keys()) this.writeRecord(run)
      this.copies.makeDaily()
    } catch (error) {
      // on a full disk nothing can be put right, but runs can still be looked at and deleted
      if (!isDiskFull(error)) {
        this.close()
        throw error
      }
    }
  }

  close(): void {
    this.database.close()
    this.workspace.close()
  }

  /** Moves a run to the trash, or with `forever` removes it. @throws PylonError conflict while somebody works on it, not-found */
  removeRun(id: string, { forever = false } = {}): void {
    const folder = this.workspace.run(id)
    this.workspace.checkWritable()
    this.runs.checkRemovable(id)
    const forget = (): void =>
      this.database.transaction(() => {
        this.runs.checkRemovable(id)
        this.runs.forget(id)
      })
    if (!forever) {
      const kept = { kind: 'run', name: this.runs.resolve(id).name, run: id } as const
      return void this.trash.put(kept, folder, forget, recordOf(this.database, id))
    }
    // the files first: they make the room that the row's deletion needs where the disk is full
    rmSync(folder, { recursive: true, force: true })
    this.workspace.whenFull(() => this.database.overLog(forget))
  }

  /**
   * Moves a search to the trash, and those of its trials that are named; with `forever` removes them.
   * @throws PylonError conflict while somebody works on it
   */
  removeSearch(id: string, { runs, forever }: { readonly runs: readonly string[]; readonly forever: boolean }): void {
    this.workspace.checkWritable()
    this.searches.checkRemovable(id)
    for (const run of runs) this.runs.checkRemovable(run)
    if (forever) {
      rmSync(this.searches.file(id), { force: true })
      this.workspace.whenFull(() => this.database.overLog(() => this.searches.forget(id)))
    } else {
      this.searches.writeFile(id)
      const { name } = this.searches.resolve(id).spec
      this.trash.put({ kind: 'search', name, search: id, runs: [...runs] }, this.searches.file(id), () => this.searches.forget(id))
    }
    for (const run of runs) this.removeRun(run, { forever })
  }

  /** Moves a segment to the trash, or with `forever` removes it. */
  removeSegment(id: string, { forever }: { readonly forever: boolean }): void {
    this.workspace.checkWritable()
    const row = this.segments.row(id)
    const forget = (): void => this.segments.forget(id)
    if (!forever) return void this.trash.put({ kind: 'segment', name: row.name, segment: id }, this.segments.file(id), forget, row)
    rmSync(this.segments.file(id), { force: true })
    this.workspace.whenFull(() => this.database.overLog(forget))
  }

  /** Forgets the engine's own run that came to nothing, and what it wrote. */
  discardRun(id: string): void {
    this.runs.forget(id)
    rmSync(this.workspace.run(id), { recursive: true, force: true })
  }

  /**
   * Takes what was deleted back out of the trash, by the entry's id or by name.
   * @throws PylonError not-found; conflict where its place is taken
   */
  takeBack(text: string): { kind: TrashRecord['kind']; what: string; runs: string[] } {
    this.workspace.checkWritable()
    const { id, kept } = this.trash.find(text)
    const what = whatOf(kept)
    const original = this.#originalPath(kept)
    // its trials first: the search names those that are there
    const runs = kept.kind === 'search' ? kept.runs.filter((run) => this.#takeRunBack(run)) : []
    this.database.transaction(() => {
      if (kept.kind === 'run') writeRecord(this.database, this.trash.rows(id, recordSchema), kept.run)
      if (kept.kind === 'dataset') {
        this.datasets.checkFree(kept.name, false)
        this.datasets.insert(kept.manifest)
      }
      if (kept.kind === 'segment') this.segments.restore(this.trash.rows(id, segmentRowSchema))
      if (kept.kind === 'search') {
        const reason = this.searches.restore(this.trash.text(id))
        if (reason !== null) throw conflict(`Search ${kept.search} cannot come back: ${reason}`)
      }
      if (original !== null) this.trash.takeOut(id, original)
      // version 0.13.0 put no file into the trash
      if (kept.kind === 'segment') this.segments.writeMissing()
    })
    this.trash.empty([id]) // only once the rows are stored
    return { kind: kept.kind, what, runs }
  }

  /** @returns whether it was in the trash; emptied or taken back since, it is not */
  #takeRunBack(run: string): boolean {
    if (this.trash.entryOf(run) === null) return false
    this.takeBack(run)
    return true
  }

  /** Writes what the database knows of a run beside its files; where that fails, the last one stays. */
  writeRecord(run: string): void {
    if (this.workspace.viewed !== null || !existsSync(this.workspace.run(run))) return
    try {
      writeFileAtomicSync(join(this.workspace.run(run), RECORD), serialiseRecord(recordOf(this.database, run)), false)
    } catch (error) {
      if (systemFailure(error) === null && !(error instanceof PylonError)) throw error
    }
  }

  #openFor(purpose: OpenPurpose, open: () => Database): Database {
    try {
      return open()
    } catch (error) {
      if (!opensReadOnlyWhenFull(purpose) || !isDiskFull(error)) throw error
      this.workspace.viewFull()
      return this.#open()
    }
  }

  /** The database itself, or where nothing may be written a copy that is looked at. */
  #open(): Database {
    if (this.workspace.viewed === null) return new Database(this.workspace.database)
    const folder = this.workspace.temporary()
    copyDatabase(this.workspace.home, folder)
    return new Database(join(folder, DATABASE), { viewed: true })
  }

  /** Ends the runs whose engine is dead, so that none reads "running" after that. @returns their ids */
  interruptOrphans(): string[] {
    if (this.runs.orphans().length === 0) return []
    return this.database.transaction(() =>
      this.runs.orphans().map(({ id }) => {
        const trial = this.runs.trialOf(id)
        const remedy = trial === null ? `pylon train --resume ${id}` : `pylon search resume ${trial.search}`
        this.runs.stop(id, 'interrupted', `Its process ended in the middle. Go on with: ${remedy}`, { abandoned: true })
        this.curves.pack(id)
        return id
      }),
    )
  }

  /** All in one write transaction, so that no other engine is between its folder and its row meanwhile. */
  #putRight(): void {
    this.database.transaction(() => {
      this.interruptOrphans()
      for (const { entry, kept, moved } of this.trash.unsettled()) {
        const original = kept === null ? null : this.#originalPath(kept)
        if (kept !== null && this.#isKnown(kept)) {
          if (moved && original !== null) this.#returnTo(original, entry)
          else this.trash.drop(entry)
        } else if (moved || kept?.kind === 'run' || kept?.kind === 'segment') this.trash.settle(entry)
        else this.trash.drop(entry)
      }
    })
  }

  /** Whether the database still has the rows of what was being deleted. */
  #isKnown(kept: TrashRecord): boolean {
    if (kept.kind === 'run') return this.database.get('SELECT 1 FROM runs WHERE id = ?', kept.run) !== undefined
    if (kept.kind === 'search') return this.searches.has(kept.search)
    if (kept.kind === 'segment') return this.segments.has(kept.segment)
    // a backtest has no rows: what was moved is gone
    return kept.kind === 'dataset' && this.datasets.find(kept.name)?.createdAt === kept.manifest.createdAt
  }

  /** Where what is in the trash lay; null where it is rows alone. @throws PylonError bad-data where that is not in this workspace */
  #originalPath(kept: TrashRecord): string | null {
    if (kept.kind === 'segment') return this.segments.file(kept.segment)
    if (kept.kind === 'run') return this.workspace.run(kept.run)
    if (kept.kind === 'dataset') return this.workspace.dataset(kept.name)
    if (kept.kind === 'search') return this.searches.file(kept.search)
    if (kept.kind === 'backtest') return this.backtests.folder(kept.backtest)
    return join(this.workspace.home, ...kept.from.split('/').map(safeFolderName))
  }

  /**
   * What the database never let go of goes back; what took its place meanwhile (a successor without a row) becomes a
   * stray of the trash.
   */
  #returnTo(place: string, entry: string): void {
    if (existsSync(place))
      this.trash.put({ kind: 'stray', name: entry, from: relative(this.workspace.home, place).split(sep).join('/') }, place)
    this.trash.takeOut(entry, place)
    this.trash.empty([entry])
  }
}

/** The manifest in a dataset's folder; null where there is none that can be read. */
export function manifestIn(folder: string): DatasetManifest | null {
  return readJsonFileSync(join(folder, 'dataset.json'), datasetManifestSchema)
}
