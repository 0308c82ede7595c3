/**
 * Every export read by the library it is made for, on one run of the sample market: a number counts here only when the other system's own
 * code gave it. Needs the environment of `npm run setup:python`.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXPORT_FORMATS } from '../../main/contract/shapes/export.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { servingCommand } from '../helpers/served.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

const python = findPython()
const USERS = ['U00042', 'U01000', 'U04999']

let root = ''
let exports_ = ''
let home = ''

/** Runs a script; what it told in its last line. */
async function check(script: string, ...args: string[]): Promise<Record<string, unknown>> {
  return told(join(import.meta.dirname, script), [exports_, ...args])
}
async function told(script: string, args: readonly string[], cwd?: string): Promise<Record<string, unknown>> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', TF_CPP_MIN_LOG_LEVEL: '3' }
  const { stdout } = await promisify(execFile)(python!, [script, ...args], { cwd, env, maxBuffer: 64 << 20 })
  const last = stdout.trimEnd().split('\n').at(-1)!
  console.log(`${script.split('/').at(-1)!}: ${last.slice(0, 300)}`)
  return JSON.parse(last) as Record<string, unknown>
}

needing('python').describe('exports and their readers', () => {
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'pylon-interop-'))
    home = join(root, 'home')
    exports_ = join(root, 'exports')
    const run = (...args: string[]): Promise<void> => succeed(home, ...args)
    await run('import', '--name', 'market', '--sample')
    await run('train', '--dataset', 'market', '--recipe', 'two-tower', '--name', 'first', '--set', 'training.epochs=2')
    for (const format of Object.keys(EXPORT_FORMATS))
      if (format !== 'ann-table')
        await run('export', '--run', 'first', '--format', format, '--out', join(exports_, format), ...(format === 'onnx' ? ['--int8'] : []))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test('ONNX towers: the checker, and onnxruntime gives the same vectors', async () => {
    await check('onnx_towers.py')
  })

  test('ONNX towers with int8 weights cost what the export says', async () => {
    await check('onnx_int8.py')
  })

  test('ONNX end to end: raw columns in, the same vectors out; texts alone stay encoded', async () => {
    const { encoded } = await check('onnx_raw.py', join(home, 'datasets', 'market'))
    expect(encoded).toEqual({
      user: [],
      item: ['description', 'title'].flatMap((name) => [`item.bag.${name}.rows`, `item.bag.${name}.weights`]),
    })
  })

  test('READMEs of models are model cards of the Hugging Face Hub, with every metric', async () => {
    await check('hub_card.py', 'pytorch=pytorch', 'keras=keras', 'onnx=onnx', 'onnx-raw=onnx')
  })

  test('the notebook shows what it computes', async () => {
    expect(await told(join(import.meta.dirname, 'notebook.py'), [join(exports_, 'notebook')])).toMatchObject({ picture: 3, apart: [] })
  })

  test('vectors: npy, Parquet by DuckDB, JSON Lines, fvecs', async () => {
    await check('vectors.py')
  })

  needing('built-libraries').test('Faiss, Annoy and hnswlib build, load and find', async () => {
    await check('ann.py')
    const { annTable } = (await pylon(['export', '--run', 'first', '--format', 'ann-table', '--json'], { home })).json as {
      annTable: { name: string; recall: number }[]
    }
    const libraries = ['Faiss flat', 'Faiss HNSW', 'Faiss IVF', 'Faiss IVF-PQ', 'Annoy', 'hnswlib']
    expect(annTable.map(({ name }) => name)).toEqual(['USearch (Pylon)', ...libraries])
    for (const { name, recall } of annTable) expect(recall, name).toBeGreaterThan(0.85)
  })

  needing('built-libraries').test('by the distance or the dot product where the run matches so', async () => {
    for (const kind of ['euclidean', 'dot']) {
      const settings = ['training.epochs=1', 'training.finalFit=false', 'training.init.kind=random', `match.kind=${kind}`].flatMap(
        (each) => ['--set', each],
      )
      await succeed(home, 'train', '--dataset', 'market', '--recipe', 'mf-softmax', '--name', kind, ...settings)
      await succeed(home, 'export', '--run', kind, '--format', 'ann', '--out', join(exports_, `ann-${kind}`))
      await check('ann.py', `ann-${kind}`)
    }
  })

  test('MLflow is told the run once by its client, and its model recommends what Pylon does; CSV and JSON hold the same', async () => {
    const ten: Record<string, string[]> = {}
    for (const user of USERS) {
      const { hits } = (await pylon(['recommend', '--run', 'first', '--user', user, '--json'], { home })).json as {
        hits: { item: string }[]
      }
      ten[user] = hits.map(({ item }) => item)
    }
    await check('tracking.py', JSON.stringify(ten))
  })

  describe.each(['pytorch', 'keras'] as const)('%s project', (framework) => {
    const { test } = needing(framework)
    test('embeds the same vectors, measures the same recall', async () => {
      const project = join(exports_, framework)
      execFileSync(python!, ['embed.py'], {
        cwd: project,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      })
      await check('embedded.py', framework)
      const measured = await told('evaluate.py', [], project)
      const metrics = JSON.parse(readFileSync(join(project, 'metrics.json'), 'utf8')) as Record<string, number>
      for (const name of ['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20']) expect(measured[name]).toBeCloseTo(metrics[name]!, 3)
    })

    test('an epoch of continued training lowers the loss', async () => {
      const small = join(root, `small-${framework}`)
      const project = join(small, 'project')
      const { interactions } = writeSmallMarket(small)
      const run = (...args: string[]): Promise<void> => succeed(join(small, 'home'), ...args)
      await run('import', '--name', 'd', '--interactions', interactions)
      await run(
        'train',
        '--dataset',
        'd',
        ...['--recipe', framework === 'pytorch' ? 'two-tower' : 'mf-softmax'],
        '--name',
        's',
        '--set',
        'training.epochs=1',
        '--set',
        'training.batchSize=64',
        '--set',
        'training.finalFit=false',
        // a start in closed form may be better than what an epoch makes of it, and then train.py keeps it
        '--set',
        'training.init.kind=random',
      )
      await run('export', '--run', 's', '--format', framework, '--out', project)
      const { before, after } = (await told('train.py', ['--epochs', '1'], project)) as { before: number; after: number }
      expect(after).toBeLessThan(before)
    })

    test('recommends the ten candidates of onnxruntime with Faiss', async () => {
      const { ten } = (await check('same_ten.py', USERS.join(','))) as { ten: Record<string, string[]> }
      for (const user of USERS) {
        const items = (await told('recommend.py', [user], join(exports_, framework))) as unknown as { item: string }[]
        expect(items.map(({ item }) => item)).toEqual(ten[user])
      }
    })
  })

  test('the same ten candidates from Pylon, the bundle elsewhere, the served endpoint, and onnxruntime with Faiss', async () => {
    const elsewhere = join(root, 'elsewhere')
    expect((await pylon(['import-run', join(exports_, 'bundle'), '--json'], { home: elsewhere })).code).toBe(0)
    const { ten } = (await check('same_ten.py', USERS.join(','))) as { ten: Record<string, string[]> }
    expect(await servedTen(join(exports_, 'bundle'), join(root, 'serving'))).toEqual(ten)
    for (const user of USERS) {
      for (const place of [home, elsewhere]) {
        const { hits } = (await pylon(['recommend', '--run', 'first', '--user', user, '--json'], { home: place })).json as {
          hits: { item: string }[]
        }
        expect(
          hits.map(({ item }) => item),
          place,
        ).toEqual(ten[user])
      }
    }
  })
})

/** What a real `pylon serve` answers for each user over HTTP. */
async function servedTen(bundle: string, home: string): Promise<Record<string, string[]>> {
  const server = await servingCommand(['--bundle', bundle, '--home', home])
  try {
    const headers = { authorization: `Bearer ${server.token}` }
    const ten: Record<string, string[]> = {}
    for (const user of USERS) {
      const response = await fetch(`${server.url}/recommend`, { method: 'POST', headers, body: JSON.stringify({ user }) })
      const { items } = (await response.json()) as { items: { item: string }[] }
      ten[user] = items.map(({ item }) => item)
    }
    return ten
  } finally {
    server.process.kill('SIGINT')
    await server.ended
  }
}

const succeed = (home: string, ...args: string[]): Promise<void> => answerOf(args, { home }).then(() => undefined)
