/**
 * A run as a job for another machine or a cluster: the spec, the data as it is encoded for each pass of the fit, and a program that trains
 * it with its tables split over processes. What comes back is taken in as a run (jobs/training/elsewhere.ts).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput, unavailable } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import { type Tensor, writeSafetensors } from '../../files/safetensors.ts'
import { sizeOf } from '../../files/size.ts'
import { type TrainingSetup, prepareTraining } from '../../training/loop/setup.ts'
import { describedTables, parametersOf } from '../../training/state/state.ts'
import { checkSupported } from '../code.ts'
import { copyCode, factsOf, weightsOf, writeFeatures } from '../project-data.ts'
import { writeRowEncoder } from '../row-encoder.ts'
import { type ClusterCosts, costsOf } from './costs.ts'
import { CLUSTER_FILES, type ClusterManifest, type PassName } from './manifest.ts'
import { writeInteractionFiles } from './interaction-files.ts'
import { checkRecordable, recordSteps } from './record.ts'
import { jobReadme } from './readme.ts'

export interface ClusterJobOptions {
  readonly spec: TwoTowerSpec
  readonly dataset: Dataset
  /** new or empty */
  readonly folder: string
  readonly name: string
  readonly pylon: string
  /** of interactions: as many workers as this can share them */
  readonly files: number
  /** steps to write down, to prove the program by; 0: none */
  readonly record: number
  readonly threads: number
  readonly temp: string
}

type PassParts = ClusterManifest['passes']['choose']['parts']

/** @throws PylonError naming the config path that a job does not cover */
export async function* writeClusterJob(options: ClusterJobOptions): AsyncGenerator<Progress, ClusterCosts> {
  const { spec, dataset, folder, record } = options
  checkCovered(spec, dataset)
  if (record > 0) checkRecordable(spec)
  await copyCode(folder, ['project', 'pytorch'], ['two_tower'])
  await copyCode(folder, ['job'], ['', 'cluster'])
  await writeRowEncoder(folder)
  const fits = passesOf(spec, dataset)
  const passes: ClusterManifest['passes'] = { choose: { parts: [], unknownIsZero: [] } }
  let costs: ClusterCosts | null = null
  for (const [name, parts] of fits) {
    const phase = yield* prepareTraining({ spec, dataset, parts, threads: options.threads })
    try {
      yield { stage: `write ${name}`, done: 0, total: 1, unit: 'passes' }
      await writePass(join(folder, 'passes', name), phase, parts, record > 0)
      const zero = describedTables(phase.model)
      passes[name] = { parts, unknownIsZero: phase.model.tables.flatMap((table) => (zero.has(table.name) ? [table.name] : [])) }
      costs = costsOf(phase)
      if (record > 0 && name === 'choose') yield* recordSteps(folder, phase, record)
    } finally {
      await phase.dispose()
    }
  }
  const weights = Object.fromEntries(fits.map(([name, parts]) => [name, weightsOf(spec, dataset, parts)]))
  const files = yield* writeInteractionFiles(folder, dataset, weights, options)
  const { manifest } = dataset
  const job: ClusterManifest = {
    format: 'pylon-job',
    version: 1,
    pylon: options.pylon,
    name: options.name,
    dataset: { name: manifest.name, checksum: manifest.checksum },
    users: manifest.users,
    items: manifest.items,
    interactions: manifest.interactions,
    files,
    spec,
    passes,
  }
  await writeFileAtomic(join(folder, CLUSTER_FILES.manifest), `${JSON.stringify(job, null, 2)}\n`)
  await writeFileAtomic(join(folder, 'README.md'), jobReadme(job, costs!, sizeOf(folder)))
  return costs!
}

/** The passes of a fit: on train, which chooses the epoch, and where the spec wants it on train and validation as well. */
function passesOf({ training }: TwoTowerSpec, { manifest }: Dataset): [PassName, PassParts][] {
  const refits = training.finalFit && manifest.parts.validation > 0
  return [['choose', ['train']], ...(refits ? [['final', ['train', 'validation']] as [PassName, PassParts]] : [])]
}

async function writePass(folder: string, phase: TrainingSetup, parts: readonly Part[], whole: boolean): Promise<void> {
  const { spec, dataset, encoders, encoded, state, model } = phase
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  await writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(spec)}\n`)
  await writeFileAtomic(join(folder, 'encoders.json'), `${JSON.stringify(encoders)}\n`)
  await writeFeatures(data, dataset, encoders, encoded)
  const { users, items } = dataset.manifest
  await writeFileAtomic(join(data, 'facts.json'), `${JSON.stringify({ ...factsOf(dataset, parts), users, items })}\n`)
  // the shards draw the tables themselves, but for what is fixed
  const fixed = new Set(model.tables.flatMap((table) => (table.fixed === true ? [`table:${table.name}`] : [])))
  const tensors = [...parametersOf(state)].flatMap(([name, { shape, values }]): Tensor[] =>
    whole || name.startsWith('dense:') || fixed.has(name) ? [{ name, dtype: 'F32', shape, data: values as Float32Array<ArrayBuffer> }] : [],
  )
  await writeSafetensors(join(folder, 'initial.safetensors'), tensors)
}

/** Metrics that the program measures on the validation part. */
const MEASURED = ['recall@10', 'ndcg@10', 'recall@20', 'ndcg@20']

/** @throws PylonError unavailable or bad-input naming the config path */
function checkCovered(spec: TwoTowerSpec, { manifest }: Dataset): void {
  const { training } = spec
  if (training.init.kind !== 'random')
    throw unavailable(
      `A job starts from drawn tables, not from ${training.init.kind}: --set training.init.kind=random${training.epochs === 0 ? ' --set training.epochs=10' : ''}`,
      'training.init.kind',
    )
  if (training.warmStart !== null) throw unavailable('A job starts from no other run: --set training.warmStart=null', 'training.warmStart')
  if (training.choose.length > 0)
    throw unavailable(
      'A job has all its settings chosen: train a run here, which chooses them, and say --config FOLDER/spec.json with its folder (pylon show RUN tells it), or take them as they stand: --set training.choose=[]',
      'training.choose',
    )
  checkSupported(spec, 'job')
  const metric = training.earlyStopping?.metric ?? MEASURED[0]!
  if (manifest.parts.validation > 0 && !MEASURED.includes(metric))
    throw badInput(
      `A job measures ${MEASURED.join(', ')} on the validation part, not ${metric}: --set training.earlyStopping.metric=${MEASURED[1]!}`,
      'training.earlyStopping.metric',
    )
}
