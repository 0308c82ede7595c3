/** Exports for experiment trackers: a run with a script that logs it to MLflow, and as plain CSV and JSON. */
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import { openDataset } from '../dataset/open.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { writeNpy } from '../files/npy.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { mlflowFacts, paramsOf } from './mlflow/facts.ts'
import { writeOwnOnnx } from './onnx-raw/write-onnx.ts'
import { METRIC_FILE, metricFacts } from './ranking.ts'
import { requireRanking, type ExportSource } from './source.ts'
import { csvCell } from '../../contract/csv.ts'
import { linesOf, writePieces } from './lines.ts'

const ASSETS = join(import.meta.dirname, 'assets', 'mlflow')

/** `run.json` (all that Pylon knows of it), `metrics.csv`, `epochs.csv`, `params.csv`. */
export async function* writeTables({ folder, run }: ExportSource): Stage {
  yield { stage: 'write tables', done: 0, total: 4, unit: 'files' }
  const { folder: _, ...facts } = run
  await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(facts, null, 2)}\n`)
  const csv = (name: string, rows: readonly (readonly (string | number | null)[])[]): Promise<void> =>
    writePieces(join(folder, name), linesOf(rows.map((row) => row.map(csvCell).join(','))))
  const hash = run.protocolHash
  await csv('metrics.csv', [
    ['run', 'protocol', 'metric', 'value', 'most_popular'],
    ...Object.entries(run.metrics).map(([name, value]) => [run.run, hash, name, value, run.baseline[name] ?? null]),
  ])
  await writePieces(join(folder, 'epochs.csv'), linesOf(epochLines(run)))
  await csv('params.csv', [['param', 'value'], ...paramsOf(run.spec)])
}

/** An epoch a line, as CSV with a header. */
export function* epochLines({ epochsLog }: Pick<RunDetail, 'epochsLog'>): Generator<string> {
  const names = [...new Set(epochsLog.flatMap(({ validation }) => Object.keys(validation)))]
  yield ['epoch', 'loss', 'examples_per_second', 'learning_rate', ...names.map((name) => `validation.${name}`)].map(csvCell).join(',')
  for (const { epoch, loss, examplesPerSecond, learningRate, validation } of epochsLog)
    yield [epoch, loss, examplesPerSecond, learningRate, ...names.map((name) => validation[name] ?? null)].map(csvCell).join(',')
}

/** Beside the vectors, what each user had met before the test part, which a list for them leaves out: `begins[u]` … `begins[u + 1]`. */
async function writeSeen(folder: string, source: ExportSource): Promise<void> {
  const { interactions, manifest } = await openDataset(source.datasetFolder, source.datasetRecord)
  const known = new InteractionSelection(interactions, ['train', 'validation']).positions()
  const begins = new Int32Array(manifest.users + 1)
  for (const p of known) begins[interactions.user[p]! + 1]!++
  for (let user = 0; user < manifest.users; user++) begins[user + 1]! += begins[user]!
  await writeNpy(join(folder, 'seen_begins.npy'), 'int32', [begins.length], begins)
  await writeNpy(
    join(folder, 'seen_items.npy'),
    'int32',
    [known.length],
    Int32Array.from(known, (p) => interactions.item[p]!),
  )
}

/** What `log.py` says to MLflow by its client: `run.json`, the files in `artifacts/`, and a model that recommends. */
export async function* writeMlflow(source: ExportSource): Stage {
  const { folder, runFolder, run } = source
  yield* writeOwnOnnx(source, runFolder)
  yield { stage: 'write the MLflow run', done: 0, total: 1, unit: 'runs' }
  for (const file of await readdir(ASSETS))
    if (/\.(py|txt)$/.test(file)) await writeFile(join(folder, file), await readFile(join(ASSETS, file)))
  const [artifacts, vectors] = [join(folder, 'artifacts'), join(folder, 'artifacts', 'vectors')]
  await cp(runFolder, artifacts, { recursive: true })
  await mkdir(vectors)
  for (const file of [RUN_FILES.userVectors, RUN_FILES.userIds, RUN_FILES.itemVectors, RUN_FILES.itemIds])
    await rename(join(artifacts, file), join(vectors, file))
  await writeFileAtomic(join(vectors, METRIC_FILE), `${JSON.stringify(metricFacts(requireRanking(source)))}\n`)
  await writeSeen(vectors, source)
  const facts = { run: run.run, name: run.name, ...mlflowFacts(run) }
  await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(facts, null, 2)}\n`)
}
