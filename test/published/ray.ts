/**
 * `npm run prove:ray`: a training exported as a job, run by Ray over two nodes on this machine. Its recorded steps have Pylon's losses with one
 * worker and with two; an actor and a worker that are killed change no number of what comes out; other shards go on from a checkpoint; and the
 * run that comes back is measured beside one that was trained here. What Faiss loses over shards of the items is
 * measured. Each part is tried up to three times; the log is kept. Writes docs/cluster.md.
 *
 *   node test/published/ray.ts [--users 600] [--epochs 6]
 */
import { execFileSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { formatsOf } from '../../main/contract/formats.ts'
import type { StartedResult } from '../../main/contract/shapes/run.ts'
import type { ClusterExportResult } from '../../main/contract/verbs/cluster.ts'
import { type ClusterCosts, trafficOf } from '../../main/engine/export/cluster/costs.ts'
import { clusterResultSchema } from '../../main/engine/export/cluster/manifest.ts'
import { findPython } from '../../main/engine/export/python.ts'
import { type EpochLine, epochsOf, hasCheckpoint, linesOf } from '../helpers/cluster-job.ts'
import { ended, findRay, rayNodes } from '../helpers/ray.ts'
import { answerOf } from '../helpers/workspace.ts'

const { values } = parseArgs({ options: { users: { type: 'string', default: '600' }, epochs: { type: 'string', default: '6' } } })
const root = resolve(import.meta.dirname, '../../node_modules/.cache/pylon-ray')
const home = join(root, 'home')
const log = join(root, 'log.txt')
const place = resolve(import.meta.dirname, '../../docs/cluster.md')
const { bytes } = formatsOf('en')
const python = findPython()
if (python === null) throw new Error('There is no Python: npm run setup:python')
setPriority(10)
if (findRay() === null) throw new Error('There is no Ray: npm run setup:python')
await rm(root, { recursive: true, force: true })
await mkdir(root, { recursive: true })
await ask(['import', '--name', 'market', '--sample', '--sample-users', values.users])
const recorded = await exported('recorded', ['--config', await specOfRecord(), '--record', '20'])
const market = await exported('market', ['--recipe', 'two-tower', '--set', `training.epochs=${values.epochs}`])

const nodes = await rayNodes(2, root, note)
try {
  const one = await replayed('1', '1')
  const two = await replayed('2', '2')
  const calm = await copied('market', 'calm')
  await run(calm, ['--workers', '2', '--shards', '2'])
  const killed = await copied('market', 'killed')
  const deaths = await killing(killed)
  const isSame = readFileSync(join(killed, 'result/weights.safetensors')).equals(readFileSync(join(calm, 'result/weights.safetensors')))
  const resharded = await copied('market', 'resharded')
  await untilCheckpoint(resharded)
  await run(resharded, ['--workers', '2', '--shards', '3'])
  const limit = Math.ceil(market.tableBytes / 2e6) + 1
  const refused = await run(await copied('market', 'limited'), ['--shards', '1', '--shard-megabytes', String(limit), '--attempts', '1'], 1)
  const indexes: IndexFacts[] = []
  for (const factory of ['IVF32,PQ16', 'IVF32,PQ32']) indexes.push(await indexed(calm, factory))
  const { metrics } = (await ask(['follow', calm])) as { metrics: Record<string, number> }
  const local = ['train', '--dataset', 'market', '--recipe', 'two-tower', '--set', `training.epochs=${values.epochs}`, '--seeds', '3']
  const { seeds } = (await ask(local)) as unknown as StartedResult
  const facts = {
    one,
    two,
    deaths,
    isSame,
    resharded: largest(epochsOf(resharded), epochsOf(calm)),
    refused: /may hold [\d,]+: ask for more --shards/.exec(refused)?.[0] ?? null,
    recall: { there: metrics['recall@20']!, here: seeds!.mean['recall@20']!, sd: seeds!.sd['recall@20']! },
    indexes,
    measured: epochsOf(calm).at(0)!.tableBytesPerStep,
  }
  writeFileSync(join(root, 'facts.json'), JSON.stringify(facts, null, 2))
  await writeDocument(facts)
  console.log(`wrote ${place}; the log is ${log}`)
  if (one > 1e-4 || two > 1e-4 || !isSame || facts.resharded > 1e-6 || facts.refused === null) process.exitCode = 1
} finally {
  nodes.stop()
}

type Facts = {
  readonly one: number
  readonly two: number
  readonly deaths: readonly string[]
  readonly isSame: boolean
  readonly resharded: number
  readonly refused: string | null
  readonly recall: { readonly there: number; readonly here: number; readonly sd: number }
  readonly indexes: readonly IndexFacts[]
  readonly measured: number
}

/** What Faiss over shards of the items finds of the exact 20 best, and recall@20 by either search. */
type IndexFacts = { readonly factory: string; readonly found: number; readonly exact: number; readonly by: number }

/** The answer of a verb. */
function ask(args: readonly string[]): Promise<Record<string, unknown>> {
  return answerOf(args, { home })
}

async function exported(name: string, args: readonly string[]): Promise<ClusterExportResult> {
  return (await ask([
    'export-job',
    '--dataset',
    'market',
    ...args,
    '--name',
    name,
    '--out',
    join(root, name),
    '--files',
    '4',
  ])) as ClusterExportResult
}

/** The recipe without what cannot be written down: hidden ids and dropout. */
async function specOfRecord(): Promise<string> {
  const file = join(root, 'record.json')
  const features = (own: object): object[] => [{ kind: 'id', dim: 16, unknownRate: 0 }, own]
  const history = { kind: 'history', dim: 16, maxLength: 20, share: true, encoder: { kind: 'gru', hidden: 8 }, inputs: ['position'] }
  const spec = {
    user: { features: features(history), hidden: [32], layerNorm: true, output: 16 },
    item: { features: features({ kind: 'text', name: 'title', column: 'title', dim: 8 }), hidden: [32], output: 16 },
    loss: { kind: 'mixed-softmax', negatives: 64 },
    training: { batchSize: 128, clipNorm: 0.5, l2: 1e-4, schedule: { kind: 'cosine', warmupSteps: 5 } },
  }
  writeFileSync(file, JSON.stringify(spec))
  return file
}

function note(text: string): void {
  appendFileSync(log, `${text}\n`)
}

function begun(folder: string, args: readonly string[]): ChildProcess {
  return nodes.run(python!, ['run_job.py', '--engine', 'ray', '--worker-cpus', '0.5', ...args], folder)
}

/** Runs a job to its end. @returns what it printed */
async function run(folder: string, args: readonly string[], expected = 0): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    note(`--- ${folder} ${args.join(' ')}, attempt ${attempt}`)
    const { code, text } = await ended(begun(folder, args))
    if (code === expected) return text
    if (attempt === 3) throw new Error(`${folder} ended with ${code}: see ${log}`)
  }
}

async function copied(from: string, to: string): Promise<string> {
  await cp(join(root, from), join(root, to), { recursive: true })
  return join(root, to)
}

/** A job that has ended is measured again, by an index of each worker's share of the items. */
async function indexed(folder: string, factory: string): Promise<IndexFacts> {
  await run(folder, ['--workers', '2', '--shards', '2', '--index', factory, '--nprobe', '8'])
  const { test, index } = clusterResultSchema.parse(JSON.parse(readFileSync(join(folder, 'result/result.json'), 'utf8')))
  return { factory, found: index!.found!, exact: test!.metrics['recall@20']!, by: index!.metrics['recall@20']! }
}

/** How far the losses of the recorded steps are from Pylon's, at most. */
async function replayed(workers: string, shards: string): Promise<number> {
  await run(recorded.out, ['--replay', '--workers', workers, '--shards', shards])
  return (JSON.parse(readFileSync(join(recorded.out, 'replay.json'), 'utf8')) as { worst: number }).worst
}

/** Trains, and kills a worker and then a shard with -9, each after a checkpoint. @returns who was killed */
async function killing(folder: string): Promise<string[]> {
  const child = begun(folder, ['--workers', '2', '--shards', '2', '--checkpoint-steps', '40', '--attempts', '5'])
  const running = ended(child)
  const deaths: string[] = []
  for (const name of ['RayWorker', 'Shard']) {
    const lines = linesOf(folder)
    while (child.exitCode === null && (linesOf(folder) < lines + 30 || !hasCheckpoint(folder))) await sleep(100)
    const found = execFileSync('pgrep', ['-n', '-f', `ray::${name}`], { encoding: 'utf8' }).trim()
    process.kill(Number(found), 'SIGKILL')
    deaths.push(name)
  }
  const { code } = await running
  if (code !== 0) throw new Error(`${folder} ended with ${code}: see ${log}`)
  return deaths
}

/** Trains until there is a checkpoint, then ends. */
async function untilCheckpoint(folder: string): Promise<void> {
  const child = begun(folder, ['--workers', '2', '--shards', '2', '--checkpoint-steps', '40'])
  const running = ended(child)
  while (child.exitCode === null && !hasCheckpoint(folder)) await sleep(100)
  child.kill('SIGTERM')
  await running
}

function largest(a: readonly EpochLine[], b: readonly EpochLine[]): number {
  return a.length === b.length ? Math.max(...a.map(({ loss }, i) => Math.abs(loss - b[i]!.loss))) : Infinity
}

async function writeDocument(facts: Facts): Promise<void> {
  const { recall } = facts
  const at = market.traffic.find(({ workers }) => workers === 2)!
  const text = `# Beyond one machine: what was measured

\`npm run prove:ray\` writes this: a training as a job (\`pylon export-job\`), run by Ray 2.60 over two nodes on one machine, sample market of
${values.users} users.

| | |
| --- | --- |
| recorded steps (20), largest difference of a loss from Pylon's, one worker, one shard | ${facts.one.toExponential(1)} |
| the same, two workers with half batches, two shards | ${facts.two.toExponential(1)} |
| killed with -9 on the way: ${facts.deaths.join(', then ')}; the weights of the end | ${facts.isSame ? 'equal to the bit to those of a run left alone' : '**differ**'} |
| two shards until a checkpoint, then three: largest difference of an epoch's loss | ${facts.resharded.toExponential(1)} |
| one shard that may hold half of the tables | refused before the first step (${facts.refused ?? '**it was not**'}) |
| recall@20 on the test part, same protocol: trained by Ray, one seed / here, three seeds | ${recall.there.toFixed(4)} / ${recall.here.toFixed(4)} ± ${recall.sd.toFixed(4)} |
${facts.indexes.map(indexRow).join('\n')}

The same classes run over local processes in \`npm test\` (test/interop/jobs.test.ts), which also kills a worker and a shard.

## What it would take at 10⁹ interactions

10⁸ items and 5·10⁷ users by id, vectors and tables of 64 numbers, a history of 50 items, 1,000 shared negatives, batches of 65,536. The formula
(\`export/cluster/costs.ts\`) is what \`pylon export-job\` tells of any job before it is sent; on the job above it said ${bytes(at.tables)} of rows a step,
at most, and ${bytes(facts.measured)} were counted (a row that a batch reads twice travels once).

| workers | tables, all shards | rows a step, all workers | vectors a step, each | seconds an epoch for what travels, 10 Gbit/s a node |
| ---: | ---: | ---: | ---: | ---: |
${[8, 64].map(largeRow).join('\n')}

Not measured: more than one machine, GPUs.
`
  await writeFile(place, await format(text, { ...(await resolveConfig(place)), parser: 'markdown' }))
}

function indexRow({ factory, found, exact, by }: IndexFacts): string {
  const share = (found * 100).toFixed(1)
  return `| items in two shards, a Faiss index ${factory} of each, nprobe 8: share of the exact 20 best found; recall@20 exact / by it | ${share} %; ${exact.toFixed(4)} / ${by.toFixed(4)} |`
}

/** A row of the table of what is not measured. */
function largeRow(workers: number): string {
  const [dim, batch] = [64, 65_536]
  const row = dim * 4 + 8
  const costs: ClusterCosts = {
    tableBytes: 1.5e8 * dim * 4 * 3,
    featureBytes: 1.5e8 * 8,
    interactionBytes: 1e9 * 38,
    denseBytes: 4 * 100_000,
    batch,
    stepsPerEpoch: Math.floor(1e9 / batch),
    userBytes: 51 * row,
    itemBytes: row,
    drawn: 1000,
    own: 0,
    dim,
  }
  const { tables, vectors, dense } = trafficOf(costs, workers)
  const seconds = (costs.stepsPerEpoch * (tables / workers + vectors + dense)) / (10e9 / 8)
  return `| ${workers} | ${bytes(costs.tableBytes)} | ${bytes(tables)} | ${bytes(vectors)} | ${Math.round(seconds).toLocaleString('en')} |`
}
