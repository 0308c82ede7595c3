/**
 * Runs as columns, read from an index that holds no specs, and without an object a run and metric.
 * Also what is edited for many runs at once.
 */
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { RunState } from '../../contract/shapes/run.ts'
import type { DictionaryColumn, RunColumns } from '../../contract/shapes/run-table.ts'
import type { Database } from './database.ts'
import type { SqlValue } from './tables.ts'
import { inMetricOrder } from '../../contract/metrics.ts'
import { protocolOf } from './results.ts'

export interface RunTableQuery {
  readonly dataset?: string | undefined
  readonly runs?: readonly string[] | undefined
  readonly metrics: readonly string[]
  readonly best: string
  readonly spec: readonly string[]
}

type Core = readonly [
  id: string,
  name: string,
  dataset: string,
  model: string,
  recipe: string | null,
  loss: string | null,
  state: RunState,
  folder: string,
  protocol: string | null,
  created: string,
  started: string | null,
  seed: number | null,
  bestEpoch: number | null,
  seconds: number,
  examplesPerSecond: number | null,
  pinned: number,
]

/** All in one index, see migrations.ts: the rows themselves lie pages apart. */
const CORE = `r.id, r.name, r.dataset, r.model, r.recipe, r.loss, r.state, r.folder, r.protocol, r.created_at, r.started_at, r.seed, r.best_epoch,
  r.seconds, r.examples_per_second, r.pinned`

export class RunTable {
  readonly #database: Database
  /** of runs that have finished, which do not change: by metric, then by run */
  readonly #settled = new Map<string, Map<string, Best>>()
  /** values of specs, which do not change: by path, then by run */
  readonly #specs = new Map<string, Map<string, string | null>>()

  constructor(database: Database) {
    this.#database = database
  }

  columns(question: RunTableQuery): RunColumns {
    const { where, values } = filter(question)
    const rows = this.#database.raw<Core>(`SELECT ${CORE} FROM runs r WHERE ${where} ORDER BY r.created_at, r.id`, ...values)
    const at = <I extends keyof Core & number>(i: I): Core[I][] => rows.map((row) => row[i])
    const ids = at(0)
    const best = rows.map((row) => this.#best(row, question.best))
    const now = Date.now()
    const notes = new Map(this.#database.raw<[string, string]>(`SELECT id, note FROM runs WHERE note != ''`))
    const tags = Map.groupBy(this.#database.raw<[string, string]>('SELECT run, tag FROM tags ORDER BY run, tag'), ([run]) => run)
    const families = new Map(this.#database.raw<[string, string]>('SELECT id, family FROM runs INDEXED BY runs_by_family'))
    const searches = new Map(this.#database.raw<[string, string]>('SELECT run, search FROM search_trials WHERE run IS NOT NULL'))
    return {
      run: ids,
      name: coded(at(1)),
      dataset: coded(at(2)),
      model: coded(at(3)),
      recipe: coded(at(4)),
      loss: coded(at(5)),
      state: coded(at(6)) as RunColumns['state'],
      folder: coded(at(7).map((text) => (text === '' ? null : text))),
      note: coded(ids.map((id) => notes.get(id) ?? null)),
      tags: coded(ids.map((id) => jsonList(tags.get(id)))),
      protocol: coded(at(8)),
      search: coded(ids.map((id) => searches.get(id) ?? null)),
      createdAt: Float64Array.from(at(9), (time) => Date.parse(time) / 1000),
      seed: numbers(at(11)),
      epochs: Int32Array.from(best, ({ epochs }) => epochs),
      bestEpoch: Int32Array.from(best, ({ epoch }) => epoch),
      best: Float64Array.from(best, ({ value }) => value),
      seconds: Float64Array.from(rows, (row) => row[13] + (row[6] === 'running' ? since(row[10], now) : 0)),
      examplesPerSecond: numbers(at(14)),
      pinned: Uint8Array.from(at(15)),
      family: coded(ids.map((id) => families.get(id) ?? null)),
      metrics: Object.fromEntries(question.metrics.map((name) => [name, this.#metric(rows, name)])),
      spec: Object.fromEntries(question.spec.map((path) => [path, coded(this.#spec(ids, path))])),
    }
  }

  /** The protocols that occur in these columns. */
  protocols({ protocol }: RunColumns): Protocol[] {
    return protocol.values.map((hash) => protocolOf(this.#database, hash))
  }

  fields(): { metrics: string[]; spec: string[]; tags: string[]; folders: string[] } {
    const list = (sql: string): string[] => this.#database.raw<[string]>(sql).map(([value]) => value)
    return {
      metrics: inMetricOrder(list('SELECT name FROM metric_names')),
      spec: list('SELECT path FROM spec_paths ORDER BY path'),
      tags: list('SELECT DISTINCT tag FROM tags ORDER BY tag'),
      folders: list(`SELECT DISTINCT folder FROM runs WHERE folder != '' ORDER BY folder`),
    }
  }

  /** Only one run of a protocol is pinned. */
  pin(id: string, pinned: boolean): void {
    this.#database.transaction(() => {
      this.#database.run('UPDATE runs SET pinned = 0 WHERE pinned = 1 AND protocol IS (SELECT protocol FROM runs WHERE id = ?)', id)
      if (pinned) this.#database.run('UPDATE runs SET pinned = 1 WHERE id = ?', id)
    })
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE runs SET name = ? WHERE id = ?', name, id)
  }
  setFolder(id: string, folder: string): void {
    this.#database.run('UPDATE runs SET folder = ? WHERE id = ?', folder, id)
  }
  addTag(id: string, tag: string): void {
    this.#database.insert('tags', { run: id, tag }, 'IGNORE')
  }
  removeTag(id: string, tag: string): void {
    this.#database.run('DELETE FROM tags WHERE run = ? AND tag = ?', id, tag)
  }

  #metric(rows: readonly Core[], name: string): Float64Array {
    const found = this.#database.raw<[string, string, number]>('SELECT run, protocol, value FROM metrics WHERE name = ?', name)
    const protocols = new Map(rows.map((row) => [row[0], row[8]]))
    const values = new Map<string, number>()
    for (const [run, protocol, value] of found) if (protocols.get(run) === protocol) values.set(run, value)
    return numbers(rows.map((row) => values.get(row[0])))
  }

  /** The epoch that training chose, else the best so far; and the value there. */
  #best([id, , , , , , state, , , , , , known]: Core, metric: string): Best {
    const before = state === 'finished' ? this.#finished(metric).get(id) : undefined
    if (before !== undefined) return before
    const [key, sql] = [jsonKey(metric), 'FROM epochs WHERE run = ?']
    const epochs = this.#database.get<{ epochs: number | null }>(`SELECT max(epoch) AS epochs ${sql}`, id)!.epochs ?? 0
    if (epochs === 0) return { epochs, epoch: known ?? -1, value: NaN }
    const at = this.#database.get<{ epoch: number; value: number | null }>(`SELECT epoch, max(validation ->> ?) AS value ${sql}`, key, id)
    const best = typeof at?.value === 'number' ? { epochs, epoch: at.epoch, value: at.value } : { epochs, epoch: known ?? -1, value: NaN }
    if (state === 'finished') this.#finished(metric).set(id, best)
    return best
  }

  /** What is known of finished runs; all that there are are read at once at the first asking. */
  #finished(metric: string): Map<string, Best> {
    const cached = this.#settled.get(metric)
    if (cached !== undefined) return cached
    const rows = this.#database.raw<[string, number, number, number | null]>(
      `SELECT r.id, (SELECT max(epoch) FROM epochs WHERE run = r.id), r.best_epoch, e.validation ->> ?
       FROM runs r INDEXED BY runs_listed JOIN epochs e ON e.run = r.id AND e.epoch = r.best_epoch WHERE r.state = 'finished'`,
      jsonKey(metric),
    )
    const read = new Map(rows.map(([id, epochs, epoch, value]) => [id, { epochs, epoch, value: typeof value === 'number' ? value : NaN }]))
    this.#settled.set(metric, read)
    return read
  }

  #spec(ids: readonly string[], path: string): (string | null)[] {
    const values = this.#specs.get(path) ?? new Map<string, string | null>()
    this.#specs.set(path, values)
    const missing = ids.filter((id) => !values.has(id))
    const found = this.#database.raw<[string, string | null]>(
      'SELECT id, spec -> ? FROM runs WHERE id IN (SELECT value FROM json_each(?))',
      `$.${path}`,
      JSON.stringify(missing),
    )
    for (const [id, value] of found) values.set(id, value)
    return ids.map((id) => values.get(id) ?? null)
  }
}

interface Best {
  readonly epochs: number
  /** -1: none */
  readonly epoch: number
  readonly value: number
}

function filter({ dataset, runs }: RunTableQuery): { where: string; values: SqlValue[] } {
  if (runs !== undefined) return { where: 'r.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(runs)] }
  return dataset === undefined ? { where: 'true', values: [] } : { where: 'r.dataset = ?', values: [dataset] }
}

const numbers = (list: readonly (number | null | undefined)[]): Float64Array => Float64Array.from(list, (value) => value ?? NaN)

const jsonKey = (name: string): string => `$."${name.replaceAll('"', '')}"`

const since = (started: string | null, now: number): number => (started === null ? 0 : Math.max(0, (now - Date.parse(started)) / 1000))

const jsonList = (tags: readonly (readonly [string, string])[] | undefined): string | null =>
  tags === undefined ? null : JSON.stringify(tags.map(([, tag]) => tag))

function coded(texts: readonly (string | null)[]): DictionaryColumn {
  const code = new Map<string, number>()
  const codes = new Int32Array(texts.length)
  for (const [i, text] of texts.entries()) {
    if (text === null) codes[i] = -1
    else {
      const known = code.get(text) ?? code.size
      code.set(text, known)
      codes[i] = known
    }
  }
  return { values: [...code.keys()], codes }
}
