/**
 * Verb handlers of the feature ledger: a job permutes the columns of a trained run; its ablation is a search whose trials have the run's spec
 * without a column, or with a column shuffled, each with the same seeds. The newest ledger stays with the run.
 */
import { badInput, conflict } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { Feature } from '../../contract/shapes/features.ts'
import { type Dimension, type SearchSpec, searchSchema, type SearchTrial } from '../../contract/shapes/search.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { ABLATIONS, type Ablation, ledgerResult } from '../../contract/verbs/ledger.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { columnsOf, type ReadColumn } from '../evaluation/ledger/columns.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { readJsonFile } from '../files/json-file.ts'
import { optionalRunFile, RUN_FILES } from '../model/run-files.ts'
import type { AblationTrial, LedgerJob, RunLocation } from '../queue/job-types.ts'
import { addRewriting, runLocation } from '../run-location.ts'
import { gridOf, isSame } from '../search/space.ts'
import type { RunRow } from '../store/runs.ts'
import { driveSearch } from './drive-search.ts'

/** What the shuffled values of a column are drawn by, the same for all seeds of the training. */
const SHUFFLE_SEED = 1

export function ledgerVerbs(context: EngineContext): Handlers<'runs.ledger' | 'runs.ledgered' | 'runs.ablate'> {
  const { store, owner, announce } = context
  return {
    'runs.ledger': async ({ run, ...ask }) => {
      const row = store.runs.resolveFinished(run)
      metricAt(ask.metric)
      const input = (location: RunLocation) => ({ ...location, ask: { run: row.id, ...ask }, ...ablationOf(context, row) })
      return addRewriting(context, row, [RUN_FILES.ledger], { job: 'ledger', threads: context.threads, input })
    },

    'runs.ledgered': async ({ run }) => {
      const path = await optionalRunFile(runLocation(store, store.runs.resolve(run)), RUN_FILES.ledger)
      return path === null ? null : readJsonFile(path, ledgerResult)
    },

    'runs.ablate': async ({ run, columns, how, seeds, metric, threads }) => {
      const row = store.runs.resolveFinished(run)
      const spec = twoTowerOf(row)
      metricAt(metric)
      if (store.datasets.get(row.dataset).parts.validation === 0)
        throw conflict(`Dataset "${row.dataset}" has no validation part to measure trials on: import it with another split.`, 'run')
      const search = ablationSearch(row, spec, { columns, how: how.length === 0 ? ABLATIONS : how, seeds, metric })
      const id = store.searches.create({ spec: search, threads: threads ?? context.threads, executor: null, owner })
      announce('search.changed', { search: id })
      return driveSearch(context, id, [])
    },
  }
}

function twoTowerOf({ spec }: RunRow): TwoTowerSpec & { readonly model: 'two-tower' } {
  if (spec.model === 'two-tower') return spec
  throw badInput(`A run of ${spec.model} reads no columns: ask for a two-tower.`, 'run')
}

const SIDES = ['user', 'item'] as const
const featuresOf = (spec: TwoTowerSpec, side: ReadColumn['side']): readonly Feature[] => spec[side].features as readonly Feature[]
const fullName = ({ side, name }: ReadColumn): string => `${side}.${name}`

/** The features of a side without a column, or with it shuffled; null where that cannot be. */
function ablated(features: readonly Feature[], column: ReadColumn, how: Ablation): Feature[] | null {
  const isOf = ({ name }: Feature): boolean => column.features.some((each) => each.name === name)
  const rest = features.filter((feature) => !isOf(feature))
  if (how === 'without') return rest.length === 0 ? null : rest
  return column.isMetadata
    ? features.map((feature) => (isOf(feature) ? ({ ...feature, shuffled: SHUFFLE_SEED } as Feature) : feature))
    : null
}

function variantsOf(spec: TwoTowerSpec): { column: ReadColumn; how: Ablation; features: Feature[] }[] {
  return columnsOf({ user: featuresOf(spec, 'user'), item: featuresOf(spec, 'item') }).flatMap((column) =>
    ABLATIONS.flatMap((how) => {
      const features = ablated(featuresOf(spec, column.side), column, how)
      return features === null ? [] : [{ column, how, features }]
    }),
  )
}

function ablationSearch(
  row: RunRow,
  spec: TwoTowerSpec,
  { columns, how, seeds, metric }: { columns: readonly string[]; how: readonly Ablation[]; seeds: number; metric: string },
): SearchSpec {
  const all = variantsOf(spec)
  const names = columnsOf({ user: featuresOf(spec, 'user'), item: featuresOf(spec, 'item') }).map(fullName)
  const unknown = columns.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw badInput(`The run reads no "${unknown}"; ${didYouMean(unknown, names)}it reads ${names.join(', ')}.`, 'columns')
  const asked = all.filter((each) => how.includes(each.how) && (columns.length === 0 || columns.includes(fullName(each.column))))
  if (asked.length === 0) throw badInput('Nothing can be left out: each tower has to read something.', 'columns')
  const valuesOf = (side: ReadColumn['side']): unknown[] => [
    featuresOf(spec, side),
    ...asked.filter(({ column }) => column.side === side).map(({ features }) => features),
  ]
  const choice = (values: unknown[], when: Dimension['when'] = null): Dimension => ({ kind: 'choice', values, tied: [], when })
  const first = spec.training.seed
  return searchSchema.parse({
    name: `${row.name.slice(0, 180)} · ablation`,
    dataset: row.dataset,
    spec: { ...spec, training: { ...spec.training, choose: [] } },
    // one side changes at a time: the items' only where the users' are as they are
    space: {
      'training.seed': choice(Array.from({ length: seeds }, (_, i) => first + i)),
      'user.features': choice(valuesOf('user')),
      'item.features': choice(valuesOf('item'), { path: 'user.features', in: [featuresOf(spec, 'user')] }),
    },
    metric,
    sampler: { kind: 'grid' },
    budget: { trials: null },
    finals: { top: 0 },
    ablates: row.id,
  })
}

/** The newest ablation of a run, and its trials that have ended. */
function ablationOf({ store }: EngineContext, row: RunRow): Pick<LedgerJob, 'trials' | 'ablation'> {
  const search = store.searches.list().find(({ spec }) => spec.ablates === row.id)
  if (search === undefined || row.spec.model !== 'two-tower') return { trials: [], ablation: null }
  const { spec } = row
  const variants = variantsOf(spec)
  const trials = store.searches.trials(search.id)
  const seen = trials.flatMap((trial): AblationTrial[] => {
    if (trial.state !== 'complete' && trial.state !== 'failed') return []
    const changed = SIDES.map((side) => [side, trial.params[`${side}.features`]] as const).find(
      ([side, features]) => features !== undefined && !isSame(features, featuresOf(spec, side)),
    )
    const variant = changed && variants.find(({ column, features }) => column.side === changed[0] && isSame(features, changed[1]))
    if (changed !== undefined && variant === undefined) return []
    return [
      {
        column: variant === undefined ? null : fullName(variant.column),
        how: variant?.how ?? null,
        seed: Number(trial.params['training.seed']),
        place: placeOf(store, trial),
        epochs: trial.epochs,
        seconds: trial.seconds,
        error: trial.error,
      },
    ]
  })
  const ofTrials = Iterator.from(gridOf(search.spec.space, 2)).reduce((sum) => sum + 1, 0)
  return { trials: seen, ablation: { search: search.id, state: search.state, trials: trials.length, ofTrials } }
}

function placeOf(store: EngineContext['store'], { run, state }: SearchTrial): RunLocation | null {
  return run === null || state !== 'complete' ? null : { ...runLocation(store, store.runs.resolve(run)) }
}
