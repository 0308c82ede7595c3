/**
 * A training written as a job for a cluster, run by the job's own program over processes of this machine: the same shards, workers and
 * checkpoints that Ray runs (npm run prove:ray). Its losses are held against Pylon's own steps, and what comes of it is taken in as a run.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { epochsOf, killing, stopped, toldBy } from '../helpers/cluster-job.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { smallJobs } from '../helpers/small-jobs.ts'
import { pylon } from '../helpers/workspace.ts'

const SPEC = {
  user: {
    features: [
      { kind: 'id', dim: 8, unknownRate: 0 },
      { kind: 'history', dim: 8, maxLength: 12, share: true, encoder: { kind: 'gru', hidden: 6 }, inputs: ['position', 'age'] },
    ],
    hidden: [16],
    layerNorm: true,
    output: 8,
  },
  item: {
    features: [
      { kind: 'id', dim: 8, unknownRate: 0 },
      { kind: 'category', name: 'genre', column: 'genre', dim: 4 },
    ],
    hidden: [16],
    output: 8,
  },
  loss: { kind: 'mixed-softmax', negatives: 40 },
  training: { batchSize: 64, epochs: 5, clipNorm: 0.5, l2: 1e-4, schedule: { kind: 'cosine', warmupSteps: 3 } },
}
const OTHERS = {
  'adagrad, own negatives, two weights': {
    loss: { kind: 'bpr', negatives: 5, shared: false },
    match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } },
    training: {
      ...SPEC.training,
      clipNorm: null,
      l2: 0,
      tables: { kind: 'adagrad', learningRate: 0.1, weightDecay: 0.001 },
      weights: { users: 'equal' },
      perUserCap: 9,
    },
  },
  'full softmax, what items contain': {
    user: {
      ...SPEC.user,
      features: [
        { kind: 'id', dim: 8, unknownRate: 0 },
        { kind: 'history', dim: 12, maxLength: 12, content: true },
      ],
    },
    loss: { kind: 'full-softmax' },
  },
}

interface Measured {
  readonly test: { readonly users: number; readonly metrics: Record<string, number> }
  readonly index?: { readonly found: number; readonly metrics: Record<string, number> }
}

const python = findPython()
const { describe } = needing('pytorch')

describe('a job for a cluster', () => {
  const { at, ask, run, begin, end, exported: exportedJob } = smallJobs(python)
  const exported = (name: string, spec: object): Promise<string> => exportedJob(name, spec, '--record', '20', '--name', name)

  beforeAll(async () => {
    await begin()
    await exported('whole', SPEC)
  })
  afterAll(end)

  test("the recorded steps have Pylon's losses, whoever takes them", async () => {
    for (const [workers, shards] of [
      ['1', '1'],
      ['2', '1'],
      ['2', '3'],
    ] as const) {
      await run(at('whole'), '--replay', '--workers', workers, '--shards', shards)
      const { losses, worst } = JSON.parse(readFileSync(join(at('whole'), 'replay.json'), 'utf8')) as { losses: number[]; worst: number }
      expect(losses).toHaveLength(20)
      expect(losses.at(-1)! - losses[0]!, 'it learns').toBeLessThan(-0.05)
      expect(worst, `${workers} workers, ${shards} shards`).toBeLessThan(1e-4)
    }
  })

  for (const [name, change] of Object.entries(OTHERS))
    test(`and so have those of another spec: ${name}`, async () => {
      const folder = await exported(name, { ...SPEC, ...change })
      await run(folder, '--replay', '--workers', '2', '--shards', '2')
      const { worst } = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8')) as { worst: number }
      expect(worst).toBeLessThan(1e-4)
    })

  test('a worker and a shard that are killed cost steps, and change no number', async () => {
    const [calm, killed] = [at('calm'), at('killed')]
    for (const folder of [calm, killed]) await cp(at('whole'), folder, { recursive: true })
    const args = ['--workers', '2', '--shards', '2', '--checkpoint-steps', '4']
    await run(calm, ...args)
    const told = await killing(python!, killed, args, ['worker 1', 'shard 0'])
    expect(told).toMatch(/worker 1 was killed in attempt 1 of 3/)
    expect(told).toMatch(/shard 0 was killed in attempt 2 of 3/)
    expect(readFileSync(join(killed, 'metrics.jsonl'), 'utf8')).toMatch(/"resumed"/)
    expect(lossesOf(killed)).toEqual(lossesOf(calm))
    expect(readFileSync(join(killed, 'result/weights.safetensors')).equals(readFileSync(join(calm, 'result/weights.safetensors')))).toBe(
      true,
    )
  })

  test('torchrun begins it on one machine, to the same weights', async () => {
    await cp(at('whole'), at('begun'), { recursive: true })
    // PyTorch 1.13 on Python 3.11 does not know its own defaults of where output goes
    const launch = ['-m', 'torch.distributed.run', '--redirects', '1', '--tee', '2', '--log_dir', at('logs'), '--nproc_per_node', '2']
    await runPython(python!, at('begun'), [...launch, 'run_job.py', '--checkpoint-steps', '4'])
    const weights = (name: string): Buffer => readFileSync(join(at(name), 'result/weights.safetensors'))
    expect(weights('begun').equals(weights('calm'))).toBe(true)
  })

  test('it goes on with another number of shards', async () => {
    const folder = at('resharded')
    await cp(at('whole'), folder, { recursive: true })
    await stopped(python!, folder, ['--workers', '2', '--shards', '2', '--checkpoint-steps', '4'])
    await run(folder, '--workers', '2', '--shards', '3')
    expect(lossesOf(folder)).toEqual(lossesOf(at('calm')))
  })

  test('a shard that may not hold its tables says so before a step is taken', async () => {
    const ids = { ...SPEC.item, features: [{ kind: 'id', dim: 3900, unknownRate: 0 }] }
    const wide = await exported('wide', { ...SPEC, user: ids, item: ids, training: { ...SPEC.training, epochs: 1 } })
    await expect(run(wide, '--shards', '1', '--shard-megabytes', '6')).rejects.toThrow(/ask for more --shards/)
    await run(wide, '--shards', '2', '--shard-megabytes', '6')
    expect(existsSync(join(wide, 'result/result.json'))).toBe(true)
  })

  test('items in shards give the same best ones, and an index is measured beside them', async () => {
    const resultOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'result/result.json'), 'utf8')) as Measured
    const exact = resultOf(at('calm')).test
    expect(exact.users).toBeGreaterThan(20)
    // a finished job is measured again, by others; the best of all lists are those of exact search
    for (const [workers, index, nprobe] of [
      ['1', 'IVF2,Flat', '2'],
      ['3', 'IVF2,Flat', '2'],
      ['2', 'IVF3,PQ4x3', '1'],
    ] as const) {
      await run(at('calm'), '--workers', workers, '--index', index, '--nprobe', nprobe)
      const { test: again, index: told } = resultOf(at('calm'))
      expect(again.users).toBe(exact.users)
      for (const [name, value] of Object.entries(exact.metrics)) expect(again.metrics[name], name).toBeCloseTo(value, 9)
      expect(readdirSync(join(at('calm'), 'result/index'))).toContain(`shard-0-of-${workers}.faiss`)
      if (index.endsWith('Flat')) expect(told!.found, workers).toBe(1)
      else expect(told!.found).toBeLessThan(0.95)
      if (index.endsWith('Flat')) expect(told!.metrics['recall@20']).toBeCloseTo(exact.metrics['recall@20']!, 9)
    }
    await expect(run(at('calm'), '--index', 'IVF5000,PQ4')).rejects.toThrow(/builds no --index IVF5000,PQ4 of/)
  })

  test('a batch that the workers cannot share evenly is told', async () => {
    await cp(at('whole'), at('uneven'), { recursive: true })
    await run(at('uneven'), '--workers', '3', '--shards', '1')
    expect(toldBy(at('uneven'))).toContain('Batches of 63 examples, not 64')
  })

  test('it comes back as a run like any other, of the same protocol', async () => {
    const { run: here } = (await ask('train', '--dataset', 'd', '--config', at('whole.json'), '--name', 'here')) as { run: string }
    const { run: there } = (await ask('follow', at('calm'))) as { run: string }
    const { runs } = (await ask('runs')) as {
      runs: { run: string; protocol: string | null; state: string; metrics: Record<string, number> }[]
    }
    const [a, b] = [here, there].map((id) => runs.find(({ run: each }) => each === id)!)
    expect(b!.state).toBe('finished')
    expect(b!.protocol).toBe(a!.protocol)
    // the job measured itself on all users, as Pylon's own protocol does
    const { test: measured } = JSON.parse(readFileSync(join(at('calm'), 'result/result.json'), 'utf8')) as Measured
    for (const name of ['recall@20', 'ndcg@20', 'recall@10']) expect(measured.metrics[name]).toBeCloseTo(b!.metrics[name]!, 6)
    expect(b!.metrics['recall@20']).toBeGreaterThan(0)
    const { epochs } = (await ask('show', there)) as { epochs: unknown }
    expect(epochs).toBeGreaterThan(0)
    // it can be asked, and blended: its vectors of train alone came with it
    expect((await ask('recommend', '--run', there, '--user', 'u1', '--k', '3')) as unknown).toHaveProperty('hits')
    await ask('blend', here, there)
  })

  test('what is no job, or of another dataset, or was changed, is refused', async () => {
    const refused = async (...args: string[]): Promise<string> => (await pylon(args, { home: at('home') })).stderr
    expect(await refused('follow', at(''))).toMatch(/holds no job\.json/)
    expect(await refused('import-run', at('calm'))).toMatch(/pylon follow/)
    const other = at('other')
    await cp(at('calm'), other, { recursive: true })
    const manifest = JSON.parse(readFileSync(join(other, 'job.json'), 'utf8')) as { dataset: object }
    writeFileSync(join(other, 'job.json'), JSON.stringify({ ...manifest, dataset: { name: 'e', checksum: '0'.repeat(64) } }))
    expect(await refused('follow', other)).toMatch(/not in this workspace/)
    writeFileSync(join(other, 'job.json'), JSON.stringify(manifest))
    const edited = join(other, 'passes/final/spec.json')
    const spec = readFileSync(edited, 'utf8')
    writeFileSync(edited, spec.replace('"clipNorm":0.5', '"clipNorm":0.25'))
    expect(await refused('follow', other)).toMatch(/not the spec of job\.json/)
    writeFileSync(edited, spec)
    const path = join(other, 'result/result.json')
    const result = JSON.parse(readFileSync(path, 'utf8')) as { probes: { item: { vectors: number[][] } } }
    result.probes.item.vectors[0]![0]! += 0.1
    writeFileSync(path, JSON.stringify(result))
    expect(await refused('follow', other)).toMatch(/other vectors than Pylon's towers/)
  })

  test('its code is clean to ruff and mypy --strict', async () => {
    for (const tool of [
      ['ruff', 'check'],
      ['ruff', 'format', '--check'],
      ['mypy', '--strict', '--cache-dir', at('mypy')],
    ])
      await runPython(python!, at('whole'), ['-m', ...tool, '.'])
  })
})

/** The last loss that each epoch was told with. */
const lossesOf = (folder: string): [number, number][] => epochsOf(folder).map(({ epoch, loss }) => [epoch, loss])
