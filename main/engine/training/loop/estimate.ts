/**
 * What training a spec costs on this machine, by doing a little of it: encoders fitted, the step traced, and steps run for about a
 * second. So parameters are exact, and time and memory are those of the thing itself, whatever its features and its loss. Costs what
 * a run needs before its first step (fitting the features), and the probe.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { EstimateResult } from '../../../contract/verbs.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import type { Tower } from '../../towers/build.ts'
import { type TrainingSetup, prepareTraining } from './setup.ts'
import type { Slots } from '../state/optimizer.ts'

/** Steps are run for this long, at least `MIN_STEPS`, at most one epoch. The first is the executor's warm-up and does not count. */
const PROBE_MS = 1200
const MIN_STEPS = 3

/** @throws PylonError bad-input or bad-data at the config path of what does not fit the data */
export async function* estimateTraining(
  spec: TwoTowerSpec,
  dataset: Dataset,
  threads: number,
): AsyncGenerator<Progress, Omit<EstimateResult, 'busy'>> {
  const phase = yield* prepareTraining({ spec, dataset, parts: ['train'], threads })
  try {
    yield { stage: 'measure steps', done: 0, total: null, unit: 'steps' }
    const stepsPerEpoch = Math.max(1, Math.floor(phase.order.examples / phase.batch))
    const milliseconds = await probe(phase, stepsPerEpoch)
    return {
      method: 'measured',
      parameters: parametersOf(phase),
      towers: { user: shapeOf(phase.model.user), item: shapeOf(phase.model.item), dim: phase.model.dim },
      memory: memoryOf(phase),
      examples: phase.order.examples,
      batch: phase.batch,
      stepsPerEpoch,
      secondsPerEpoch: (median(milliseconds) * stepsPerEpoch) / 1000,
      probedSteps: milliseconds.length,
      threads,
    }
  } finally {
    await phase.dispose()
  }
}

/** Milliseconds of each step after the first. */
async function probe(phase: TrainingSetup, stepsPerEpoch: number): Promise<number[]> {
  const order = phase.order.of(0)
  const times: number[] = []
  const began = performance.now()
  for (let step = 0; step <= MIN_STEPS || performance.now() - began < PROBE_MS; step++) {
    if (step > stepsPerEpoch && step > MIN_STEPS) break
    const at = (step % stepsPerEpoch) * phase.batch
    const started = performance.now()
    await phase.step.run(phase.state, order.subarray(at, at + phase.batch), step + 1, 1)
    if (step > 0) times.push(performance.now() - started)
  }
  return times
}

function parametersOf({ state }: TrainingSetup): EstimateResult['parameters'] {
  const tables = [...state.tables.values()].map(({ name, rows, dim }) => ({ name, rows, dim }))
  const dense = [...state.weights.values()].reduce((sum, { values }) => sum + values.length, 0)
  return { total: tables.reduce((sum, { rows, dim }) => sum + rows * dim, dense), tables, dense }
}

/** The process at its largest so far; to come are both sides' vectors and a copy of the best weights. */
function memoryOf(phase: TrainingSetup): EstimateResult['memory'] {
  const { state, model, dataset } = phase
  const slots = (of: Slots): number => of.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const holders = [...state.tables.values(), ...state.weights.values()]
  const vectors = (dataset.manifest.users + dataset.manifest.items) * model.dim * 4
  return {
    parameters: 4 * parametersOf(phase).total,
    optimizer: holders.reduce((sum, holder) => sum + slots(holder.slots), 0),
    peak: process.resourceUsage().maxRSS * 1024 + vectors,
  }
}

function shapeOf({ ports }: Tower): NonNullable<EstimateResult['towers']>['user'] {
  const inputs = ports.map(({ name, width, table }) => ({ name, width, table }))
  return { inputs, inputWidth: inputs.reduce((sum, { width }) => sum + width, 0) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
