/**
 * The runs of a workspace: their spec, their state and who works on them. What they measured is in results.ts. A run in state queued or
 * running belongs to a living engine (`owner`); where that process is dead the run is interrupted.
 */
import { badInput, conflict, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { RunState, TrainResult } from '../../contract/shapes/run.ts'
import { seedOf, specSchema, type RunSpec } from '../../contract/shapes/spec.ts'
import type { Database } from './database.ts'
import type { SqlValue } from './tables.ts'
import { newId } from '../files/ids.ts'
import { familyOf } from './families.ts'
import { checkedCell } from './json-cell.ts'

/** One row of `runs`, its spec parsed. */
export interface RunRow {
  readonly id: string
  readonly name: string
  readonly dataset: string
  readonly model: string
  readonly recipe: string | null
  readonly spec: RunSpec
  readonly seed: number | null
  /** what it has in common with runs that differ only in their seed */
  readonly family: string
  readonly threads: number
  readonly state: RunState
  readonly owner: string | null
  readonly created_at: string
  readonly started_at: string | null
  readonly seconds: number
  readonly best_epoch: number | null
  readonly protocol: string | null
  readonly note: string
  readonly error: string | null
}
/** A row without its spec, whose reading costs more than all the rest. */
export type ListedRun = Omit<RunRow, 'spec'>
type StoredRow = ListedRun & { readonly spec: string }

/** What the rows alone do not tell. */
export interface RunOwners {
  /** whether the engine of that name lives */
  isAlive(owner: string): boolean
  /** whether there is a folder of a run of that id, though no row */
  hasFolder(run: string): boolean
}

export class Runs {
  readonly #database: Database
  readonly #owners: RunOwners

  constructor(database: Database, owners: RunOwners) {
    this.#database = database
    this.#owners = owners
  }

  /** A new run in state queued. @returns its id */
  create(run: { name: string; dataset: string; spec: RunSpec; threads: number; owner: string }): string {
    return this.#database.transaction(() => {
      let id = newId()
      while (this.#find(id) !== undefined || this.#owners.hasFolder(id)) id = newId()
      this.insert({ ...run, id, created_at: new Date().toISOString() })
      return id
    })
  }

  /** A row in state queued. */
  insert({ spec, ...row }: Pick<RunRow, 'id' | 'name' | 'dataset' | 'spec' | 'threads' | 'owner' | 'created_at'>): void {
    const { model, recipe } = spec
    const text = JSON.stringify(spec)
    this.#database.insert('runs', {
      ...row,
      model,
      recipe,
      spec: text,
      seed: seedOf(spec),
      family: familyOf(row.dataset, text),
      state: 'queued',
    })
  }

  /** The run of that id, name (the newest) or beginning of an id. @throws PylonError not-found, or bad-input where several begin so */
  resolve(text: string): RunRow {
    const exact = this.#find(text) ?? this.#first('name = ? ORDER BY created_at DESC, id DESC LIMIT 1', text)
    if (exact !== undefined) return parse(exact)
    const begins = text.length === 0 ? [] : this.#select('substr(id, 1, ?) = ? ORDER BY id LIMIT 6', text.length, text.toLowerCase())
    if (begins.length === 1) return parse(begins[0]!)
    if (begins.length > 1)
      throw badInput(`Several runs begin with "${text}": ${begins.map((row) => row.id).join(', ')}. Give more of the id.`)
    const names = this.#database.all<{ id: string; name: string }>('SELECT id, name FROM runs').flatMap((row) => [row.id, row.name])
    throw notFound(`There is no run "${text}": ${didYouMean(text, names)}see pylon runs.`)
  }

  /** The finished runs of a family under a protocol, oldest first; trials of searches have none. */
  ofFamily(family: string, protocol: string): RunRow[] {
    return this.#select(`family = ? AND protocol = ? AND state = 'finished' ORDER BY created_at, id`, family, protocol).map(parse)
  }

  /** When a run began, or went on last, in ms since 1970; null where it has not, or is gone. */
  startedAt(id: string): number | null {
    const row = this.#database.get<{ started_at: string | null }>('SELECT started_at FROM runs WHERE id = ?', id)
    return row?.started_at == null ? null : Date.parse(row.started_at)
  }

  /** The newest run of a family. */
  newestOf(family: string): RunRow | null {
    const row = this.#first('family = ? ORDER BY created_at DESC, id DESC LIMIT 1', family)
    return row === undefined ? null : parse(row)
  }

  /** As {@link Runs.resolve}, without reading the spec where it is the whole id. */
  resolveId(text: string): string {
    return this.#database.get<{ id: string }>('SELECT id FROM runs WHERE id = ?', text.toLowerCase())?.id ?? this.resolve(text).id
  }

  /** Null where there is no such run. */
  nameOf(id: string): string | null {
    return this.#database.get<{ name: string }>('SELECT name FROM runs WHERE id = ?', id)?.name ?? null
  }

  /** All ids; true where somebody works on the run. */
  underWay(): ReadonlyMap<string, boolean> {
    const rows = this.#database.raw<[id: string, state: RunState, owner: string | null]>('SELECT id, state, owner FROM runs')
    return new Map(
      rows.map(([id, state, owner]) => [id, (state === 'queued' || state === 'running') && owner !== null && this.#owners.isAlive(owner)]),
    )
  }

  /** As {@link Runs.resolve}, for what needs a trained model. @throws PylonError conflict where the run has not finished, or is a trial */
  resolveFinished(text: string): RunRow {
    const row = this.resolve(text)
    const trial = this.trialOf(row.id)
    if (trial !== null)
      throw conflict(
        `Run ${row.id} is a trial of search ${trial.search} and has no model of its own. Make one: pylon search promote ${trial.search} --trial ${trial.number}`,
      )
    if (row.state === 'finished') return row
    const underWay = row.state === 'running' || row.state === 'queued'
    throw conflict(
      `Run ${row.id} is ${row.state}: ${underWay ? 'wait until it has finished' : `finish it with: pylon train --resume ${row.id}`}.`,
    )
  }

  /** The spec of a run that has chosen what it was left to choose. */
  settle(id: string, spec: RunSpec): void {
    this.#database.run('UPDATE runs SET spec = ? WHERE id = ?', JSON.stringify(spec), id)
  }

  /** The search of a run that is a trial; null of any other. */
  trialOf(id: string): { readonly search: string; readonly number: number } | null {
    return this.#database.get<{ search: string; number: number }>('SELECT search, number FROM search_trials WHERE run = ?', id) ?? null
  }

  /** Oldest first; of one dataset where it is named. */
  list(dataset?: string): ListedRun[] {
    return dataset === undefined
      ? this.#select('true ORDER BY created_at, id')
      : this.#select('dataset = ? ORDER BY created_at, id', dataset)
  }

  /**
   * Takes a stopped run over to go on with it.
   * @throws PylonError conflict where it is finished or somebody works on it
   */
  claim(id: string, owner: string): void {
    this.#database.transaction(() => {
      const { state, owner: holder } = this.resolve(id)
      if (state === 'finished') throw conflict(`Run ${id} is finished: there is nothing to resume.`)
      if ((state === 'running' || state === 'queued') && holder !== null && this.#owners.isAlive(holder)) {
        throw conflict(`Run ${id} is ${state}: only a stopped run can be resumed.`)
      }
      this.#database.run(
        `UPDATE runs SET state = 'queued', owner = ?, error = NULL, started_at = NULL, finished_at = NULL WHERE id = ?`,
        owner,
        id,
      )
    })
  }

  start(id: string): void {
    this.#database.run(`UPDATE runs SET state = 'running', started_at = ? WHERE id = ?`, new Date().toISOString(), id)
  }

  /** Ends a run without a result; the time of this attempt is added to its seconds, unless nobody knows it (`abandoned`). */
  stop(id: string, state: 'paused' | 'cancelled' | 'interrupted' | 'failed', error: string | null, { abandoned = false } = {}): void {
    this.#database.run(
      `UPDATE runs SET state = ?, owner = NULL, error = ?, finished_at = ?, seconds = seconds + ? WHERE id = ?`,
      state,
      error,
      new Date().toISOString(),
      abandoned ? 0 : this.secondsSinceStart(id),
      id,
    )
  }

  /** Of the attempt under way; 0 where it has not begun. */
  secondsSinceStart(id: string): number {
    const started = this.startedAt(id)
    return started === null ? 0 : Math.max(0, (Date.now() - started) / 1000)
  }

  /** Ends a run with its final facts; the metrics themselves go into results.ts in the same transaction. A trial of a search has no protocol. */
  finish(id: string, result: Partial<TrainResult> & Pick<TrainResult, 'seconds' | 'examplesPerSecond' | 'peakRssMb' | 'bestEpoch'>): void {
    this.#database.run(
      `UPDATE runs SET state = 'finished', owner = NULL, error = NULL, finished_at = ?, seconds = seconds + ?, examples_per_second = ?,
         peak_rss_mb = ?, best_epoch = ?, protocol = ? WHERE id = ?`,
      new Date().toISOString(),
      result.seconds,
      result.examplesPerSecond,
      result.peakRssMb,
      result.bestEpoch,
      result.protocol?.hash ?? null,
      id,
    )
  }

  /** The runs that claim to be worked on by a process that is dead. */
  orphans(): RunRow[] {
    return this.#select(`state IN ('queued', 'running')`)
      .filter((row) => row.owner === null || !this.#owners.isAlive(row.owner))
      .map(parse)
  }

  setNote(id: string, note: string): void {
    this.#database.run('UPDATE runs SET note = ? WHERE id = ?', note, id)
  }

  setTags(id: string, tags: readonly string[]): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM tags WHERE run = ?', id)
      for (const tag of new Set(tags)) this.#database.insert('tags', { run: id, tag })
    })
  }

  tags(id: string): string[] {
    return this.#database.all<{ tag: string }>('SELECT tag FROM tags WHERE run = ? ORDER BY tag', id).map((row) => row.tag)
  }

  /** @throws PylonError conflict while somebody works on it, not-found */
  checkRemovable(id: string): void {
    const { state, owner } = this.resolve(id)
    if ((state === 'running' || state === 'queued') && owner !== null && this.#owners.isAlive(owner))
      throw conflict(`Run ${id} is ${state}: stop it first.`)
  }

  /** The row and everything that hangs on it; see {@link Store.removeRun} for a run with its files. */
  forget(id: string): void {
    this.#database.run('DELETE FROM runs WHERE id = ?', id)
  }

  #find(id: string): StoredRow | undefined {
    return this.#first('id = ?', id.toLowerCase())
  }
  #first(where: string, ...values: SqlValue[]): StoredRow | undefined {
    return this.#database.get<StoredRow>(`SELECT * FROM runs WHERE ${where}`, ...values)
  }
  #select(where: string, ...values: SqlValue[]): StoredRow[] {
    return this.#database.all<StoredRow>(`SELECT * FROM runs WHERE ${where}`, ...values)
  }
}

function parse(row: StoredRow): RunRow {
  return { ...row, spec: checkedCell(row.spec, `spec of run ${row.id}`, specSchema) }
}
