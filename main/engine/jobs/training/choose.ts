/**
 * Chooses settings of a two-tower's loss on the validation part before it is trained: temperature, exponent, margin, which belong to a data
 * set and not to a recipe. Each trial trains a short while, beyond a million interactions on those of some users alone, so that its cost has a
 * limit whatever the size of the data: short trials agree with long ones where both begin in the closed form, or where the data is small.
 */
import { Cancelled } from '../../../contract/errors.ts'
import type { LossSpec, TunableSetting, TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import { ofUsers } from '../../dataset/of-users.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { drain } from '../../files/drain.ts'
import { embedItems, embedUsers, prepareTraining, type TrainingSetup } from '../../training/loop/setup.ts'
import { trainLoop } from '../../training/loop/run.ts'
import { random, shuffle } from '../../training/random.ts'
import { asFacts } from './facts.ts'
import { trialMeter } from './measure.ts'
import { ranksUpTo, START, startFromSpectral } from './spectral.ts'
import { climb } from './tune.ts'

/**
 * Interactions of a trial's users in all parts, at most. Where users are left out items are met less often and a warmer temperature looks best: by four epochs
 * of a quarter of Gowalla's users it is .125, by one or two of all of them .08 or .1, and after twenty epochs of all NDCG@20 is .1149 at .125 and
 * .1207 at .1.
 */
const EXAMPLES = 1_000_000
/** Examples that a trial trains on in all its epochs, about, unless the fewest epochs are more. */
const TRAINED = 750_000
const EPOCHS = { least: 2, most: 20 } as const
/**
 * Fewer epochs than these tell nothing of an exponent: a high one is ahead at first and falls behind later (Gowalla, NDCG@20 on validation: 1.35
 * ahead of 1.22 after two epochs, behind it after eight), and what is best for some of the users is too high for all of them.
 */
const EXPONENT_EPOCHS = 6
/**
 * Of a start in closed form few directions rank best, and what comes of them with training is another matter: after it NDCG@20 is .097 by 16 of 64
 * on Albany's validation part and .139 by all, on Singapore's .131 and .077. Where there is enough data for fewer epochs than these, all are best.
 */
const RANK_EPOCHS = 3

interface Tunable {
  readonly path: string
  /** a trial of fewer epochs does not tell */
  readonly leastEpochs: number
  readonly grid: (spec: TwoTowerSpec) => readonly number[]
  readonly of: (spec: TwoTowerSpec) => number | null
  readonly with: (spec: TwoTowerSpec, value: number) => TwoTowerSpec
}

/** A number of the losses that have it, whatever their kind. */
const ofLoss = (
  field: 'exponent' | 'margin' | 'temperature',
  kinds: readonly LossSpec['kind'][],
  grid: readonly number[],
  leastEpochs: number = EPOCHS.least,
): Tunable => ({
  path: `loss.${field}`,
  leastEpochs,
  grid: () => grid,
  of({ loss }) {
    const value: unknown = kinds.includes(loss.kind) ? new Map<string, unknown>(Object.entries(loss)).get(field) : null
    return typeof value === 'number' ? value : null
  },
  with: (spec, value) => ({ ...spec, loss: { ...spec.loss, [field]: value } }),
})
const TEMPERATURES = [0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.125, 0.16, 0.2, 0.3, 0.5, 0.8]
const tunables: Readonly<Record<TunableSetting, readonly Tunable[]>> = {
  temperature: [
    {
      path: 'match.temperature.value',
      leastEpochs: EPOCHS.least,
      grid: () => TEMPERATURES,
      of: ({ match }) => (match.temperature.kind === 'fixed' ? match.temperature.value : null),
      with: (spec, value) => ({ ...spec, match: { ...spec.match, temperature: { kind: 'fixed', value } } }),
    },
    ofLoss('temperature', ['psl'], TEMPERATURES),
  ],
  exponent: [ofLoss('exponent', ['bsl'], [0.8, 0.9, 1, 1.1, 1.22, 1.35, 1.5, 1.75, 2], EXPONENT_EPOCHS)],
  rank: [
    {
      path: 'training.init.rank',
      leastEpochs: RANK_EPOCHS,
      grid: (spec) => ranksUpTo(startWidth(spec)!),
      of: (spec) => (spec.training.init.kind === 'spectral' && spec.training.init.rank === null ? startWidth(spec) : null),
      with: withRank,
    },
  ],
  margin: [ofLoss('margin', ['ccl', 'hinge'], [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])],
}

function withRank(spec: TwoTowerSpec, rank: number): TwoTowerSpec {
  const { training } = spec
  return training.init.kind === 'spectral' ? { ...spec, training: { ...training, init: { ...training.init, rank } } } : spec
}

/** Of what a start in closed form fills: the ids of items. */
function startWidth({ item: { features } }: TwoTowerSpec): number | null {
  const id = features === 'auto' ? undefined : features.find(({ kind }) => kind === 'id')
  return id?.kind === 'id' ? id.dim : null
}

/**
 * The spec with its settings chosen, and nothing left to choose; the same spec where there is nothing to choose by.
 */
export async function* chooseSettings(
  job: Pick<TrainJob, 'executor'>,
  spec: TwoTowerSpec,
  dataset: Dataset,
  context: JobContext,
): AsyncGenerator<JobFact, TwoTowerSpec> {
  const asked = spec.training.choose.flatMap((name) => tunables[name].filter(({ of }) => of(spec) !== null))
  const settled: TwoTowerSpec = { ...spec, training: { ...spec.training, choose: [] } }
  if (asked.length === 0) return settled
  if (dataset.manifest.parts.validation === 0) {
    const paths = asked.map(({ path }) => path).join(', ')
    const text = `There is no validation part to choose ${paths} by: what is given stays.`
    yield { kind: 'message', level: 'info', text }
    return settled
  }
  const some = someOf(dataset, spec.training.seed)
  const examples = new InteractionSelection(some.interactions, ['train']).positions().length
  const epochs = Math.max(EPOCHS.least, Math.min(EPOCHS.most, Math.round(TRAINED / Math.max(1, examples))))
  const short: TwoTowerSpec = { ...settled, training: { ...settled.training, epochs, earlyStopping: null, finalFit: false } }
  const open = asked.filter(({ leastEpochs }) => leastEpochs <= epochs)
  for (const { path, of } of asked.filter((each) => !open.includes(each)))
    yield {
      kind: 'message',
      level: 'info',
      text: `${path} stays ${of(spec)}: trials of ${epochs} epochs, which this much data allows, do not tell what it should be.`,
    }
  if (open.length === 0) return settled
  yield {
    kind: 'message',
    level: 'info',
    text: `Choosing ${open.map(({ path }) => path).join(', ')} on the validation part: trials of ${epochs} epochs of ${examples.toLocaleString('en')} examples.`,
  }
  const valueOf = trialMeter(spec, some, context)
  // as training keeps its best epoch, so does a trial of some length: one that learns fast and forgets is no worse than one that is slow
  const stops = spec.training.earlyStopping !== null && epochs > EPOCHS.least
  const valueNow = (phase: TrainingSetup, match: TwoTowerSpec['match']): Promise<number> =>
    phase.step.evaluating(() => drain(embedded(phase, match)))
  const embedded = async function* (phase: TrainingSetup, matching: TwoTowerSpec['match']): AsyncGenerator<JobFact, number> {
    const items = yield* asFacts(embedItems(phase, context.threads), context.signal)
    const users = yield* asFacts(embedUsers(phase, 'train', context.threads), context.signal)
    return yield* valueOf({ kind: 'vectors', dim: phase.model.dim, users, items, matching })
  }
  const measure = async function* (values: Readonly<Record<string, number>>): AsyncGenerator<JobFact, number> {
    const tried = open.reduce((made, { path, with: put }) => put(made, values[path]!), short)
    const phase = yield* asFacts(
      prepareTraining({ spec: tried, dataset: some, parts: ['train'], threads: context.threads, executor: job.executor }),
      context.signal,
    )
    try {
      const { init } = tried.training
      // filter and γ unsearched: after some epochs they matter little
      if (init.kind === 'spectral')
        for await (const fact of startFromSpectral(phase, init, ['train'], { ...START, rank: init.rank ?? Infinity }, context))
          if (fact.kind === 'progress') yield fact
      const loop = trainLoop(
        {
          spec: tried.training,
          epochs,
          order: phase.order,
          batch: phase.batch,
          step: (rows, n, factor) => phase.step.run(phase.state, rows, n, factor),
          validate: null,
        },
        phase.state,
      )
      let best = 0
      for await (const event of loop) {
        if (context.signal.aborted) throw new Cancelled('Stopped while its settings were being chosen.')
        if (event.kind === 'epoch' && (event.row.epoch === epochs || (stops && isMeasured(event.row.epoch))))
          best = Math.max(best, await valueNow(phase, tried.match))
        if (event.kind !== 'step') continue
        const { examplesDone: done, examplesTotal: total } = event
        yield { kind: 'progress', progress: { stage: 'choose settings', done, total, unit: 'examples', note: wordsOf(values) } }
      }
      return best
    } finally {
      await phase.dispose()
    }
  }
  const at = Object.fromEntries(open.map(({ path, of }) => [path, of(spec)!]))
  const grids = Object.fromEntries(open.map(({ path, grid }) => [path, [...new Set([...grid(spec), at[path]!])].sort((a, b) => a - b)]))
  const chosen = yield* climb(at, grids, measure)
  yield { kind: 'message', level: 'info', text: `Chosen on the validation part: ${wordsOf(chosen)}.` }
  return open.reduce((made, { path, with: put }) => put(made, chosen[path]!), settled)
}

const wordsOf = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([path, value]) => `${path} ${value}`)
    .join(', ')

/** Epochs of a trial that are measured, beside its last: 1, 2, 4, 8, 16. */
const isMeasured = (epoch: number): boolean => Number.isInteger(Math.log2(epoch))

/** The dataset of users drawn by the seed, as many as have about {@link EXAMPLES}; the dataset itself where it is no larger. */
function someOf(dataset: Dataset, seed: number): Dataset {
  const { offsets, length } = dataset.interactions
  if (length <= EXAMPLES) return dataset
  const users = Int32Array.from({ length: dataset.manifest.users }, (_, user) => user)
  shuffle(users, random(seed, 'validation'))
  let [count, taken] = [0, 0]
  while (count < users.length && taken < EXAMPLES) {
    const user = users[count++]!
    taken += offsets[user + 1]! - offsets[user]!
  }
  return ofUsers(dataset, users.subarray(0, count))
}
