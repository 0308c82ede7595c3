/** What the verbs tell of a search: in a list, and all of one. */
import type { SearchDetail, SearchSummary, SearchTrial } from '../../contract/shapes/search.ts'
import type { EngineContext } from '../engine-context.ts'
import { importanceOf } from '../search/importance.ts'
import { ranked } from '../search/next.ts'
import type { SearchRow } from '../store/searches.ts'

/** What a search is told by in a list. */
export function searchSummary(row: SearchRow, trials: readonly SearchTrial[]): SearchSummary {
  const { id, dataset, spec, state, reason, error, created_at } = row
  const [best] = ranked(trials)
  const recipe = spec.spec['recipe']
  return {
    search: id,
    name: spec.name,
    dataset,
    recipe: typeof recipe === 'string' ? recipe : null,
    state,
    over: state === 'interrupted' ? 'died' : reason,
    error,
    createdAt: created_at,
    metric: spec.metric,
    sampler: spec.sampler.kind,
    stop: spec.stop.kind,
    trials: trials.filter(({ finalOf }) => finalOf === null).length,
    ofTrials: spec.budget.trials,
    seconds: trials.reduce((sum, trial) => sum + trial.seconds, 0),
    best: best === undefined ? null : { trial: best.number, value: best.value! },
  }
}

/** Complete trials that importances are worked out from, at least. */
const ENOUGH_TRIALS = 5

export function searchDetail({ store }: Pick<EngineContext, 'store'>, id: string): SearchDetail {
  const row = store.searches.resolve(id)
  const list = store.searches.trials(row.id)
  const complete = list.flatMap(({ state, finalOf, params, value }) =>
    state === 'complete' && finalOf === null && value !== null ? [{ params, value }] : [],
  )
  return {
    ...searchSummary(row, list),
    spec: row.spec,
    list,
    importance: complete.length < ENOUGH_TRIALS ? {} : importanceOf(row.spec.space, complete),
    verdict: row.verdict,
    promoted: store.searches.promoted(row.id),
  }
}
