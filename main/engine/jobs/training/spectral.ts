/** Starts a model from the closed form: its decomposition, its three settings chosen on the validation part, its tables filled. */
import { badInput } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { interactionMatrix } from '../../dataset/interaction-matrix.ts'
import type { JobContext, JobFact } from '../../queue/job-types.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import { type SpectralSettings, spectralVectors, startSpectral } from '../../training/spectral/start.ts'
import { randomizedSvd, svdBytes } from '../../training/spectral/svd.ts'
import { asFacts } from './facts.ts'
import { trialMeter } from './measure.ts'
import { climb } from './tune.ts'

/** Where the search begins, and what is taken where there is no validation part. */
const START = { filter: 3, gamma: 0.5 }
const FILTERS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20]
const GAMMAS = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 2]

/**
 * Fills the tables of a fresh model.
 * @param known the settings that an earlier pass chose; null: those that are open are chosen on the validation part, where there is one
 * @returns the settings
 * @throws PylonError bad-input where more memory is needed than the spec allows
 */
export async function* startFromSpectral(
  phase: TrainingSetup,
  init: Extract<TwoTowerSpec['training']['init'], { kind: 'spectral' }>,
  parts: readonly Part[],
  known: SpectralSettings | null,
  context: JobContext,
): AsyncGenerator<JobFact, SpectralSettings> {
  const { spec, dataset, encoders, state } = phase
  const id = encoders.item.find(({ feature }) => feature.kind === 'id')?.feature
  if (id?.kind !== 'id') throw new Error('The spec was checked for the ids of items.')
  const { dim } = id
  const matrix = interactionMatrix(dataset, parts, spec.training.events)
  const gigabytes = svdBytes(matrix, dim) / 1e9
  const size = `${matrix.users.toLocaleString('en')} users × ${matrix.items.toLocaleString('en')} items at width ${dim}`
  if (gigabytes > init.memoryGb)
    throw badInput(
      `The decomposition of ${size} needs about ${gigabytes.toFixed(1)} GB, more than memoryGb ${init.memoryGb}. Raise it, or make the ids narrower.`,
      'training.init.memoryGb',
    )
  yield { kind: 'message', level: 'info', text: `The decomposition of ${size} needs about ${gigabytes.toFixed(2)} GB.` }
  const svd = yield* asFacts(randomizedSvd(matrix, { rank: dim, seed: spec.training.seed, threads: context.threads }), context.signal)
  const settings = known ?? (yield* choose())
  const vectors = spectralVectors(svd, matrix, settings, dim)
  const written = await startSpectral(state, encoders, dataset, vectors, dim)
  yield {
    kind: 'message',
    level: 'info',
    text: `${written.toLocaleString('en')} rows of tables start from the closed form: ${wordsOf(settings)}.`,
  }
  return settings

  async function* choose(): AsyncGenerator<JobFact, SpectralSettings> {
    const start = {
      filter: init.filter ?? START.filter,
      gamma: init.gamma ?? START.gamma,
      rank: Math.min(init.rank ?? Infinity, svd.rank),
    }
    if (dataset.manifest.parts.validation === 0) return start
    const grids = { filter: FILTERS, gamma: GAMMAS, rank: ranksUpTo(svd.rank) }
    const open = (['filter', 'gamma', 'rank'] as const).filter((name) => init[name] === null)
    const byPath = <T>(of: Readonly<Record<(typeof open)[number], T>>): Record<string, T> =>
      Object.fromEntries(open.map((name) => [pathOf(name), of[name]]))
    const settingsOf = (at: Readonly<Record<string, number>>): SpectralSettings => ({
      ...start,
      ...Object.fromEntries(open.map((name) => [name, at[pathOf(name)]!])),
    })
    const valueOf = trialMeter(spec, dataset, context)
    const measure = (at: Readonly<Record<string, number>>): AsyncGenerator<JobFact, number> => {
      const tried = settingsOf(at)
      const { users, items } = spectralVectors(svd, matrix, tried, tried.rank)
      return valueOf({ kind: 'vectors', dim: tried.rank, users: users(), items: items(), matching: 'dot' })
    }
    return settingsOf(yield* climb(byPath(start), byPath(grids), measure))
  }
}

const pathOf = (name: string): string => `training.init.${name}`

/** Halves of the width down to 16. */
function ranksUpTo(width: number): number[] {
  const ranks = [width]
  for (let rank = 2 ** Math.floor(Math.log2(width - 1)); rank >= 16; rank /= 2) ranks.unshift(rank)
  return ranks
}

const wordsOf = ({ rank, filter, gamma }: SpectralSettings): string => `rank ${rank}, filter e^(${filter} σ), γ ${gamma}`
