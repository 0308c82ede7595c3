/**
 * Exports a run as a Python project that goes on training it, in PyTorch or in TensorFlow with Keras: real files of `assets/`
 * that read the spec, beside the trained weights and the data as it was encoded. What the project does not cover is
 * refused by its config path.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unavailable } from '../../contract/errors.ts'
import type { Part } from '../../contract/shapes/dataset.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { twoTowerSchema, type TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { encodeSide } from '../features/encode.ts'
import type { FrozenEncoders } from '../features/encoded.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { type Tensor, writeSafetensors } from '../files/safetensors.ts'
import { openDataset } from '../dataset/open.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { isFunction } from '../towers/metric.ts'
import { copyCode, factsOf, weightsOf, writeFeatures } from './project-data.ts'
import { rawColumns } from './raw-columns.ts'
import { writeRowEncoder } from './row-encoder.ts'
import { type ExportSource, requireTwoTower } from './source.ts'

/** The folder of a project's Python package, beside its scripts. */
const PACKAGE = 'two_tower'

export async function* writeProject(source: ExportSource, framework: 'pytorch' | 'keras'): Stage {
  const spec = requireTwoTower(source)
  checkSupported(spec)
  const { folder, runFolder } = source
  const dataset = await openDataset(source.datasetFolder, source.datasetRecord)
  const encoders = JSON.parse(await readFile(join(runFolder, RUN_FILES.encoders), 'utf8')) as FrozenEncoders
  yield { stage: 'write code', done: 0, total: 3, unit: 'parts' }
  await copyCode(folder, ['project', framework], ['', PACKAGE])
  await writeRowEncoder(folder)
  yield { stage: 'write data', done: 1, total: 3, unit: 'parts' }
  await mkdir(join(folder, 'data'))
  for (const vectors of [RUN_FILES.userVectors, RUN_FILES.itemVectors])
    await copyFile(join(runFolder, vectors), join(folder, 'data', vectors))
  for (const file of [RUN_FILES.spec, RUN_FILES.encoders, RUN_FILES.weights, RUN_FILES.metrics])
    await copyFile(join(runFolder, file), join(folder, file))
  await writeInteractions(join(folder, 'data'), dataset, spec)
  yield { stage: 'write data', done: 2, total: 3, unit: 'parts' }
  const encoded = { user: await encodeSide(encoders, 'user', dataset), item: await encodeSide(encoders, 'item', dataset) }
  await writeFeatures(join(folder, 'data'), dataset, encoders, encoded)
  const facts = {
    ...factsOf(dataset, trainParts(spec, dataset.manifest)),
    hasReward: countsRewards(spec, dataset),
    ...rawColumns(dataset.manifest),
    userIds: await dataset.ids('user'),
    itemIds: await dataset.ids('item'),
  }
  await writeFileAtomic(join(folder, 'data', 'facts.json'), `${JSON.stringify(facts)}\n`)
}

/** Whether an example counts by the reward of its interaction. */
const countsRewards = (spec: TwoTowerSpec, { interactions }: Dataset): boolean =>
  spec.training.weights.reward && interactions.weight !== null

/** What the kept weights were trained on. */
const trainParts = (spec: TwoTowerSpec, manifest: Dataset['manifest']): readonly Part[] =>
  spec.training.finalFit && manifest.parts.validation > 0 ? ['train', 'validation'] : ['train']

async function writeInteractions(folder: string, dataset: Dataset, spec: TwoTowerSpec): Promise<void> {
  const { user, item, part, time, event, length } = dataset.interactions
  const weights = weightsOf(spec, dataset, trainParts(spec, dataset.manifest))
  const tensors: Tensor[] = [
    { name: 'user', dtype: 'I32', shape: [length], data: user as Int32Array<ArrayBuffer> },
    { name: 'item', dtype: 'I32', shape: [length], data: item as Int32Array<ArrayBuffer> },
    { name: 'part', dtype: 'U8', shape: [length], data: part as Uint8Array<ArrayBuffer> },
    ...(time === null ? [] : [{ name: 'time', dtype: 'F64', shape: [length], data: time } as Tensor]),
    ...(event === null ? [] : [{ name: 'event', dtype: 'U8', shape: [length], data: event } as Tensor]),
    ...(weights === null ? [] : [{ name: 'weight', dtype: 'F32', shape: [length], data: weights } as Tensor]),
  ]
  await writeSafetensors(join(folder, 'interactions.safetensors'), tensors)
}

/** Paths of a spec that the project reads, or that make no difference to it, whatever their value; all others must have their default. */
const COVERED =
  /^(version|model|recipe|(user|item)\.(features.*|hidden|activation|layerNorm|dropout|residual|output)|match\.(kind|retrieve|temperature\.\w+)|loss\..*|training\.(epochs|batchSize|gradientCache|order|perUserCap|weights\..*|seed|events|init\.\w+|embeddingSd|embeddingDropout|tables\.\w+|dense\.\w+|schedule\.\w+|clipNorm|l2|earlyStopping(\.\w+)?|finalFit|warmStart|matryoshka)|evaluation\.\w+|index\.\w+)$/

/** @throws PylonError unavailable naming the first value that the project, or the program of a job, does not cover */
export function checkSupported(spec: TwoTowerSpec, by: 'project' | 'job' = 'project'): void {
  const refuse = (path: string, what: string): never => {
    throw unavailable(
      by === 'job'
        ? `A job does not cover ${what}: train it here (pylon train), or set it otherwise.`
        : `The project does not cover ${what}: export the run as onnx, vectors or bundle.`,
      path,
    )
  }
  const { match, loss } = spec
  if (isFunction(match)) refuse('match.kind', `the match "${match.kind}", a function of your own`)
  if (match.temperature.kind === 'scheduled') refuse('match.temperature.kind', 'a scheduled temperature')
  if ('estimator' in loss && loss.estimator.kind !== 'empirical')
    refuse('loss.estimator.kind', `the estimator "${loss.estimator.kind}", which learns while it trains`)
  for (const side of ['user', 'item'] as const)
    for (const [i, feature] of (spec[side].features as Exclude<TwoTowerSpec['user']['features'], 'auto'>).entries())
      if (feature.kind === 'history' && feature.encoder.kind === 'interests')
        refuse(`${side}.features[${i}].encoder`, 'several interests of a user')
  const defaults = flatten(twoTowerSchema.parse({}))
  for (const [path, value] of flatten(spec))
    if (!COVERED.test(path) && JSON.stringify(value) !== JSON.stringify(defaults.get(path)))
      refuse(path, `${path} = ${JSON.stringify(value)}`)
}

/** Leaves by path: `training.tables.kind`; lists, and empty objects, are leaves. */
function flatten(value: object, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  for (const [key, entry] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry) && Object.keys(entry as object).length > 0)
      flatten(entry as object, at, into)
    else into.set(at, entry)
  }
  return into
}
