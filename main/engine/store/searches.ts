/**
 * The searches of a workspace and their trials. A trial is a run; its row here keeps what the search decides by, so that a search goes on
 * though some of its runs were deleted. Each search is also one JSON file in `searches`, from which its rows can be made anew.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { badInput, conflict, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import {
  drawnSchema,
  type SearchSpec,
  searchSchema,
  type SearchOver,
  searchOverSchema,
  type SearchState,
  searchStateSchema,
  type SearchTrial,
  type SearchVerdict,
  searchVerdictSchema,
  searchTrialSchema,
  type TrialState,
} from '../../contract/shapes/search.ts'
import type { RunState } from '../../contract/shapes/run.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { newId } from '../files/ids.ts'
import { tryParseJson } from '../files/json-file.ts'
import type { Database } from './database.ts'
import { checkedCell } from './json-cell.ts'
import { safeFolderName } from './marker.ts'
import type { Workspace } from './workspace.ts'

export interface SearchRow {
  readonly id: string
  readonly dataset: string
  readonly spec: SearchSpec
  readonly state: SearchState
  readonly owner: string | null
  readonly threads: number
  readonly executor: string | null
  readonly created_at: string
  readonly reason: SearchOver | null
  readonly error: string | null
  readonly verdict: SearchVerdict | null
}
type StoredSearch = Omit<SearchRow, 'spec' | 'verdict'> & { readonly spec: string; readonly verdict: string | null }

/** A trial's row; what its run tells of it is read there. */
interface StoredTrial {
  readonly number: number
  readonly run: string | null
  readonly final_of: number | null
  readonly seed: number | null
  readonly params: string
  readonly drawn: string
  readonly state: TrialState
  readonly value: number | null
  readonly epochs: number
  readonly best_epoch: number | null
  readonly seconds: number
  readonly curve: string
  readonly error: string | null
  readonly run_state: RunState | null
}

/** What is known of a trial when it begins, and when it has ended. */
export type NewTrial = Pick<SearchTrial, 'number' | 'run' | 'params' | 'finalOf' | 'seed' | 'drawn'>
export type EndedTrial = Pick<SearchTrial, 'state' | 'value' | 'epochs' | 'bestEpoch' | 'error'>

/** The file of a search. */
const fileSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-z]{1,32}$/),
  createdAt: z.string(),
  threads: z.int().min(1),
  state: searchStateSchema,
  reason: searchOverSchema.nullable(),
  error: z.string().nullable(),
  search: searchSchema,
  verdict: searchVerdictSchema.nullable(),
  promoted: z.array(z.string()),
  trials: z.array(searchTrialSchema),
})

type SearchFile = z.infer<typeof fileSchema>

export class Searches {
  readonly #database: Database
  readonly #workspace: Workspace

  constructor(database: Database, workspace: Workspace) {
    this.#database = database
    this.#workspace = workspace
  }

  /** A new search in state running. @returns its id */
  create(search: { spec: SearchSpec; threads: number; executor: string | null; owner: string }): string {
    let id = newId()
    while (this.#find(id) !== undefined) id = newId()
    const { spec, ...row } = search
    const { name, dataset } = spec
    this.#database.insert('searches', { id, name, dataset, spec: JSON.stringify(spec), state: 'running', created_at: now(), ...row })
    return id
  }

  /** The search of that id, name (the newest) or beginning of an id. @throws PylonError not-found, or bad-input where several begin so */
  resolve(text: string): SearchRow {
    const exact =
      this.#find(text.toLowerCase()) ??
      this.#database.get<StoredSearch>(`SELECT ${COLUMNS} FROM searches WHERE name = ? ORDER BY created_at DESC, id DESC LIMIT 1`, text)
    if (exact !== undefined) return this.#parse(exact)
    const begins = text === '' ? [] : this.#all('WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 6', text.length, text.toLowerCase())
    if (begins.length === 1) return this.#parse(begins[0]!)
    if (begins.length > 1)
      throw badInput(`Several searches begin with "${text}": ${begins.map(({ id }) => id).join(', ')}. Give more of the id.`)
    const names = this.list().flatMap(({ id, spec }) => [id, spec.name])
    throw notFound(`There is no search "${text}": ${didYouMean(text, names)}see pylon search.`)
  }

  /** Newest first. */
  list(): SearchRow[] {
    return this.#all('ORDER BY created_at DESC, id DESC').map((row) => this.#parse(row))
  }

  /** In the order of their numbers. */
  trials(search: string): SearchTrial[] {
    return this.#database
      .all<StoredTrial>(
        `SELECT t.*, r.state AS run_state FROM search_trials t LEFT JOIN runs r ON r.id = t.run WHERE t.search = ? ORDER BY t.number`,
        search,
      )
      .map((row) => this.#trial(row))
  }

  addTrial(search: string, { number, run, params, finalOf, seed, drawn }: NewTrial): void {
    const told = { params: JSON.stringify(params), drawn: JSON.stringify(drawn) }
    this.#database.insert('search_trials', { search, number, run, final_of: finalOf, seed, ...told, state: 'running' })
  }

  /** A trial's attempt begins. */
  beginTrial(search: string, number: number): void {
    this.#database.run(`UPDATE search_trials SET state = 'running', error = NULL WHERE search = ? AND number = ?`, search, number)
  }

  /** @param metric whose epochs become the trial's curve */
  endTrial(search: string, number: number, { state, value, epochs, bestEpoch, error }: EndedTrial, metric: string): void {
    const { run } = this.#database.get<{ run: string | null }>(
      'SELECT run FROM search_trials WHERE search = ? AND number = ?',
      search,
      number,
    )!
    const seconds = this.#database.get<{ seconds: number }>('SELECT seconds FROM runs WHERE id = ?', run)?.seconds ?? 0
    this.#database.run(
      `UPDATE search_trials SET state = ?, value = ?, epochs = ?, best_epoch = ?, error = ?, seconds = ?, curve = ? WHERE search = ? AND number = ?`,
      state,
      value,
      epochs,
      bestEpoch,
      error,
      seconds,
      JSON.stringify(run === null ? [] : this.#curve(run, metric)),
      search,
      number,
    )
  }

  /** Takes a search over to go on with it. @throws PylonError conflict where somebody works on it */
  claim(id: string, owner: string): void {
    this.#database.transaction(() => {
      const row = this.#find(id)!
      if (row.state === 'running' && this.#lives(row)) throw conflict(`Search ${id} is running already.`)
      this.#database.run(
        `UPDATE searches SET state = 'running', owner = ?, reason = NULL, error = NULL, verdict = NULL WHERE id = ?`,
        owner,
        id,
      )
    })
  }

  setSpec(id: string, spec: SearchSpec): void {
    this.#database.run('UPDATE searches SET spec = ? WHERE id = ?', JSON.stringify(spec), id)
  }

  end(id: string, state: Exclude<SearchState, 'running'>, reason: SearchOver, verdict: SearchVerdict | null, error: string | null): void {
    this.#database.run(
      'UPDATE searches SET state = ?, owner = NULL, reason = ?, error = ?, verdict = ? WHERE id = ?',
      state,
      reason,
      error,
      verdict === null ? null : JSON.stringify(verdict),
      id,
    )
  }

  addPromoted(search: string, run: string): void {
    this.#database.insert('promoted_runs', { search, run })
  }
  promoted(search: string): string[] {
    return this.#database.raw<[string]>('SELECT run FROM promoted_runs WHERE search = ? ORDER BY rowid', search).map(([run]) => run)
  }

  /** @throws PylonError conflict while somebody works on it */
  checkRemovable(id: string): void {
    const row = this.#find(id)!
    if (row.state === 'running' && this.#lives(row)) throw conflict(`Search ${id} is running: stop it first.`)
  }

  /** Its rows alone. */
  forget(id: string): void {
    this.#database.run('DELETE FROM searches WHERE id = ?', id)
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined
  }

  /** All that a search is. */
  file(id: string): string {
    return join(this.#workspace.home, SEARCHES, `${safeFolderName(id)}.json`)
  }

  /** Writes the search's file. */
  writeFile(id: string): void {
    const { spec, state, reason, error, verdict, threads, created_at } = this.resolve(id)
    const file: SearchFile = {
      id,
      createdAt: created_at,
      threads,
      state,
      reason,
      error,
      search: spec,
      verdict,
      promoted: this.promoted(id),
      trials: this.trials(id),
    }
    mkdirSync(join(this.#workspace.home, SEARCHES), { recursive: true, mode: 0o700 })
    writeFileAtomicSync(this.file(id), `${JSON.stringify(file)}\n`, false)
  }

  /** Makes the rows of a search anew from its file, where there are none. @returns why not; null where it is there now */
  restore(text: string): string | null {
    const { data: file } = fileSchema.safeParse(tryParseJson(text))
    if (file === undefined) return 'it is no file of a search.'
    if (this.#find(file.id) !== undefined) return null
    const { id, search, createdAt, threads, state, reason, verdict, promoted, trials } = file
    const isThere = (table: 'datasets' | 'runs', key: string, value: string): boolean =>
      this.#database.get(`SELECT 1 FROM ${table} WHERE ${key} = ?`, value) !== undefined
    if (!isThere('datasets', 'name', search.dataset)) return `its dataset "${search.dataset}" is not there.`
    const runOf = (run: string | null): string | null => (run !== null && isThere('runs', 'id', run) ? run : null)
    this.#database.transaction(() => {
      this.#database.insert('searches', {
        id,
        name: search.name,
        dataset: search.dataset,
        spec: JSON.stringify(search),
        state: state === 'running' ? 'interrupted' : state,
        threads,
        created_at: createdAt,
        reason,
        error: file.error,
        verdict: verdict === null ? null : JSON.stringify(verdict),
      })
      for (const { number, finalOf, bestEpoch, params, drawn, curve, seed, value, epochs, seconds, error, ...trial } of trials) {
        const isSettled = trial.state === 'paused' || trial.state === 'complete' || trial.state === 'failed'
        this.#database.insert('search_trials', {
          search: id,
          number,
          run: runOf(trial.run),
          final_of: finalOf,
          best_epoch: bestEpoch,
          params: JSON.stringify(params),
          drawn: JSON.stringify(drawn),
          curve: JSON.stringify(curve),
          state: isSettled ? trial.state : 'running',
          ...{ seed, value, epochs, seconds, error },
        })
      }
      for (const run of promoted) if (runOf(run) !== null) this.#database.insert('promoted_runs', { search: id, run })
    })
    return null
  }

  /** Of the searches that an engine works on. */
  livingIds(): string[] {
    return this.#database
      .all<Pick<SearchRow, 'id' | 'owner'>>(`SELECT id, owner FROM searches WHERE state = 'running'`)
      .filter((row) => this.#lives(row))
      .map(({ id }) => id)
  }

  #lives({ owner }: Pick<SearchRow, 'owner'>): boolean {
    return owner !== null && this.#workspace.engines.isAlive(owner)
  }

  #find(id: string): StoredSearch | undefined {
    return this.#all('WHERE id = ?', id)[0]
  }
  #all(rest: string, ...values: (string | number)[]): StoredSearch[] {
    return this.#database.all<StoredSearch>(`SELECT ${COLUMNS} FROM searches ${rest}`, ...values)
  }

  /** A search whose engine is dead is an interrupted one. */
  #parse(row: StoredSearch): SearchRow {
    const place = `search ${row.id}`
    return {
      ...row,
      spec: checkedCell(row.spec, place, searchSchema),
      verdict: row.verdict === null ? null : checkedCell(row.verdict, `verdict of ${place}`, searchVerdictSchema),
      state: row.state === 'running' && !this.#lives(row) ? 'interrupted' : row.state,
    }
  }

  /** What was written of an ended trial; of one under way what its run tells. */
  #trial(row: StoredTrial): SearchTrial {
    const place = `trial ${row.number} of a search`
    const known = {
      number: row.number,
      run: row.run,
      params: checkedCell(row.params, place, z.record(z.string(), z.unknown())),
      finalOf: row.final_of,
      seed: row.seed,
      drawn: checkedCell(row.drawn, place, drawnSchema),
      error: row.error,
    }
    if (row.state !== 'running')
      return {
        ...known,
        state: row.state,
        value: row.value,
        epochs: row.epochs,
        bestEpoch: row.best_epoch,
        seconds: row.seconds,
        curve: checkedCell(row.curve, place, searchTrialSchema.shape.curve),
      }
    const state: TrialState =
      row.run_state === null ? 'failed' : row.run_state === 'queued' ? 'waiting' : row.run_state === 'running' ? 'running' : 'interrupted'
    return { ...known, state, value: row.value, epochs: row.epochs, bestEpoch: row.best_epoch, seconds: row.seconds, curve: [] }
  }

  /** Best value up to each epoch. */
  #curve(run: string, metric: string): (number | null)[] {
    let best: number | null = null
    return this.#database
      .raw<[number, number | null]>('SELECT epoch, validation ->> ? FROM epochs WHERE run = ? ORDER BY epoch', `$."${metric}"`, run)
      .map(([, value]) => {
        if (typeof value === 'number' && (best === null || value > best)) best = value
        return best
      })
  }
}

/** The folder of the files, one a search. */
export const SEARCHES = 'searches'
const COLUMNS = 'id, dataset, spec, state, owner, threads, executor, created_at, reason, error, verdict'
const now = (): string => new Date().toISOString()
