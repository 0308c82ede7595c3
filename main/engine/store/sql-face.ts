/**
 * The workspace as tables to be asked in SQL, for notebooks and scripts. A question never meets the workspace's database: the views it names
 * are copied into a database in memory, which has nothing else in it, and only what reads is run there. So no statement can change, attach
 * or open anything, whatever it says.
 */
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { type Database, memoryDatabase } from './database.ts'
import type { SqlValue } from './tables.ts'

/** A documented view: what it holds, and its columns with the store's expression of each. */
export interface SqlView {
  readonly about: string
  readonly columns: Readonly<Record<string, string>>
  readonly from: string
}

const same = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]))

export const SQL_VIEWS: Readonly<Record<string, SqlView>> = {
  runs: {
    about: "a run a row; config is JSON: config ->> '$.training.epochs'",
    columns: {
      run: 'id',
      ...same(
        'name',
        'dataset',
        'model',
        'recipe',
        'loss',
        'state',
        'seed',
        'family',
        'threads',
        'folder',
        'pinned',
        'protocol',
        'note',
        'error',
      ),
      ...same('created_at', 'started_at', 'finished_at', 'seconds', 'examples_per_second', 'best_epoch'),
      peak_mb: 'peak_rss_mb',
      config: 'spec',
    },
    from: 'runs',
  },
  metrics: {
    about: 'a metric of a run by a protocol: recall@20, ndcg@20 …',
    columns: { ...same('run', 'part', 'protocol', 'value'), metric: 'name' },
    from: 'metrics',
  },
  most_popular: {
    about: 'most popular by the same protocol',
    columns: { ...same('run', 'protocol', 'value'), metric: 'name' },
    from: 'baselines',
  },
  protocols: { about: 'how metrics were measured, as JSON', columns: same('hash', 'protocol'), from: 'protocols' },
  epochs: {
    about: 'an epoch of a run; validation is JSON: validation ->> \'$."ndcg@20"\'',
    columns: same('run', 'epoch', 'loss', 'examples_per_second', 'learning_rate', 'validation'),
    from: 'epochs',
  },
  trials: {
    about: 'settings that a run tried before it was fitted, as JSON',
    columns: same('run', 'number', 'settings', 'metric', 'value', 'seconds'),
    from: 'trials',
  },
  tags: { about: 'the tags of runs', columns: same('run', 'tag'), from: 'tags' },
  files: { about: 'the files of runs', columns: same('run', 'path', 'bytes', 'sha256'), from: 'artefacts' },
  datasets: {
    about: 'a dataset a row; manifest is JSON',
    columns: {
      ...same('name', 'created_at', 'checksum'),
      users: "manifest ->> '$.users'",
      items: "manifest ->> '$.items'",
      interactions: "manifest ->> '$.interactions'",
      manifest: 'manifest',
    },
    from: 'datasets',
  },
  searches: {
    about: 'a search a row; spec is JSON',
    columns: { search: 'id', ...same('name', 'dataset', 'state', 'created_at', 'spec') },
    from: 'searches',
  },
  segments: {
    about: 'items under a name, a row each; items is JSON: their ids',
    columns: { segment: 'id', ...same('name', 'dataset', 'created_at', 'tags', 'count', 'items') },
    from: 'segments',
  },
  search_trials: {
    about: 'a trial of a search; params is JSON',
    columns: same('search', 'number', 'run', 'final_of', 'seed', 'params', 'drawn', 'state', 'value', 'epochs', 'best_epoch', 'seconds'),
    from: 'search_trials',
  },
}

export interface SqlAnswer {
  readonly columns: string[]
  readonly rows: SqlValue[][]
  /** whether there were more rows than were asked for */
  readonly more: boolean
}

/**
 * Answers one SELECT over the views.
 * @param limit rows at most
 * @throws PylonError bad-input with what SQLite says of it
 */
export function askSql(database: Database, sql: string, limit: number): SqlAnswer {
  const memory = memoryDatabase()
  try {
    const words = new Set(sql.toLowerCase().match(/[a-z_]+/g))
    for (const [name, { columns, from }] of Object.entries(SQL_VIEWS)) {
      if (!words.has(name)) continue
      const names = Object.keys(columns)
      const rows = database.raw<SqlValue[]>(`SELECT ${names.map((each) => `${columns[each]!} AS ${each}`).join(', ')} FROM ${from}`)
      memory.fill(name, names, rows)
    }
    return memory.select(sql, limit)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const missing = /no such table: (\S+)/.exec(message)?.[1]
    if (missing !== undefined)
      throw badInput(
        `There is no view "${missing}"; ${didYouMean(missing, Object.keys(SQL_VIEWS))}there are ${Object.keys(SQL_VIEWS).join(', ')}. Without a question, pylon sql says what they hold.`,
        'sql',
      )
    throw badInput(`SQLite does not take it: ${message}.`, 'sql')
  } finally {
    memory.close()
  }
}
