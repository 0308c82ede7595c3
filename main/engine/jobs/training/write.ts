/** Writes what a trained run leaves behind, each file beside and renamed, and reports it with its checksum. */
import { join } from 'node:path'
import type { Metrics, Protocol } from '../../../contract/shapes/protocol.ts'
import type { IndexedSpec } from '../../../contract/shapes/spec.ts'
import { buildIndex } from '../../ann/usearch.ts'
import { matchingOf, metricOf } from '../../towers/metric.ts'
import { onnxBytes } from '../../compute/onnx.ts'
import type { FittedModel, VectorModel } from '../../model/scoring.ts'
import { sha256File, writeFileAtomic } from '../../files/atomic.ts'
import { writeNpy } from '../../files/npy.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { ITEM_ITEM_FILES, saveItemItem } from '../../model/item-item-files.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { saveWeights } from '../../training/state/checkpoint.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import { standaloneGraph } from '../../model/standalone.ts'
import type { JobFact } from '../../queue/job-types.ts'
import { asFacts } from './facts.ts'

/** The weights and the encoders. */
export async function* writeTowers(
  folder: string,
  { state, encoders }: TrainingSetup,
  files: { readonly weights: string; readonly encoders: string },
): AsyncGenerator<JobFact, void> {
  await saveWeights(join(folder, files.weights), state)
  yield await artefact(folder, files.weights)
  yield* writeJson(folder, files.encoders, encoders)
}

/** The weights, the encoders and both towers as ONNX. */
export async function* writeModel(folder: string, phase: TrainingSetup): AsyncGenerator<JobFact, void> {
  yield* writeTowers(folder, phase, RUN_FILES)
  for (const [tower, file] of [
    [phase.model.user, RUN_FILES.userTower],
    [phase.model.item, RUN_FILES.itemTower],
  ] as const) {
    await writeFileAtomic(
      join(folder, file),
      onnxBytes(await standaloneGraph(tower, phase.state), { side: tower.side, dim: String(tower.dim) }),
    )
    yield await artefact(folder, file)
  }
}

/** Vectors, or item-item weights, and the ids of their rows. */
export async function* writeFitted(folder: string, dataset: Dataset, model: FittedModel): AsyncGenerator<JobFact, void> {
  for (const side of ['user', 'item'] as const) yield* writeJson(folder, RUN_FILES[`${side}Ids`], await dataset.ids(side))
  if (model.kind === 'item-item') {
    await saveItemItem(folder, model.weights)
    for (const file of Object.values(ITEM_ITEM_FILES)) yield await artefact(folder, file)
    return
  }
  yield* writeVectors(folder, dataset, model, [RUN_FILES.userVectors, RUN_FILES.itemVectors])
}

/** Vectors of users [users × interests·dim], a user's side by side in one row, and of items [items × dim], in two files. */
export async function* writeVectors(
  folder: string,
  dataset: Dataset,
  { dim, users, items }: Pick<VectorModel, 'dim' | 'users' | 'items'>,
  files: readonly [string, string],
): AsyncGenerator<JobFact, void> {
  for (const [file, vectors, rows] of [
    [files[0], users, dataset.manifest.users],
    [files[1], items, items.length / dim],
  ] as const) {
    await writeNpy(join(folder, file), 'float32', [rows, vectors.length / rows], vectors as Float32Array<ArrayBuffer>)
    yield await artefact(folder, file)
  }
}

/** Builds and saves the ANN index of the item vectors. */
export async function* writeIndex(
  folder: string,
  spec: IndexedSpec,
  { dim, items }: VectorModel,
  signal: AbortSignal,
): AsyncGenerator<JobFact, void> {
  const index = yield* asFacts(buildIndex(items, { dim, metric: metricOf(matchingOf(spec)), spec: spec.index }), signal)
  try {
    for (const { bytes, sha256, path } of await index.save(join(folder, RUN_FILES.index))) {
      const name = path.endsWith('.json') ? `${RUN_FILES.index}.json` : RUN_FILES.index
      yield { kind: 'artefact', artefact: { path: name, bytes, sha256 } }
    }
  } finally {
    index.dispose()
  }
}

export async function* writeResults(folder: string, protocol: Protocol, metrics: Metrics): AsyncGenerator<JobFact, void> {
  yield* writeJson(folder, RUN_FILES.protocol, protocol)
  yield* writeJson(folder, RUN_FILES.metrics, metrics)
}

export async function* writeJson(folder: string, file: string, value: unknown): AsyncGenerator<JobFact, void> {
  await writeFileAtomic(join(folder, file), `${JSON.stringify(value)}\n`)
  yield await artefact(folder, file)
}

/** A file that has been written. */
export async function artefact(folder: string, path: string): Promise<JobFact> {
  return { kind: 'artefact', artefact: { path, ...(await sha256File(join(folder, path))) } }
}
