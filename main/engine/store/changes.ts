/**
 * What other processes changed in the database since it was last looked at, found by comparing a line about each run, dataset, search and
 * segment.
 * SQLite tells at no cost whether there was any commit of theirs at all; only then is anything read (80 ms with 10,000 runs).
 */
import type { Database } from './database.ts'

/** Ids of runs, searches and segments, names of datasets. */
export interface Changes {
  readonly runs: readonly string[]
  readonly datasets: readonly string[]
  readonly searches: readonly string[]
  readonly segments: readonly string[]
}

type Lines = ReadonlyMap<string, string>

export class ForeignChanges {
  readonly #database: Database
  #version: number
  #runs: Lines
  #datasets: Lines
  #searches: Lines
  #segments: Lines

  constructor(database: Database) {
    this.#database = database
    this.#version = database.dataVersion()
    this.#runs = lines(database, RUNS)
    this.#datasets = lines(database, DATASETS)
    this.#searches = lines(database, SEARCHES)
    this.#segments = lines(database, SEGMENTS)
  }

  /** Since the last call; null where no other process has committed anything. What this process changed meanwhile is in it too. */
  look(): Changes | null {
    const version = this.#database.dataVersion()
    if (version === this.#version) return null
    this.#version = version
    const before = [this.#runs, this.#datasets, this.#searches, this.#segments] as const
    this.#runs = lines(this.#database, RUNS)
    this.#datasets = lines(this.#database, DATASETS)
    this.#searches = lines(this.#database, SEARCHES)
    this.#segments = lines(this.#database, SEGMENTS)
    return {
      runs: differing(before[0], this.#runs),
      datasets: differing(before[1], this.#datasets),
      searches: differing(before[2], this.#searches),
      segments: differing(before[3], this.#segments),
    }
  }
}

/** All that a page shows of a run in a list, and how much hangs on it: measurements, files, tags, epochs, the last step while it trains. */
const RUNS = `
  SELECT id, concat_ws('|', state, owner, name, folder, pinned, started_at, seconds, best_epoch, protocol, note, error,
    (SELECT group_concat(tag) FROM tags WHERE run = id),
    (SELECT count(*) || '/' || sum(bytes) FROM artefacts WHERE run = id),
    (SELECT count(*) FROM epochs WHERE run = id),
    (SELECT count(*) FROM baselines WHERE run = id),
    iif(state = 'running', (SELECT max(step) FROM steps WHERE run = id), NULL))
  FROM runs`
const DATASETS = `SELECT name, concat_ws('|', created_at, checksum, length(manifest)) FROM datasets`
const SEARCHES = `
  SELECT id, concat_ws('|', s.state, owner, reason, verdict,
    (SELECT group_concat(number || t.state || coalesce(run, '')) FROM search_trials t WHERE t.search = s.id),
    (SELECT count(*) FROM promoted_runs p WHERE p.search = s.id))
  FROM searches s`

const SEGMENTS = `SELECT id, concat_ws('|', name, tags) FROM segments`

const lines = (database: Database, sql: string): Lines => new Map(database.raw<[string, string]>(sql))

function differing(before: Lines, now: Lines): string[] {
  const gone = [...before.keys()].filter((key) => !now.has(key))
  return [...[...now].filter(([key, line]) => before.get(key) !== line).map(([key]) => key), ...gone]
}
