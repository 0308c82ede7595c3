/**
 * Skew that was put into requests is found by name and size, with what it costs; requests that are the held-out queries themselves show none,
 * and a server answers them as Pylon does. The sample market, by the real command line.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SkewResult, SkewRow } from '../../main/contract/verbs/skew.ts'
import { InteractionSelection } from '../../main/engine/dataset/interactions.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { RUN_FILES } from '../../main/engine/model/run-files.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import type { Dataset } from '../../main/engine/dataset/dataset.ts'
import { servingCommand } from '../helpers/served.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

type Row = Record<string, unknown>
interface Request {
  readonly user?: string
  readonly features?: Row
  readonly history?: readonly string[]
}

let root = ''
let home = ''
let run = ''
let dataset: Dataset
/** the held-out queries as somebody new would ask them: what is known of each user, and their history */
let queries: { readonly features: Row; readonly history: readonly string[] }[] = []
let recall = 0

const must = (...args: string[]) => answerOf(args, { home })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-skew-'))
  home = join(root, 'home')
  await must('import', '--name', 'market', '--sample', '--sample-users', '1500')
  const trained = await must(
    'train',
    '--dataset',
    'market',
    '--recipe',
    'two-tower',
    '--name',
    'first',
    '--set',
    'training.epochs=3',
    '--set',
    'training.finalFit=false',
  )
  run = trained['run'] as string
  dataset = await openDataset(join(home, 'datasets', 'market'), null)
  const [users, items] = [await dataset.ids('user'), await dataset.ids('item')]
  const before = new InteractionSelection(dataset.interactions, ['train'])
  const columns = ['gender', 'age', 'home_city', 'joined']
  queries = (await dataset.rows('user', [...users.keys()])).map((row, user) => ({
    features: Object.fromEntries(columns.map((name) => [name, row[name] ?? null])),
    history: Array.from(before.itemsOf(user), (item) => items[item]!),
  }))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function logOf(name: string, requests: readonly Request[], times = (n: number): number => 1_764_000_000 + n): Promise<string> {
  const path = join(root, `${name}.jsonl`)
  const line = (asked: Request, n: number): object => ({
    kind: 'request',
    time: new Date(1000 * times(n)).toISOString(),
    route: '/recommend',
    version: `${run}@2026-01-01T00:00:00.000Z`,
    status: 200,
    asked,
  })
  const lines = [{ kind: 'requests', format: 1 }, ...requests.map(line)]
  await writeFile(path, lines.map((each) => `${JSON.stringify(each)}\n`).join(''))
  return path
}

const skewOf = async (name: string, requests: readonly Request[], ...args: string[]): Promise<SkewResult> =>
  (await must('skew', await logOf(name, requests), '--users', '1500', ...args)) as unknown as SkewResult
const found = ({ rows }: SkewResult): SkewRow[] => rows.filter(({ skew }) => skew !== 'none')
const withFeature = (name: string, change: (value: unknown, n: number) => unknown): Request[] =>
  queries.map(({ features, history }, n) => ({ history, features: { ...features, [name]: change(features[name], n) } }))

/**
 * Recall@20 of the held-out items by the vectors that learned from train alone, with all items, and without the newest ones that make the share of what is to
 * be found.
 */
async function recallsWithout(newest: readonly string[], share: number): Promise<[number, number]> {
  const vectors = async (name: string): Promise<Float32Array> => (await readNpy(join(home, 'runs', run, name))).data as Float32Array
  const [users, items] = [await vectors(RUN_FILES.trainUserVectors), await vectors(RUN_FILES.trainItemVectors)]
  const ids = await dataset.ids('item')
  const dim = items.length / ids.length
  const [seen, held] = [
    new InteractionSelection(dataset.interactions, ['train']),
    new InteractionSelection(dataset.interactions, ['validation']),
  ]
  const wanted = Array.from({ length: dataset.manifest.users }, (_, user) => {
    const own = new Set(seen.itemsOf(user))
    return held.distinctItemsOf(user).filter((item) => !own.has(item))
  })
  const all = wanted.flat()
  const without = new Set<number>()
  for (const id of newest) {
    if (all.filter((item) => without.has(item)).length >= share * all.length - 1e-9) break
    without.add(ids.indexOf(id))
  }
  const recall = (masked: ReadonlySet<number>): number => {
    const values = wanted.flatMap((own, user) => {
      if (own.length === 0) return []
      const scores = Float64Array.from(ids, (_, item) => {
        let sum = 0
        for (let k = 0; k < dim; k++) sum += users[user * dim + k]! * items[item * dim + k]!
        return masked.has(item) ? -Infinity : sum
      })
      for (const item of seen.itemsOf(user)) scores[item] = -Infinity
      const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 20)
      return [own.filter((item) => best.includes(item) && !masked.has(item)).length / own.length]
    })
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return [recall(new Set()), recall(without)]
}

describe('a clean replay', () => {
  test('shows no skew; what is measured is what the run was', async () => {
    const result = await skewOf('clean', queries)
    expect(found(result)).toEqual([])
    expect(result.rows.map(({ side, name }) => `${side}.${name}`).sort()).toEqual(
      [
        'index.items',
        'user.age',
        'user.gender',
        'user.home_city',
        'user.joined',
        `user.${result.rows.find(({ name }) => /hist|view|book/.test(name))!.name}`,
      ].sort(),
    )
    for (const row of result.rows) {
      expect(row).toMatchObject({ p: 1, cost: null })
      expect(row.psi).toBeLessThan(0.01) // half a value in each bin of samples of two sizes
    }
    recall = result.value
    const { metrics } = (await must('evaluate', '--run', 'first', '--split', 'validation', '--k', '20')) as {
      metrics: Record<string, number>
    }
    expect(recall).toBeCloseTo(metrics['recall@20']!, 12)
  })

  test('answered by a server, has the very scores that Pylon gives', async () => {
    await must('export', '--run', 'first', '--format', 'bundle', '--out', join(root, 'bundle'))
    const log = join(root, 'served.jsonl')
    const server = await servingCommand(['--bundle', join(root, 'bundle'), '--home', join(root, 'other'), '--log-requests', log])
    onTestFinished(() => void server.process.kill('SIGTERM'))
    for (const query of queries.slice(0, 40)) {
      const asked = { ...query, k: 10, excludeSeen: false, exact: true }
      const headers = { authorization: `Bearer ${server.token}` }
      const response = await fetch(`${server.url}/v1/recommend`, { method: 'POST', headers, body: JSON.stringify(asked) })
      const { items } = (await response.json()) as { items: readonly { item: string; score: number }[] }
      if (query === queries[0]) {
        const features = JSON.stringify({ ...query.features, history: query.history })
        const told = await must('recommend', '--run', 'first', '--features', features, '--k', '10', '--include-seen')
        expect(items.map(({ item, score }) => ({ item, score }))).toEqual(
          (told['hits'] as { item: string; score: number }[]).map(({ item, score }) => ({ item, score })),
        )
      }
    }
    server.process.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect((await readFile(log, 'utf8')).split('\n')).toHaveLength(42)
    const result = (await must('skew', log, '--users', '1500')) as unknown as SkewResult // the run is named by the version
    expect(found(result)).toEqual([])
    expect(result).toMatchObject({ requests: 40, refused: 0, lost: 0, unread: 0, absentItems: [] })
  })
})

describe('what was put in is named, sized and has its cost', () => {
  const one = (result: SkewResult, name: string): SkewRow => {
    expect(found(result).map((row) => row.name)).toEqual([name])
    return found(result)[0]!
  }

  test('a numeric column times 100', async () => {
    const row = one(
      await skewOf(
        'scaled',
        withFeature('age', (age) => (age as number | null) && (age as number) * 100),
      ),
      'age',
    )
    expect(row).toMatchObject({ side: 'user', skew: 'scaled' })
    expect(row.size).toBeCloseTo(100, 6)
    expect(row.median!.now / row.median!.before).toBeCloseTo(100, 6)
    expect(row.psi).toBeGreaterThan(1)
    expect(row.cost).not.toBeNull()
  })

  test('dates a year late', async () => {
    const row = one(
      await skewOf(
        'shifted',
        withFeature('joined', (at) => (at as number | null) && (at as number) + 365 * 86_400),
      ),
      'joined',
    )
    expect(row).toMatchObject({ side: 'user', skew: 'shifted' })
    expect(row.size).toBeCloseTo(365 * 86_400, -1)
  })

  test('a column that is null for six in ten', async () => {
    const row = one(
      await skewOf(
        'missing',
        withFeature('home_city', (city, n) => (n % 10 < 6 ? null : city)),
      ),
      'home_city',
    )
    expect(row).toMatchObject({ side: 'user', skew: 'missing' })
    expect(row.missing!.now - row.missing!.before).toBeCloseTo(0.6 * (1 - row.missing!.before), 1)
  })

  test('a category renamed', async () => {
    const row = one(
      await skewOf(
        'renamed',
        withFeature('home_city', (city) => (city === 'Porto' ? 'PRT-PORTO' : city)),
      ),
      'home_city',
    )
    const share = queries.filter(({ features }) => features['home_city'] === 'Porto').length / queries.length
    expect(row).toMatchObject({ skew: 'unknown', unknown: { before: 0 } })
    expect(row.size).toBeCloseTo(share, 1)
  })

  test('a category that became rarer among the same known values', async () => {
    const counts = new Map<unknown, number>()
    for (const { features } of queries) counts.set(features['home_city'], (counts.get(features['home_city']) ?? 0) + 1)
    const [most, next] = [...counts].filter(([city]) => city !== null).sort((a, b) => b[1] - a[1])
    // nine in ten of those of the most frequent city ask as of the next
    const requests = withFeature('home_city', (city, n) => (city === most![0] && n % 10 > 0 ? next![0] : city))
    const changed = requests.filter(({ features }, n) => features!['home_city'] !== queries[n]!.features['home_city']).length
    const result = await skewOf('mix', requests)
    const row = one(result, 'home_city')
    expect(row).toMatchObject({ side: 'user', skew: 'distribution', size: null, unknown: { before: 0, now: 0 } })
    // the index by hand, over cities that are named alone: no other changes its share
    const [a, b, moved] = [most![1], next![1], changed].map((count) => count / queries.length) as [number, number, number]
    const psi = -moved * Math.log((a - moved) / a) + moved * Math.log((b + moved) / b)
    expect(row.psi).toBeCloseTo(psi, 1)
    expect(row.cost).not.toBeNull()
  })

  test('ids of users renamed for a quarter: they find nothing', async () => {
    const users = await dataset.ids('user')
    const row = one(
      await skewOf(
        'users',
        users.map((user, n) => ({ user: n % 4 === 0 ? `new-${user}` : user })),
      ),
      'id',
    )
    expect(row).toMatchObject({ side: 'user', skew: 'unknown', unknown: { before: 0, now: 0.25 } })
    expect(row.cost!.drop).toBeCloseTo(recall / 4, 1)
    expect(row.cost!.low).toBeGreaterThan(0)
  })

  test('an index without the newest tenth of items, and histories that name them', async () => {
    const [items, first] = [await dataset.ids('item'), new Map<number, number>()]
    const { interactions } = dataset
    for (let p = 0; p < interactions.length; p++)
      first.set(interactions.item[p]!, Math.min(first.get(interactions.item[p]!) ?? Infinity, interactions.time![p]!))
    const newest = [...first]
      .sort((a, b) => b[1] - a[1])
      .slice(0, items.length / 10)
      .map(([item]) => items[item]!)
    // as if the index had been made before they came: their ids are none of its
    const hidden = new Map(newest.map((id) => [id, `after-${id}`]))
    const result = await skewOf(
      'stale',
      queries.map(({ features, history }) => ({ features, history: history.map((id) => hidden.get(id) ?? id) })),
    )
    const all = queries.flatMap(({ history }) => history)
    const share = all.filter((id) => hidden.has(id)).length / all.length
    const index = result.rows.find(({ side }) => side === 'index')!
    expect(index.unknown!.now).toBeCloseTo(share, 12)
    expect(result.absentItems[0]!.item).toMatch(/^after-/)
    expect(index).toMatchObject({ name: 'items', skew: 'stale' })
    // the lists without them, by plain loops over the vectors
    const [was, now] = await recallsWithout(newest, share)
    expect(result.value).toBeCloseTo(was, 3)
    expect(index.cost!.drop).toBeCloseTo(was - now, 3)
    expect(index.cost!.low).toBeLessThanOrEqual(index.cost!.drop)
    expect(index.cost!.high).toBeGreaterThanOrEqual(index.cost!.drop)
    expect(result.ageDays).toBeGreaterThan(0)
  })
})

test('a file that is no log, and a run without features, are told', async () => {
  const path = join(root, 'other.txt')
  await writeFile(path, 'hello\n')
  expect((await pylon(['skew', path, '--run', 'first'], { home })).stderr).toContain('It is no log of requests')
  expect((await pylon(['skew', join(root, 'nowhere')], { home })).stderr).toContain('no such file')
})
