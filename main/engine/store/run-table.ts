/**
 * Runs as columns, read without their specs and without an object a run and metric: 10,000 runs with five metrics take about 100 ms.
 * Also what is edited for many runs at once.
 */
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { RunState } from '../../contract/shapes/run.ts'
import type { Coded, RunColumns } from '../../contract/verbs/runs-table.ts'
import type { Database, Value } from './database.ts'
import { inMetricOrder } from './metric-order.ts'

export interface TableQuestion {
  readonly dataset?: string | undefined
  readonly runs?: readonly string[] | undefined
  readonly metrics: readonly string[]
  readonly best: string
  readonly spec: readonly string[]
  readonly families: boolean
}

type Core = [
  id: string,
  name: string,
  dataset: string,
  model: string,
  recipe: string | null,
  state: RunState,
  folder: string,
  note: string,
  tags: string | null,
  protocol: string | null,
  created: string,
  started: string | null,
  seed: number | null,
  epochs: number | null,
  bestEpoch: number | null,
  seconds: number,
  examplesPerSecond: number | null,
  pinned: number,
]

export class RunTable {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  columns(question: TableQuestion): RunColumns {
    const { where, values } = filter(question)
    const select = <Row extends readonly unknown[]>(what: string, ...first: Value[]): Row[] =>
      this.#database.raw<Row>(`SELECT ${what} FROM runs r WHERE ${where} ORDER BY r.created_at, r.id`, ...first, ...values)
    const rows = select<Core>(CORE)
    const at = <I extends keyof Core>(i: I): Core[I][] => rows.map((row) => row[i]) as Core[I][]
    const numbers = (list: readonly (number | null)[]): Float64Array => Float64Array.from(list, (value) => value ?? NaN)
    const metrics = question.metrics.map((name) => {
      const found = select<[number | null]>(
        '(SELECT m.value FROM metrics m WHERE m.run = r.id AND m.protocol = r.protocol AND m.name = ?)',
        name,
      )
      return [name, numbers(found.map(([value]) => value))] as const
    })
    const spec = question.spec.map(
      (path) => [path, coded(select<[string | null]>('r.spec -> ?', `$.${path}`).map(([value]) => value))] as const,
    )
    const best = this.#best(rows, question.best)
    const now = Date.now()
    return {
      run: at(0),
      name: coded(at(1)),
      dataset: coded(at(2)),
      model: coded(at(3)),
      recipe: coded(at(4)),
      state: coded(at(5)) as RunColumns['state'],
      folder: coded(at(6).map(orNull)),
      note: coded(at(7).map(orNull)),
      tags: coded(at(8)),
      protocol: coded(at(9)),
      createdAt: Float64Array.from(at(10), (time) => Date.parse(time) / 1000),
      seed: numbers(at(12)),
      epochs: Int32Array.from(at(13), (value) => value ?? 0),
      bestEpoch: best.epoch,
      best: best.value,
      seconds: Float64Array.from(
        rows,
        (row) => row[15] + (row[5] === 'running' && row[11] !== null ? Math.max(0, (now - Date.parse(row[11])) / 1000) : 0),
      ),
      examplesPerSecond: numbers(at(16)),
      pinned: Uint8Array.from(at(17)),
      ...(question.families ? { family: Int32Array.from(select<[number]>(FAMILY), ([family]) => family) } : {}),
      metrics: Object.fromEntries(metrics),
      spec: Object.fromEntries(spec),
    }
  }

  /** The protocols that occur in these columns. */
  protocols({ protocol }: RunColumns): Protocol[] {
    return protocol.values.map(
      (hash) =>
        JSON.parse(this.#database.get<{ protocol: string }>('SELECT protocol FROM protocols WHERE hash = ?', hash)!.protocol) as Protocol,
    )
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
      this.#database.run('UPDATE runs SET pinned = 0 WHERE protocol IS (SELECT protocol FROM runs WHERE id = ?)', id)
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
    this.#database.run('INSERT OR IGNORE INTO tags (run, tag) VALUES (?, ?)', id, tag)
  }
  removeTag(id: string, tag: string): void {
    this.#database.run('DELETE FROM tags WHERE run = ? AND tag = ?', id, tag)
  }

  /** The best epoch and its value: where training has said which, that one; else the largest so far, for runs that have not finished. */
  #best(rows: readonly Core[], metric: string): { epoch: Int32Array; value: Float64Array } {
    const epoch = new Int32Array(rows.length).fill(-1)
    const value = new Float64Array(rows.length).fill(NaN)
    const key = `$."${metric.replaceAll('"', '')}"`
    for (const [i, row] of rows.entries()) {
      const [id, known] = [row[0], row[14]]
      const found =
        known !== null
          ? this.#database.get<Best>('SELECT epoch, validation ->> ? AS value FROM epochs WHERE run = ? AND epoch = ?', key, id, known)
          : row[13] === null
            ? undefined
            : this.#database.get<Best>('SELECT epoch, max(validation ->> ?) AS value FROM epochs WHERE run = ?', key, id)
      if (known !== null) epoch[i] = known
      if (typeof found?.value !== 'number') continue
      epoch[i] = found.epoch
      value[i] = found.value
    }
    return { epoch, value }
  }
}

interface Best {
  epoch: number
  value: number | null
}

const CORE = `r.id, r.name, r.dataset, r.model, r.recipe, r.state, r.folder, r.note,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags t WHERE t.run = r.id ORDER BY tag) HAVING count(*) > 0),
  r.protocol, r.created_at, r.started_at, r.seed, (SELECT max(epoch) FROM epochs e WHERE e.run = r.id), r.best_epoch, r.seconds,
  r.examples_per_second, r.pinned`

const FAMILY = `dense_rank() OVER (ORDER BY r.dataset, json_remove(r.spec, '$.training.seed')) - 1`

function filter({ dataset, runs }: TableQuestion): { where: string; values: Value[] } {
  if (runs !== undefined) return { where: 'r.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(runs)] }
  return dataset === undefined ? { where: 'true', values: [] } : { where: 'r.dataset = ?', values: [dataset] }
}

const orNull = (text: string): string | null => (text === '' ? null : text)

function coded(texts: readonly (string | null)[]): Coded {
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
