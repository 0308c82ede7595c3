/**
 * However a run matches, each export that ranks gives the ten that Pylon gives: asked of pgvector in PGlite, by the
 * names that Qdrant and Milvus document, and by the rule that README.md and metric.json state, in float64. Vectors of
 * unequal length, as only then metrics differ.
 */
import { mkdtempSync, readFileSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

const USERS = ['u0', 'u17', 'u42']
const KINDS = {
  cosine: {
    metric: 'cosine',
    qdrant: 'Cosine',
    milvus: 'COSINE',
    operator: '<=>',
    family: 'vector_cosine_ops',
    set: ['match.kind=cosine'],
  },
  dot: { metric: 'dot', qdrant: 'Dot', milvus: 'IP', operator: '<#>', family: 'vector_ip_ops', set: ['match.kind=dot'] },
  euclidean: {
    metric: 'euclidean',
    qdrant: 'Euclid',
    milvus: 'L2',
    operator: '<->',
    family: 'vector_l2_ops',
    set: ['match.kind=euclidean'],
  },
  expression: {
    metric: 'euclidean',
    qdrant: 'Euclid',
    milvus: 'L2',
    operator: '<->',
    family: 'vector_l2_ops',
    // falls with the distance alone, so that its stand-in ranks alike
    set: ['match.kind=expression', 'match.expression=1 / (1 + sq)', 'match.retrieve=euclidean'],
  },
} as const

/** The rule in float64; higher is better. */
const SCORES: Record<'cosine' | 'dot' | 'euclidean', (u: readonly number[], v: readonly number[]) => number> = {
  dot: (u, v) => u.reduce((sum, x, i) => sum + x * v[i]!, 0),
  cosine: (u, v) => SCORES.dot(u, v) / Math.sqrt(SCORES.dot(u, u) * SCORES.dot(v, v)),
  euclidean: (u, v) => -u.reduce((sum, x, i) => sum + (x - v[i]!) ** 2, 0),
}

interface Row {
  readonly id: string
  readonly vector: number[]
}

/** What psql makes of its variables. */
const withNames = (sql: string): string =>
  sql.replaceAll(':"table"', 'items').replaceAll(':"index"', 'items_by').replace(":'table'", "'items'").replace(":'replace'", "'off'")

let root = ''
let home = ''

const succeed = (...args: string[]) => answerOf(args, { home })

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pylon-ranking-'))
  home = join(root, 'home')
  const { interactions, items } = writeSmallMarket(join(root, 'files'))
  await succeed('import', '--name', 'd', '--interactions', interactions, '--items', items)
}, 60_000)
afterAll(() => rm(root, { recursive: true, force: true }))

describe.each(Object.entries(KINDS))('a run of match %s', (kind, { metric, qdrant, milvus, operator, family, set }) => {
  const at = (format: string, file: string): string => join(root, kind, format, file)
  const text = (format: string, file: string): string => readFileSync(at(format, file), 'utf8')

  beforeAll(async () => {
    const settings = ['training.epochs=2', 'training.batchSize=64', 'training.finalFit=false', 'training.embeddingSd=0.6', ...set]
    await succeed('train', '--dataset', 'd', '--recipe', 'two-tower', '--name', kind, ...settings.flatMap((each) => ['--set', each]))
    for (const format of ['vectors', 'jsonl', 'onnx', 'ann', 'pgvector', 'qdrant', 'milvus'])
      await succeed('export', '--run', kind, '--format', format, '--out', join(root, kind, format))
  }, 120_000)

  const ten = async (user: string): Promise<string[]> => {
    const { hits } = (await succeed('recommend', '--run', kind, '--user', user, '--include-seen')) as { hits: { item: string }[] }
    return hits.map(({ item }) => item)
  }
  const rows = (side: string): Row[] =>
    text('jsonl', `${side}s.jsonl`)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)

  test('says so in metric.json and README.md of every format', () => {
    for (const format of ['vectors', 'jsonl', 'onnx', 'ann', 'pgvector', 'qdrant', 'milvus']) {
      const standIn = kind === 'expression' ? { kind, recallAt10: expect.closeTo(1, 2) as number } : null
      expect(JSON.parse(text(format, 'metric.json')), format).toEqual({ metric, standIn })
      expect(text(format, 'README.md'), format).toMatch(
        { cosine: /the cosine of/, dot: /is the dot product of/, euclidean: /minus the squared Euclidean/ }[metric],
      )
      if (kind === 'expression') expect(text(format, 'README.md')).toMatch(/a function of its own.*euclidean stands in.*% are among/)
    }
    expect(text('vectors', 'README.md')).not.toContain('{scores}')
    expect(JSON.parse(text('qdrant', 'collection.json'))).toMatchObject({ vectors: { distance: qdrant } })
    expect(text('milvus', 'schema.json')).toContain(`"metricType": "${milvus}"`)
    expect(text('pgvector', 'items.sql')).toContain(`hnsw (embedding ${family})`)
    expect(text('pgvector', 'items.sql')).toContain(`ORDER BY embedding ${operator} `)
  })

  test('verify finds it whole; one of before, which did not say its stand-in, is warned of; a changed byte is named', async () => {
    expect(await succeed('verify', at('jsonl', ''))).toMatchObject({ kind: 'export', format: 'jsonl', warnings: [] })
    const old = join(root, kind, 'old')
    await cp(join(root, kind, 'jsonl'), old, { recursive: true })
    await writeFile(join(old, 'metric.json'), '{"metric":"dot"}')
    const sums = (await readFile(join(old, 'SHA256SUMS'), 'utf8')).split('\n').filter((line) => !line.endsWith('  metric.json'))
    await writeFile(join(old, 'SHA256SUMS'), sums.join('\n'))
    const { warnings } = (await succeed('verify', old)) as { warnings: string[] }
    expect(warnings).toEqual([expect.stringMatching(/made before Pylon said in metric.json .* Export the run again\./)])
    await writeFile(join(old, 'items.jsonl'), `${await readFile(join(old, 'items.jsonl'), 'utf8')} `)
    const { code, stderr } = await pylon(['verify', old], { home })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/items\.jsonl: The file is not the one that was written/)])
  })

  test('the stated rule gives the same ten', async () => {
    const items = rows('item')
    for (const user of USERS) {
      const { vector: u } = rows('user').find(({ id }) => id === user)!
      const scored = items.map(({ id, vector: v }, k) => ({ id, k, score: SCORES[metric](u, v) }))
      const best = scored.sort((a, b) => b.score - a.score || a.k - b.k).slice(0, 10)
      expect(best.map(({ id }) => id)).toEqual(await ten(user))
    }
  })

  test('PostgreSQL with pgvector gives the same ten by the query of the file', async () => {
    const sql = text('pgvector', 'items.sql')
    const database = await PGlite.create({ extensions: { vector } })
    const lines = sql.split('\n').filter((line) => !/^(\\|--)/.test(line))
    await database.exec(withNames(lines.join('\n')))
    const query = /SELECT id FROM items ORDER BY embedding .*$/m.exec(sql)![0].replace(`'[…]'`, '$1')
    for (const user of USERS) {
      const { vector: u } = rows('user').find(({ id }) => id === user)!
      const found = await database.query<{ id: string }>(query, [JSON.stringify(u)])
      expect(found.rows.map(({ id }) => id)).toEqual(await ten(user))
    }
    await database.close()
  })
})
