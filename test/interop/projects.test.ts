/**
 * The generated PyTorch and Keras code over losses, samplers, history encoders, matches and optimizers: each is a short run here, its
 * vectors come back from the project, its loss on one batch is asked of Pylon's own losses, and an epoch more lowers it.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { copyFile, cp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importInput } from '../../main/contract/verbs/datasets.ts'
import type { Artefact } from '../../main/contract/shapes/artefact.ts'
import { twoTowerSchema, type TwoTowerSpec } from '../../main/contract/shapes/spec.ts'
import { type Rank, tf, type Tensor2D } from '../../main/engine/compute/tf.ts'
import { writeProject } from '../../main/engine/export/code.ts'
import { writeRawOnnx } from '../../main/engine/export/onnx-raw/write-onnx.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { importJob } from '../../main/engine/jobs/import.ts'
import { train } from '../../main/engine/jobs/train.ts'
import { RUN_FILES } from '../../main/engine/model/run-files.ts'
import { lossOf } from '../../main/engine/towers/candidates.ts'
import { matchOf } from '../../main/engine/towers/match.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { needing } from '../helpers/needs.ts'
import { freePort, lastLine, runPython } from '../helpers/python.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

const ids = { features: [{ kind: 'id', dim: 8 }], output: null }
const tower = { hidden: [16], layerNorm: true, activation: 'gelu', output: 8 }
const item = {
  ...tower,
  features: [
    { kind: 'id', dim: 8 },
    { kind: 'category', name: 'genre', column: 'genre', dim: 4 },
  ],
}
const reader = (encoder: object, inputs: readonly string[] = []): object => ({
  ...tower,
  features: [
    { kind: 'id', dim: 8 },
    { kind: 'history', dim: 8, maxLength: 12, share: true, encoder, inputs },
    { kind: 'time', name: 'when', parts: ['hour', 'period', 'age'], periods: 4, dim: 2 },
  ],
})
const adam = { kind: 'adam', learningRate: 0.01 }

/** What a run of each is; together they name every loss, encoder, match and option that the code covers. */
const CASES: Readonly<Record<string, object>> = {
  'mixed-softmax': { user: ids, item: ids, loss: { kind: 'mixed-softmax', negatives: 40 } },
  'in-batch-gru': {
    user: reader({ kind: 'gru', hidden: 6 }, ['position', 'age']),
    item,
    loss: { kind: 'in-batch-softmax' },
    training: { gradientCache: 16, dense: { ...adam, weightDecay: 0.01 } },
  },
  'refined-mixed': {
    user: ids,
    item: ids,
    loss: { kind: 'mixed-softmax', negatives: 40, form: 'refined', sampler: { kind: 'popularity', alpha: 0.5 } },
    training: { perUserCap: 10 },
  },
  'sampled-attention': {
    user: reader({ kind: 'attention', hidden: 5 }, ['event', 'age']),
    item,
    loss: { kind: 'sampled-softmax', negatives: 6, shared: false, logQ: 0.5 },
  },
  'full-euclidean': {
    user: ids,
    item: ids,
    match: { kind: 'euclidean', temperature: { kind: 'fixed', value: 1 } },
    loss: { kind: 'full-softmax' },
    training: { order: 'time' },
  },
  'nce-recency': {
    user: reader({ kind: 'recency', halfLife: 3 }),
    item,
    match: { temperature: { kind: 'learned', initial: 0.2 } },
    loss: { kind: 'nce', negatives: 40 },
  },
  'bce-adagrad': {
    user: ids,
    item: ids,
    match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
    loss: { kind: 'bce', negatives: 40, positivePower: 0.4 },
    training: { tables: { kind: 'adagrad', learningRate: 0.1, weightDecay: 0.001 }, weights: { users: 'equal' } },
  },
  'bpr-l2': {
    user: ids,
    item: ids,
    match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
    loss: { kind: 'bpr', negatives: 5, shared: false },
    training: { l2: 1e-4, weights: { events: { buy: 3 }, eventMean: true, users: 'equal' }, perUserCap: 9 },
  },
  'hinge-transformer': {
    user: reader({ kind: 'self-attention', layers: 1, heads: 2 }, ['position']),
    item,
    loss: { kind: 'hinge', negatives: 40 },
    training: { clipNorm: 0.5 },
  },
  'in-batch-contents': {
    user: {
      ...tower,
      features: [
        { kind: 'id', dim: 8 },
        { kind: 'history', dim: 12, maxLength: 12, content: true },
        { kind: 'history', name: 'lately', dim: 6, maxLength: 9, days: 3, content: true, encoder: { kind: 'attention', hidden: 5 } },
      ],
    },
    item,
    match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.2 } },
    loss: { kind: 'in-batch-softmax' },
    training: { matryoshka: [2, 4] },
  },
  psl: {
    user: ids,
    item: ids,
    match: { kind: 'cosine' },
    loss: { kind: 'psl', negatives: 40, activation: 'atan', temperature: 0.1 },
  },
  'sl-at-k': { user: ids, item: ids, loss: { kind: 'sl-at-k', negatives: 40, k: 3, sharpness: 0.5 } },
  'ccl-short-long': {
    user: reader({ kind: 'short-long', short: 3, hidden: 5 }),
    item,
    loss: { kind: 'ccl', negatives: 40, margin: 0.2, weight: 5 },
  },
  bsl: { user: ids, item: ids, loss: { kind: 'bsl', negatives: 40, positiveTemperature: 0.15 }, training: { embeddingDropout: 0.1 } },
  'directau-mean': { user: reader({ kind: 'mean' }), item, loss: { kind: 'directau' } },
}

const specOf = (name: string): TwoTowerSpec => {
  const { training = {}, ...rest } = CASES[name]! as { training?: object }
  const common = { batchSize: 64, epochs: 1, earlyStopping: null, tables: adam, dense: adam }
  return twoTowerSchema.parse({ ...rest, training: { ...common, ...training } })
}

const python = findPython()
const QUIET = { TF_CPP_MIN_LOG_LEVEL: '3' }
let root = ''
let files = { interactions: '', items: '' }
const context = {
  threads: 1,
  signal: new AbortController().signal,
  guard: ANY_PATH,
  get temp() {
    return join(root, 'temp')
  },
}

interface Told {
  readonly users: number[][]
  readonly items: number[][]
  readonly itemRows: number[]
  readonly userRows: number[]
  readonly temperature: number
  readonly from: number
  readonly own: number
  readonly sharedBias: number[]
  readonly sharedMet: number[][]
  readonly ownBias: number[][]
  readonly ownMet: number[][]
  readonly positiveBias: number[]
  readonly weight: number[]
  readonly inverseCount: number[]
  readonly group: number[]
  readonly loss: number
}

/** The loss that Pylon makes of a project's batch: of its vectors, and of the first numbers of each for which the run was trained. */
async function pylonsLoss(spec: TwoTowerSpec, told: Told): Promise<number> {
  await tf.setBackend('cpu')
  const first = (width: number) => (vector: number[]) => {
    const begin = vector.slice(0, width)
    const length = spec.match.kind === 'cosine' ? Math.hypot(...begin) : 1
    return begin.map((x) => x / length)
  }
  const short = spec.training.matryoshka.map((width) => ({
    ...told,
    users: told.users.map(first(width)),
    items: told.items.map(first(width)),
  }))
  return [told, ...short].reduce((sum, each) => sum + lossAtWidth(spec, each), 0)
}

function lossAtWidth(spec: TwoTowerSpec, told: Told): number {
  return tf.tidy(() => {
    const rows = told.users.length
    const items = tf.tensor2d(told.items)
    const block = (kind: 'shared' | 'rows', from: number, bias: number[] | number[][], met: number[][]) => ({
      kind,
      vectors: tf.slice2d(items, [from, 0], [kind === 'shared' ? bias.length : rows * told.own, -1]),
      bias: tf.tensor(bias),
      masked: tf.tensor2d(met.flat(), [met.length, 2], 'int32'),
      maskValue: tf.fill<Rank.R1>([met.length], -1e30),
      hardest: null,
    })
    const shared =
      told.sharedBias.length > 0 && spec.loss.kind !== 'directau' ? [block('shared', told.from, told.sharedBias, told.sharedMet)] : []
    const own = told.own > 0 ? [block('rows', told.items.length - rows * told.own, told.ownBias, told.ownMet)] : []
    const users: Tensor2D = tf.tensor2d(told.users)
    return lossOf(spec.loss, matchOf(spec.match), {
      users,
      positives: tf.slice2d(items, [0, 0], [rows, -1]),
      temperature: told.temperature,
      positiveBias: tf.tensor1d(told.positiveBias),
      candidates: [...shared, ...own],
      weight: tf.tensor1d(told.weight.map((w) => w / rows)),
      inverseCount: tf.tensor1d(told.inverseCount),
      mates: spec.loss.kind === 'bsl' && spec.loss.pooled ? matesOf(told.group) : null,
    }).dataSync()[0]!
  })
}

/** The rows of each row's group among all places, the number of rows elsewhere. */
const matesOf = (group: number[]): Tensor2D =>
  tf.tensor2d(
    group.map((own) => group.map((other, row) => (other === own ? row : group.length))),
    [group.length, group.length],
    'int32',
  )

needing('python').describe('generated projects', () => {
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'pylon-projects-'))
    await mkdir(context.temp)
    files = writeSmallMarket(root, { events: ['view', 'buy'] })
    const dataset = join(root, 'dataset')
    await drain(
      importJob(
        { input: importInput.parse({ name: 'd', interactions: files.interactions, items: files.items }), folder: dataset },
        context,
      ),
    )
    for (const name of Object.keys(CASES)) {
      const records = { fileRecords: [], datasetRecord: null, warmStart: null, members: [] }
      const place = { run: name, runFolder: join(root, 'runs', name), datasetFolder: dataset, ...records, spec: specOf(name) }
      const artefacts: Artefact[] = []
      for await (const fact of train({ ...place, resume: false, threads: 1 }, context))
        if (fact.kind === 'artefact') artefacts.push(fact.artefact)
      for (const framework of ['pytorch', 'keras'] as const) {
        const folder = join(root, framework, name)
        await mkdir(folder, { recursive: true })
        const run = { spec: place.spec, artefacts }
        const source = { ...place, ...context, folder, run, pylon: '0' }
        await drain(writeProject(source as never, framework))
        if (framework === 'pytorch' && /gru|attention|transformer|short/.test(name)) await writeTowers(source, place.runFolder)
      }
    }
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test('histories that are encoded in their tower, as ONNX and with the other encoders inside', async () => {
    const script = join(import.meta.dirname, 'onnx_sequences.py')
    const { stdout } = await promisify(execFile)(python!, [script, join(root, 'pytorch')], { maxBuffer: 64 << 20 })
    const { worst } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { worst: Record<string, number> }
    expect(Object.keys(worst)).toHaveLength(8)
  })

  needing('pytorch').test('PyTorch', () => prove('pytorch'))
  for (const framework of ['pytorch', 'keras'] as const) {
    const { test } = needing(framework)
    test(`${framework} code is clean to ruff and mypy --strict`, async () => {
      const project = join(root, framework, 'in-batch-gru')
      for (const tool of [
        ['ruff', 'check'],
        ['ruff', 'format', '--check'],
        ['mypy', '--strict', '--cache-dir', context.temp],
      ])
        await runPython(python!, project, ['-m', ...tool, '.'])
    })

    test(`${framework}: raw rows are measured as Pylon measures the same rows of its test part`, async () => {
      for (const name of ['in-batch-gru', 'in-batch-contents', 'bpr-l2']) {
        const project = join(root, 'raw', framework, name)
        await cp(join(root, framework, name), project, { recursive: true })
        const metrics = JSON.parse(readFileSync(join(project, 'metrics.json'), 'utf8')) as Record<string, number>
        await runPython(python!, project, [join(import.meta.dirname, 'projects_raw.py'), files.interactions])
        const rows = ['--data', 'later.csv', '--items', files.items, '--device', 'cpu']
        const found = lastLine(await runPython(python!, project, ['evaluate.py', ...rows], QUIET))
        const widths = specOf(name).training.matryoshka.map((width) => `dim${width}.`)
        expect(Object.keys(found)).toEqual(
          ['', ...widths].flatMap((of) => ['recall@10', 'ndcg@10', 'recall@20', 'ndcg@20'].map((metric) => of + metric)),
        )
        for (const [metric, value] of Object.entries(found)) expect(value, `${name}: ${metric}`).toBeCloseTo(metrics[metric]!, 6)
      }
    })
  }

  needing('pytorch').test('PyTorch towers as TorchScript, equal to the model', async () => {
    for (const name of ['in-batch-gru', 'hinge-transformer', 'ccl-short-long', 'in-batch-contents']) {
      const told = await runPython(python!, join(root, 'pytorch', name), ['export.py'])
      for (const side of ['user', 'item']) expect(told, name).toMatch(`exported/${side}_tower.pt: equal to`)
    }
  })

  needing('pytorch').test(
    'PyTorch training on two processes lowers the loss, and what is asked then is the model that was kept',
    async () => {
      const project = join(root, 'pytorch', 'bce-adagrad')
      const port = String(await freePort())
      const start = (rank: string): Promise<string> =>
        runPython(python!, project, ['train.py', '--device', 'cpu'], {
          ...{ RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: port },
        })
      const [told] = await Promise.all(['0', '1'].map(start))
      const { before, after, validation: _, ...metrics } = lastLine(told!)
      expect(after).toBeLessThan(before!)
      const asked = lastLine(await runPython(python!, project, ['evaluate.py', '--device', 'cpu']))
      expect(asked).toEqual(metrics)
    },
  )

  needing('pytorch').test('PyTorch with towers in bfloat16 on a CPU lowers the loss by as much, with weights in float32', async () => {
    for (const name of ['in-batch-gru', 'hinge-transformer', 'in-batch-contents']) {
      const lowered = async (...more: string[]): Promise<number> => {
        const project = join(root, 'amp', [name, ...more].join(''))
        await cp(join(root, 'pytorch', name), project, { recursive: true })
        await rm(join(project, 'trained.safetensors'), { force: true })
        const { before, after } = lastLine(await runPython(python!, project, ['train.py', '--device', 'cpu', ...more]))
        const kept = readFileSync(join(project, 'trained.safetensors'))
        const { __metadata__: _, ...tensors } = JSON.parse(kept.subarray(8, 8 + Number(kept.readBigUInt64LE())).toString('utf8')) as Record<
          string,
          { readonly dtype: string }
        >
        expect(new Set(Object.values(tensors).map(({ dtype }) => dtype)), name).toEqual(new Set(['F32']))
        return before! - after!
      }
      const [plain, half] = [await lowered(), await lowered('--amp')]
      expect(plain, name).toBeGreaterThan(0)
      expect(half, name).not.toBe(plain)
      expect(Math.abs(half - plain), name).toBeLessThan(0.2 * plain)
    }
  })

  needing('keras').test('Keras', () => prove('keras'), 900_000)

  needing('keras').test('Keras models saved, and SavedModels with a signature, read again and equal to the model', async () => {
    for (const name of ['in-batch-gru', 'hinge-transformer', 'ccl-short-long', 'in-batch-contents']) {
      const told = await runPython(python!, join(root, 'keras', name), ['export.py'], QUIET)
      for (const side of ['user', 'item']) {
        expect(told, name).toMatch(`exported/${side}_tower/1: equal to`)
        expect(told, name).toMatch(`exported/two_tower.keras, ${side}s: equal to`)
      }
    }
  })

  needing('keras', 'torch:2.4').test(
    'Keras on torch: the same vectors, losses and lessons',
    () => prove('keras', { KERAS_BACKEND: 'torch' }),
    900_000,
  )
})

/** The towers as they are, and with their encoders inside. */
async function writeTowers(source: { folder: string }, runFolder: string): Promise<void> {
  const [encoded, raw] = [join(source.folder, 'onnx'), join(source.folder, 'onnx-raw')]
  await mkdir(encoded)
  await mkdir(raw)
  await copyFile(join(runFolder, RUN_FILES.userTower), join(encoded, RUN_FILES.userTower))
  await drain(writeRawOnnx({ ...source, folder: raw } as never))
}

async function prove(framework: 'pytorch' | 'keras', more: NodeJS.ProcessEnv = {}): Promise<void> {
  const script = join(import.meta.dirname, 'projects.py')
  const stdout = await runPython(python!, root, [script, join(root, framework), framework], { ...QUIET, ...more })
  const found = lastLine(stdout) as unknown as Record<string, { worst: number; before: number; after: number }>
  expect(Object.keys(found).sort()).toEqual(Object.keys(CASES).sort())
  for (const [name, { worst, before, after }] of Object.entries(found)) {
    expect(worst, `${name}: vectors`).toBeLessThan(1e-5)
    expect(after, `${name}: loss after an epoch, ${before} before`).toBeLessThan(before)
    const told = JSON.parse(readFileSync(join(root, framework, name, 'batch.json'), 'utf8')) as Told
    const expected = await pylonsLoss(specOf(name), told)
    expect(Math.abs(told.loss - expected) / Math.abs(expected), `${name}: loss of a batch, ${told.loss} and ${expected}`).toBeLessThan(1e-4)
  }
}
