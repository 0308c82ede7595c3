/**
 * Trains one cell of a table in this process, by the code of the training job without its files: the best epoch on
 * validation, then test.
 */
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import type { Metrics } from '../../../main/contract/shapes/protocol.ts'
import type { TwoTowerSpec } from '../../../main/contract/shapes/spec.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { heldOut } from '../../../main/engine/evaluation/held-out.ts'
import { protocolOfRun } from '../../../main/engine/protocol/protocol.ts'
import { vectorScorer } from '../../../main/engine/model/scoring.ts'
import type { Dataset } from '../../../main/engine/dataset/dataset.ts'
import { mineNegatives } from '../../../main/engine/jobs/training/mine.ts'
import { startFromSpectral } from '../../../main/engine/jobs/training/spectral.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { embedItems, embedUsers, type TrainingSetup, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { random } from '../../../main/engine/training/random.ts'
import { trainLoop } from '../../../main/engine/training/loop/run.ts'

/** The figures of a table's cell on the test part. */
export interface Figures {
  readonly recall: number
  readonly ndcg: number
  /** recall@20 of the items that the training part has never met */
  readonly cold: number
  readonly epoch: number
  readonly seconds: number
}

const K = 20

/** @throws PylonError where the loss is no number any more */
export async function trainCell(dataset: Dataset, spec: TwoTowerSpec, threads: number): Promise<Figures> {
  const started = performance.now()
  const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads }))
  try {
    const { state, step } = phase
    const { init } = spec.training
    const context = { threads, signal: new AbortController().signal }
    if (init.kind === 'spectral') await drain(startFromSpectral(phase, init, ['train'], null, context))
    const users = validationUsers(phase)
    const loop = trainLoop(
      {
        spec: spec.training,
        epochs: spec.training.epochs,
        order: phase.order,
        batch: phase.batch,
        step: (rows, n, factor) => step.run(state, rows, n, factor),
        beforeEpoch: (epoch) => mineNegatives(phase, epoch, threads),
        validate: () => measure(phase, 'validation', threads, users),
      },
      state,
    )
    let best: (() => void) | null = null
    for await (const event of loop) if (event.kind === 'epoch' && event.improved) best = keptWeights(phase)
    best?.()
    const metrics = await measure(phase, 'test', threads)
    return {
      recall: metrics[`recall@${K}`]!,
      ndcg: metrics[`ndcg@${K}`]!,
      cold: metrics[`cold.recall@${K}`] ?? NaN,
      epoch: state.counters.bestEpoch,
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    await phase.dispose()
  }
}

/** A copy of the weights, and a way back to them. */
function keptWeights({ state }: TrainingSetup): () => void {
  const parts = [...state.weights.values(), ...state.tables.values()].map(({ values }) => ({ values, kept: values.slice() }))
  return () => {
    for (const { values, kept } of parts) values.set(kept)
  }
}

/** As many as early stopping asks for, in index order, evenly spaced. */
function validationUsers({ dataset, spec }: TrainingSetup): Int32Array {
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const { users } = heldOut(dataset, protocol)
  const count = Math.min(users.length, spec.training.earlyStopping?.maxUsers ?? users.length)
  return Int32Array.from({ length: count }, (_, i) => users[Math.floor((i * users.length) / count)]!)
}

async function measure(phase: TrainingSetup, part: 'validation' | 'test', threads: number, some?: Int32Array): Promise<Metrics> {
  const { dataset, spec, model } = phase
  const protocol = protocolOfRun(spec, dataset.manifest, part)
  const users = some ?? heldOut(dataset, protocol).users
  const itemVectors = await drain(embedItems(phase, threads))
  const vectors = await drain(embedUsers(phase, part === 'test' ? 'train+validation' : 'train', threads, users))
  const width = vectors.length / users.length
  const userVectors = new Float32Array(dataset.manifest.users * width)
  for (const [row, user] of users.entries()) userVectors.set(vectors.subarray(row * width, (row + 1) * width), user * width)
  const { dim } = model
  const { interests } = model.user
  const scorer = await vectorScorer({ userVectors, itemVectors, dim, threads, interests, matching: spec.match })
  try {
    return (await evaluateAll({ dataset, protocol, k: [K], scorer, users })).metrics
  } finally {
    await scorer.dispose()
  }
}

/**
 * The same data in which each user's training interactions come in an order drawn by the seed: what was met stays, when it was met is
 * lost. Later parts are left as they are.
 */
export function withShuffledHistories(dataset: Dataset, seed: number): Dataset {
  const { interactions } = dataset
  const item = interactions.item.slice()
  const event = interactions.event?.slice() ?? null
  const swap = (values: Int32Array | Uint8Array, a: number, b: number): void => {
    const held = values[a]!
    values[a] = values[b]!
    values[b] = held
  }
  for (let user = 0; user < dataset.manifest.users; user++) {
    const rng = random(seed, 'shuffle', user)
    const from = interactions.offsets[user]!
    let trained = from
    while (trained < interactions.offsets[user + 1]! && interactions.part[trained] === PART_CODE.train) trained++
    for (let last = trained - 1; last > from; last--) {
      const other = from + rng.below(last - from + 1)
      swap(item, last, other)
      if (event !== null) swap(event, last, other)
    }
  }
  return { ...dataset, interactions: { ...interactions, item, event } }
}
