/**
 * The exports for vector stores, each loaded by its own script into the real thing: PostgreSQL with pgvector (PGlite's, over its socket),
 * Qdrant's local mode, Milvus Lite, LanceDB. By every match; twice is once; what is there of another export is refused; cells are the file's.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { csvCell } from '../../main/contract/csv.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { freePort } from '../helpers/python.ts'
import { answerOf } from '../helpers/workspace.ts'

const STORES = ['pgvector', 'qdrant', 'milvus', 'lancedb'] as const
const MATCHES = ['cosine', 'dot', 'euclidean'] as const
const ITEMS = 500
const root = mkdtempSync(join(tmpdir(), 'pylon-stores-'))
const home = join(root, 'home')
const run = promisify(execFile)
const { test } = needing('python')

interface Told {
  readonly rows: number
  readonly exact: number
  readonly recallAt10: number | null
}

/** Cells that a loader could read as something else. */
const ODD = [`it's "so", :"table"`, 'a\tb\\n', 'two\nlines', '$1 %s {x}', '-- no; comment', '物品']
const titleOf = (k: number): string => `${ODD[k % ODD.length]!} ${k}`
const truth = Array.from({ length: ITEMS }, (_, k) => ({
  item: `i${String(k).padStart(3, '0')}`,
  title: titleOf(k),
  genre: `g${k % 40}`,
  price: k % 7 === 0 ? null : k + 0.5,
  tags: k % 5 === 0 ? null : ['red', `t"${k % 3}`],
  released: k % 11 === 0 ? null : new Date(Date.UTC(2019, 0, 1 + k)).toISOString().slice(0, 10),
  seen: k % 13 === 0 ? null : new Date(Date.UTC(2020, 0, 1, 0, 17 * k)).toISOString(),
}))

let database: PGlite | undefined
let server: PGLiteSocketServer | undefined
let dsn = ''

const succeed = (...args: string[]): Promise<object> => answerOf(args, { home })

async function importAndExport(dataset: string, items: number, matches: readonly string[]): Promise<void> {
  const columns = ['item', 'title', 'genre', 'price', 'tags', 'released', 'seen'] as const
  const cells = (row: (typeof truth)[number]): string =>
    columns.map((name) => csvCell(name === 'tags' ? (row.tags?.join('|') ?? null) : row[name])).join(',')
  const [events, table] = [join(root, `${dataset}-events.csv`), join(root, `${dataset}-items.csv`)]
  writeFileSync(table, `${columns.join(',')}\n${truth.slice(0, items).map(cells).join('\n')}\n`)
  // a scattered sequence: items that are met alike would get one vector, and have no order
  const itemOf = (n: number): string => truth[(Math.imul(n + 1, 2_654_435_761) >>> 8) % items]!.item
  const rows = Array.from({ length: 3000 }, (_, n) => `u${n % 150},${itemOf(n)},${1_700_000_000 + n * 60}`)
  writeFileSync(events, `user,item,time\n${rows.join('\n')}\n`)
  await succeed('import', '--name', dataset, '--interactions', events, '--items', table, '--kinds', 'title=text,genre=category,tags=tags')
  for (const match of matches) {
    const settings = [
      'training.epochs=1',
      'training.batchSize=256',
      'training.finalFit=false',
      'training.init.kind=random',
      'training.embeddingSd=0.6',
      `match.kind=${match}`,
    ]
    const name = `${dataset}-${match}`
    await succeed('train', '--dataset', dataset, '--recipe', 'mf-softmax', '--name', name, ...settings.flatMap((each) => ['--set', each]))
    for (const store of STORES) await succeed('export', '--run', name, '--format', store, '--out', join(root, name, store))
  }
}

const placeOf = (store: (typeof STORES)[number]): string[] =>
  ({
    pgvector: ['--dsn', dsn],
    qdrant: ['--path', join(root, 'qdrant')],
    milvus: ['--uri', join(root, 'milvus.db')],
    lancedb: ['--uri', join(root, 'lancedb')],
  })[store]

const script = async (...args: string[]): Promise<string> => {
  const { stdout } = await run(findPython()!, args, { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PGSSLMODE: 'disable' } })
  return stdout.trimEnd().split('\n').at(-1)!
}
async function load(store: (typeof STORES)[number], export_: string, ...more: string[]): Promise<Told> {
  const told = await script(join(root, export_, store, 'load.py'), ...placeOf(store), ...more)
  console.log(`${store}: ${told}`)
  return JSON.parse(told) as Told
}

needing('python').describe('exports in vector stores', () => {
  beforeAll(async () => {
    await importAndExport('d', ITEMS, MATCHES)
    await importAndExport('fewer', 300, ['dot'])
    writeFileSync(join(root, 'truth.json'), JSON.stringify(truth))
    database = await PGlite.create({ extensions: { vector } })
    server = new PGLiteSocketServer({ db: database, port: await freePort(), host: '127.0.0.1' })
    await server.start()
    dsn = `postgresql://postgres@${server.getServerConn()}/postgres`
  })
  afterAll(async () => {
    await server?.stop()
    await database?.close()
    await rm(root, { recursive: true, force: true })
  })

  describe.each(STORES)('%s', (store) => {
    test('finds the ten of Pylon by every match: all by exact search, most by the index', async () => {
      for (const match of MATCHES) {
        const { rows, exact, recallAt10 } = await load(store, `d-${match}`, '--name', `by_${match}`)
        expect([rows, exact], match).toEqual([ITEMS, 1])
        if (store === 'qdrant') expect(recallAt10).toBeNull()
        else expect(recallAt10, match).toBeGreaterThan(0.95)
      }
    })

    test('holds every cell, dates as dates, once, however often it was loaded', async () => {
      expect(await load(store, 'd-cosine', '--name', 'by_cosine')).toMatchObject({ rows: ITEMS, exact: 1 })
      await script(join(import.meta.dirname, 'stores.py'), store, placeOf(store)[1]!, 'by_cosine', join(root, 'truth.json'))
    })

    test('refuses a place that holds what the export does not have, and clears it when told', async () => {
      await expect(load(store, 'fewer-dot', '--name', 'by_dot')).rejects.toThrow(
        /200 rows of .*by_dot are not in this export: choose another/,
      )
      expect(await load(store, 'fewer-dot', '--name', 'by_dot', '--replace')).toMatchObject({ rows: 300, exact: 1 })
    })
  })

  test('pgvector finds ten under a filter by the settings of items.sql, and too few by its own', async () => {
    const file = join(root, 'd-cosine', 'pgvector', 'probes.json')
    const probes = (JSON.parse(readFileSync(file, 'utf8')) as { vector: number[] }[]).slice(0, 20)
    const query = `SELECT id FROM by_cosine WHERE genre = 'g7' ORDER BY embedding <=> $1 LIMIT 10`
    const answers = async (): Promise<string[][]> => {
      const found: string[][] = []
      for (const probe of probes)
        found.push((await database!.query<{ id: string }>(query, [JSON.stringify(probe.vector)])).rows.map(({ id }) => id))
      return found
    }
    // PGlite has one session for all: what the loaders set is still there
    await database!.exec('RESET ALL; SET enable_indexscan = off')
    const exact = await answers()
    await database!.exec('SET enable_indexscan = on; SET enable_seqscan = off; SET enable_sort = off')
    const own = (await answers()).reduce((sum, ids) => sum + ids.length, 0) / probes.length
    await database!.exec('SET hnsw.ef_search = 100; SET hnsw.iterative_scan = strict_order; SET hnsw.max_scan_tuples = 200000')
    const found = await answers()
    await database!.exec('RESET ALL')
    const shares = found.map((ids, k) => ids.filter((id) => exact[k]!.includes(id)).length / 10)
    const recall = shares.reduce((sum, share) => sum + share, 0) / probes.length
    console.log(`pgvector under a filter of 1 in 40: ${own} of 10 by its own settings; by those of the file 10, recall ${recall}`)
    expect(own).toBeLessThan(5)
    for (const ids of found) expect(ids).toHaveLength(10)
    expect(recall).toBeGreaterThan(0.95)
  })

  needing('python', 'program:psql').test('psql loads items.sql by its own name, once', async () => {
    const psql = async (...more: string[]): Promise<string> =>
      (await run('psql', ['-d', dsn, '-q', '-t', ...more], { env: { ...process.env, PGSSLMODE: 'disable' } })).stdout.trim()
    const file = join(root, 'd-cosine', 'pgvector', 'items.sql')
    for (const more of [[], [], ['-v', 'table=By psql']]) await psql('-f', file, ...more)
    expect(await psql('-c', 'SELECT count(*) FROM items')).toBe(String(ITEMS))
    expect(await psql('-c', 'SELECT count(*) FROM "By psql"')).toBe(String(ITEMS))
    const fewer = psql('-f', join(root, 'fewer-dot', 'pgvector', 'items.sql'))
    await expect(fewer).rejects.toThrow(/200 rows of table items are not in this export: .*replace=on/)
    expect(await psql('-c', 'SELECT count(*) FROM items')).toBe(String(ITEMS))
  })

  test('the loaders are clean to ruff and mypy', async () => {
    for (const store of STORES) {
      const files = ['load.py', 'probes.py'].map((file) => join(root, 'd-dot', store, file))
      await script('-m', 'ruff', 'check', '--isolated', '--no-cache', '--line-length', '160', '--select', 'E,F,I,UP,B', ...files)
      // the clients themselves are large and not ours to check
      await script('-m', 'mypy', '--follow-imports', 'skip', '--ignore-missing-imports', '--cache-dir', join(root, 'mypy'), ...files)
    }
  })
})
