/**
 * What runs measured: steps, epochs, metrics with their protocol, artefacts, environment, and the log of messages. Every metric row
 * names the protocol it was measured under; a protocol is stored once, by its hash.
 */
import type { Artefact } from '../../contract/shapes/artefact.ts'
import type { Environment, EpochRow, Trial, RunDetail, RunSummary } from '../../contract/shapes/run.ts'
import { protocolSchema, type Metrics, type Protocol } from '../../contract/shapes/protocol.ts'
import type { LogLine } from '../../contract/verbs.ts'
import type { StepRow } from '../../contract/shapes/run.ts'
import type { Database } from './database.ts'
import { checkedCell, jsonCell } from './json-cell.ts'
import { inMetricOrder } from '../../contract/metrics.ts'
import { hasEpochs } from '../../contract/shapes/spec.ts'
import type { ListedRun, RunRow, Runs } from './runs.ts'

export class Results {
  readonly #fits = new Map<string, Protocol['fittedOn']>()
  readonly #database: Database
  readonly #runs: Runs

  constructor(database: Database, runs: Runs) {
    this.#database = database
    this.#runs = runs
  }

  /** One transaction for all rows; a step that is there already is replaced. */
  addSteps(run: string, rows: readonly StepRow[]): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM packed_steps WHERE run = ?', run)
      for (const { learningRate, examplesPerSecond, ...row } of rows)
        this.#database.insert('steps', { run, ...row, learning_rate: learningRate, examples_per_second: examplesPerSecond }, 'REPLACE')
    })
  }

  /** Rows of steps above `after`, ascending, at most `most`; a loss or a throughput that is not known is NaN. */
  stepsAfter(run: string, after: number, most: number): StepRow[] {
    return this.#database
      .raw<[number, number, number | null, number, number | null]>(
        'SELECT step, epoch, loss, learning_rate, examples_per_second FROM steps WHERE run = ? AND step > ? ORDER BY step LIMIT ?',
        run,
        after,
        most,
      )
      .map(([step, epoch, loss, learningRate, examplesPerSecond]) => ({
        step,
        epoch,
        loss: loss ?? NaN,
        learningRate,
        examplesPerSecond: examplesPerSecond ?? NaN,
      }))
  }

  addEpoch(run: string, { epoch, loss, examplesPerSecond, learningRate, validation }: EpochRow): void {
    const rates = { examples_per_second: examplesPerSecond, learning_rate: learningRate }
    this.#database.insert('epochs', { run, epoch, loss, ...rates, validation: JSON.stringify(validation) }, 'REPLACE')
  }

  addTrial(run: string, number: number, { settings, ...measured }: Trial): void {
    this.#database.insert('trials', { run, number, ...measured, settings: JSON.stringify(settings) }, 'REPLACE')
  }

  /** Forgets what came after a checkpoint, as it will be measured again. */
  rewind(run: string, step: number, epoch: number): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM packed_steps WHERE run = ?', run)
      this.#database.run('DELETE FROM steps WHERE run = ? AND step > ?', run, step)
      this.#database.run('DELETE FROM epochs WHERE run = ? AND epoch > ?', run, epoch)
    })
  }

  setEnvironment(run: string, environment: Environment): void {
    this.#database.insert('environments', { run, environment: JSON.stringify(environment) }, 'REPLACE')
  }

  addArtefact(run: string, { path, bytes, sha256 }: Artefact): void {
    this.#database.insert('artefacts', { run, path, bytes, sha256 }, 'REPLACE')
  }

  /** The artefact of a run at a path, or null. */
  artefact(run: string, path: string): Artefact | null {
    return this.#database.get<Artefact>('SELECT path, bytes, sha256 FROM artefacts WHERE run = ? AND path = ?', run, path) ?? null
  }

  /** All artefacts of a run, by path. */
  artefacts(run: string): Artefact[] {
    return this.#database.all<Artefact>('SELECT path, bytes, sha256 FROM artefacts WHERE run = ? ORDER BY path', run)
  }

  /** Forgets an artefact whose file is about to be deleted. */
  removeArtefact(run: string, path: string): void {
    this.#database.run('DELETE FROM artefacts WHERE run = ? AND path = ?', run, path)
  }

  /** Adds or replaces metrics by name under their protocol, and the baseline's beside them. */
  addMetrics(run: string, protocol: Protocol, metrics: Metrics, baseline: Metrics = {}): void {
    this.#database.transaction(() => {
      const { part, hash } = protocol
      this.#database.insert('protocols', { hash, protocol: JSON.stringify(protocol) }, 'IGNORE')
      for (const [name, value] of finite(metrics)) this.#database.insert('metrics', { run, part, protocol: hash, name, value }, 'REPLACE')
      for (const [name, value] of finite(baseline)) this.#database.insert('baselines', { run, protocol: hash, name, value }, 'REPLACE')
    })
  }

  /** A line of the log. */
  log(entry: { job: string; run: string | null; level: string; text: string }): void {
    this.#database.insert('events', { at: new Date().toISOString(), ...entry })
  }

  /** Lines of a run's log older than the one of id `before`, newest first. */
  lines(run: string, before: number, limit: number): LogLine[] {
    return this.#database.all<LogLine>(
      'SELECT id, at, job, level, text FROM events WHERE run = ? AND id < ? ORDER BY id DESC LIMIT ?',
      run,
      before,
      limit,
    )
  }

  hasSteps(run: string): boolean {
    return (
      this.#database.get('SELECT 1 FROM steps WHERE run = ? UNION ALL SELECT 1 FROM epochs WHERE run = ? LIMIT 1', run, run) !== undefined
    )
  }

  protocol(hash: string): Protocol {
    return protocolOf(this.#database, hash)
  }

  summary(row: ListedRun): RunSummary {
    return this.#summary(row, {
      epochs: this.#database.get<{ count: number }>('SELECT count(*) AS count FROM epochs WHERE run = ?', row.id)!.count,
      metrics: row.protocol === null ? {} : this.#named('metrics', row.id, row.protocol),
      tags: this.#runs.tags(row.id),
      trial: this.#runs.trialOf(row.id),
    })
  }

  /** As {@link summary} of each, in three queries instead of three a run: for lists of thousands. */
  summaries(rows: readonly ListedRun[]): RunSummary[] {
    const ids = JSON.stringify(rows.map((row) => row.id))
    const of = 'run IN (SELECT value FROM json_each(?))'
    const epochs = new Map(this.#database.raw<[string, number]>(`SELECT run, count(*) FROM epochs WHERE ${of} GROUP BY run`, ids))
    const tags = Map.groupBy(
      this.#database.raw<[string, string]>(`SELECT run, tag FROM tags WHERE ${of} ORDER BY run, tag`, ids),
      ([run]) => run,
    )
    const metrics = new Map(
      this.#database.raw<[string, string]>(
        `SELECT m.run, json_group_object(m.name, m.value) FROM metrics m JOIN runs r ON r.id = m.run AND r.protocol = m.protocol
         WHERE m.${of} GROUP BY m.run`,
        ids,
      ),
    )
    const trials = new Map(
      this.#database
        .raw<[string, string, number]>(`SELECT run, search, number FROM search_trials WHERE ${of}`, ids)
        .map(([run, search, number]) => [run, { search, number }]),
    )
    const ordered = metricSorter()
    return rows.map((row) =>
      this.#summary(row, {
        epochs: epochs.get(row.id) ?? 0,
        metrics: ordered(jsonCell(metrics.get(row.id) ?? '{}', `metrics of run ${row.id}`) as Metrics),
        tags: (tags.get(row.id) ?? []).map(([, tag]) => tag),
        trial: trials.get(row.id) ?? null,
      }),
    )
  }

  #summary(row: ListedRun, measured: Pick<RunSummary, 'epochs' | 'metrics' | 'tags' | 'trial'>): RunSummary {
    return {
      run: row.id,
      name: row.name,
      dataset: row.dataset,
      model: row.model,
      recipe: row.recipe,
      state: row.state,
      createdAt: row.created_at,
      seed: row.seed,
      family: row.family,
      epochs: hasEpochs(row.model) ? measured.epochs : 0,
      bestEpoch: row.best_epoch,
      seconds: row.seconds + (row.state === 'running' ? this.#runs.secondsSinceStart(row.id) : 0),
      metrics: measured.metrics,
      protocolHash: row.protocol,
      fittedOn: row.protocol === null ? null : this.#fittedOn(row.protocol),
      tags: measured.tags,
      trial: measured.trial,
    }
  }

  /** What ran the steps of a run that has begun. */
  executor(run: string): Environment['executor'] | undefined {
    const sql = "SELECT environment ->> '$.executor' AS executor FROM environments WHERE run = ?"
    return this.#database.get<{ executor: string }>(sql, run)?.executor
  }

  detail(row: RunRow, folder: string): RunDetail {
    const environment = this.#database.get<{ environment: string }>('SELECT environment FROM environments WHERE run = ?', row.id)
    return {
      ...this.summary(row),
      spec: row.spec,
      environment: environment === undefined ? null : (jsonCell(environment.environment, `environment of run ${row.id}`) as Environment),
      protocol: row.protocol === null ? null : this.protocol(row.protocol),
      baseline: row.protocol === null ? {} : this.#named('baselines', row.id, row.protocol),
      epochsLog: this.#epochs(row.id),
      trials: this.#trials(row.id),
      artefacts: this.artefacts(row.id),
      notes: row.note,
      error: row.error,
      folder,
    }
  }

  /** of a protocol, which is what its hash says for good */
  #fittedOn(hash: string): Protocol['fittedOn'] {
    const known = this.#fits.get(hash) ?? this.protocol(hash).fittedOn
    this.#fits.set(hash, known)
    return known
  }

  #named(table: 'metrics' | 'baselines', run: string, protocol: string): Metrics {
    const rows = this.#database.all<{ name: string; value: number }>(
      `SELECT name, value FROM ${table} WHERE run = ? AND protocol = ?`,
      run,
      protocol,
    )
    const values = new Map(rows.map(({ name, value }) => [name, value]))
    return Object.fromEntries(inMetricOrder(values.keys()).map((name) => [name, values.get(name)!]))
  }

  #trials(run: string): Trial[] {
    return this.#database
      .all<Omit<Trial, 'settings'> & { settings: string }>(
        'SELECT settings, metric, value, seconds FROM trials WHERE run = ? ORDER BY number',
        run,
      )
      .map((row) => ({ ...row, settings: jsonCell(row.settings, `trials of run ${run}`) as Trial['settings'] }))
  }

  #epochs(run: string): EpochRow[] {
    interface Row {
      epoch: number
      loss: number | null
      examples_per_second: number
      learning_rate: number
      validation: string
    }
    return this.#database.all<Row>('SELECT * FROM epochs WHERE run = ? ORDER BY epoch', run).map((row) => ({
      epoch: row.epoch,
      loss: row.loss ?? NaN,
      examplesPerSecond: row.examples_per_second,
      learningRate: row.learning_rate,
      validation: jsonCell(row.validation, `metrics of epoch ${row.epoch} of run ${run}`) as Metrics,
    }))
  }
}

/** SQLite keeps a NaN as NULL, so what is not a number is not kept. */
function finite(metrics: Metrics): [string, number][] {
  return Object.entries(metrics).filter(([, value]) => Number.isFinite(value))
}

/** Puts metrics in their order, which is found once for all runs that have the same ones. */
function metricSorter(): (metrics: Metrics) => Metrics {
  const orders = new Map<string, string[]>()
  return (metrics) => {
    const names = Object.keys(metrics)
    const key = names.join('\n')
    const order = orders.get(key) ?? inMetricOrder(names)
    orders.set(key, order)
    return Object.fromEntries(order.map((name) => [name, metrics[name]!]))
  }
}

/** A protocol by its hash. @throws PylonError bad-data where it cannot be read */
export function protocolOf(database: Database, hash: string): Protocol {
  const { protocol } = database.get<{ protocol: string }>('SELECT protocol FROM protocols WHERE hash = ?', hash)!
  return checkedCell(protocol, `protocol ${hash}`, protocolSchema)
}
