/**
 * Some steps of training written down: which examples, what was drawn for them, and the loss of each. Whoever takes the same steps from the
 * same weights has the same losses, or trains otherwise.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unavailable } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { writeSafetensors } from '../../files/safetensors.ts'
import { CandidateSampler } from '../../training/candidates/candidate-sampler.ts'
import { candidatePlan, negativeCount } from '../../training/candidates/plan.ts'
import { createSources } from '../../training/candidates/sources.ts'
import { scheduleFactor } from '../../training/loop/schedule.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'

/** @throws PylonError unavailable where steps draw what cannot be written down: dropout, hidden ids */
export function checkRecordable(spec: TwoTowerSpec): void {
  const dropout = [spec.user.dropout, spec.item.dropout, spec.training.embeddingDropout].some((rate) => rate > 0)
  const hidden = [spec.user.features, spec.item.features].some(
    (features) => features !== 'auto' && features.some((feature) => feature.kind === 'id' && feature.unknownRate > 0),
  )
  if (dropout || hidden)
    throw unavailable(
      'Steps with dropout or hidden ids cannot be written down: set dropout, embeddingDropout and unknownRate to 0.',
      'record',
    )
}

/** Trains on the first steps of the first epoch, and writes `record/steps.safetensors`. The phase is trained by it. */
export async function* recordSteps(folder: string, phase: TrainingSetup, steps: number): Stage {
  const { spec, dataset, positives, model, state, batch, order, step } = phase
  const plan = candidatePlan(spec, { batch, negatives: negativeCount(spec, positives.itemCounts.length) })
  const sources = await createSources(spec, dataset, ['train'])
  const sampler = new CandidateSampler({ spec, plan, positives, sources, mined: null, dim: model.dim })
  const perEpoch = Math.floor(order.examples / batch)
  const own = plan.itemRows - batch - plan.drawn
  const found = {
    positions: new Int32Array(steps * batch),
    drawn: new Int32Array(steps * plan.drawn),
    own: new Int32Array(steps * own),
    loss: new Float64Array(steps),
    factor: new Float64Array(steps),
  }
  const epoch = order.of(0)
  for (let i = 0; i < steps; i++) {
    yield { stage: 'record steps', done: i, total: steps, unit: 'steps' }
    const positions = epoch.slice((i % perEpoch) * batch, (i % perEpoch) * batch + batch)
    const users = Int32Array.from(positions, (p) => positives.user[p]!)
    const items = sampler.sample({ users, positives: Int32Array.from(positions, (p) => positives.item[p]!), positions }, i + 1)
    found.positions.set(positions, i * batch)
    found.drawn.set(items.subarray(batch, batch + plan.drawn), i * plan.drawn)
    found.own.set(items.subarray(batch + plan.drawn), i * own)
    found.factor[i] = scheduleFactor(spec.training.schedule, i + 1, perEpoch, perEpoch * spec.training.epochs)
    found.loss[i] = await step.run(state, positions, i + 1, found.factor[i]!)
  }
  await mkdir(join(folder, 'record'))
  await writeSafetensors(join(folder, 'record', 'steps.safetensors'), [
    { name: 'positions', dtype: 'I32', shape: [steps, batch], data: found.positions },
    { name: 'drawn', dtype: 'I32', shape: [steps, plan.drawn], data: found.drawn },
    { name: 'own', dtype: 'I32', shape: [steps, own], data: found.own },
    { name: 'loss', dtype: 'F64', shape: [steps], data: found.loss },
    { name: 'factor', dtype: 'F64', shape: [steps], data: found.factor },
  ])
}
