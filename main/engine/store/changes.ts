/**
 * What other processes changed in the database since it was last looked at, found by comparing a line about each run, dataset, search and
 * segment.
 * SQLite tells at no cost whether there was any commit of theirs at all; only then is anything read (80 ms with 10,000 runs, 360 from a
 * file that was just opened).
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

interface Known {
  readonly runs: Lines
  readonly datasets: Lines
  readonly searches: Lines
  readonly segments: Lines
}
const NOTHING: Known = { runs: new Map(), datasets: new Map(), searches: new Map(), segments: new Map() }

export class ForeignChanges {
  readonly #database: Database
  #version: number
  /** null until the first look, which reads it: an engine that opens is waited for */
  #known: Known | null = null

  constructor(database: Database) {
    this.#database = database
    this.#version = database.dataVersion()
  }

  /**
   * Since the last call; null where no other process has committed anything. What this process changed meanwhile is in it too. The first
   * call names all that there is, where there was a commit since the opening.
   */
  look(): Changes | null {
    const version = this.#database.dataVersion()
    const isSame = version === this.#version
    if (isSame && this.#known !== null) return null
    this.#version = version
    const [before, now] = [this.#known ?? NOTHING, this.#read()]
    this.#known = now
    if (isSame) return null
    return {
      runs: differing(before.runs, now.runs),
      datasets: differing(before.datasets, now.datasets),
      searches: differing(before.searches, now.searches),
      segments: differing(before.segments, now.segments),
    }
  }

  #read(): Known {
    return {
      runs: lines(this.#database, RUNS),
      datasets: lines(this.#database, DATASETS),
      searches: lines(this.#database, SEARCHES),
      segments: lines(this.#database, SEGMENTS),
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
