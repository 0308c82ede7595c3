/**
 * The handlers of all verbs. A group's file is loaded when one of its verbs is first called: the readers, models and indexes it works
 * with would cost every start several times what a list of runs costs.
 */
import { backtestVerbs } from '../contract/verbs/backtest.ts'
import { clusterVerbs } from '../contract/verbs/cluster.ts'
import { curveVerbs } from '../contract/verbs/curves.ts'
import { datasetVerbs } from '../contract/verbs/datasets.ts'
import { dialVerbs } from '../contract/verbs/dial.ts'
import { compatVerbs } from '../contract/verbs/compat.ts'
import { skewVerbs } from '../contract/verbs/skew.ts'
import { differenceVerbs } from '../contract/verbs/difference.ts'
import { encoderVerbs } from '../contract/verbs/encoders.ts'
import { entityVerbs } from '../contract/verbs/entities.ts'
import { exportVerbs } from '../contract/verbs/exports.ts'
import { flowVerbs } from '../contract/verbs/flow.ts'
import { planVerbs } from '../contract/verbs/index-plan.ts'
import { indexVerbs } from '../contract/verbs/indexes.ts'
import { inspectVerbs } from '../contract/verbs/inspect.ts'
import { jobVerbs } from '../contract/verbs/jobs.ts'
import { ledgerVerbs } from '../contract/verbs/ledger.ts'
import { mapVerbs } from '../contract/verbs/map.ts'
import { negativesVerbs } from '../contract/verbs/negatives.ts'
import { neighbourVerbs } from '../contract/verbs/neighbours.ts'
import { publishedVerbs } from '../contract/verbs/published.ts'
import { recipeVerbs } from '../contract/verbs/recipes.ts'
import { recommendationVerbs } from '../contract/verbs/recommendations.ts'
import { reportVerbs } from '../contract/verbs/report.ts'
import { rerankVerbs } from '../contract/verbs/rerank.ts'
import { runVerbs } from '../contract/verbs/runs.ts'
import { runTableVerbs } from '../contract/verbs/runs-table.ts'
import { searchVerbs } from '../contract/verbs/search.ts'
import { segmentVerbs } from '../contract/verbs/segments.ts'
import { servingVerbs } from '../contract/verbs/serving.ts'
import { settingsVerbs } from '../contract/verbs/settings.ts'
import { sliceVerbs } from '../contract/verbs/slices.ts'
import { specVerbs } from '../contract/verbs/specs.ts'
import { systemVerbs } from '../contract/verbs/system.ts'
import { trackedVerbs } from '../contract/verbs/tracked.ts'
import { verdictVerbs } from '../contract/verbs/verdict.ts'
import { workspaceVerbs } from '../contract/verbs/workspace.ts'
import type { VerbName } from '../contract/verbs.ts'
import type { EngineContext, Handlers } from './engine-context.ts'

/** The compiler finds a verb without a handler here, and a handler without a verb in its group's file. */
export function createHandlers(context: EngineContext): Handlers<VerbName> {
  const {
    'runs.start': start,
    'runs.blend': blend,
    'runs.tell': tell,
    'runs.pause': pause,
    'runs.evaluate': evaluate,
    ...stored
  } = runVerbs
  const runJobs = { 'runs.start': start, 'runs.blend': blend, 'runs.tell': tell, 'runs.pause': pause, 'runs.evaluate': evaluate }
  return {
    ...lazily(backtestVerbs, async () => (await import('./verbs/backtest.ts')).backtestVerbs(context)),
    ...lazily(clusterVerbs, async () => (await import('./verbs/cluster.ts')).clusterVerbs(context)),
    ...lazily(curveVerbs, async () => (await import('./verbs/curves.ts')).curveVerbs(context)),
    ...lazily(datasetVerbs, async () => (await import('./verbs/datasets.ts')).datasetVerbs(context)),
    ...lazily({ ...differenceVerbs, ...sliceVerbs }, async () => (await import('./verbs/difference.ts')).differenceVerbs(context)),
    ...lazily(compatVerbs, async () => (await import('./verbs/compat.ts')).compatVerbs(context)),
    ...lazily(skewVerbs, async () => (await import('./verbs/skew.ts')).skewVerbs(context)),
    ...lazily(dialVerbs, async () => (await import('./verbs/dial.ts')).dialVerbs(context)),
    ...lazily(encoderVerbs, async () => (await import('./verbs/encoders.ts')).encoderVerbs(context)),
    ...lazily(entityVerbs, async () => (await import('./verbs/entities.ts')).entityVerbs(context)),
    ...lazily({ ...exportVerbs, ...recommendationVerbs }, async () => (await import('./verbs/exports.ts')).exportVerbs(context)),
    ...lazily(flowVerbs, async () => (await import('./verbs/flow.ts')).flowVerbs(context)),
    ...lazily(planVerbs, async () => (await import('./verbs/index-plan.ts')).planVerbs(context)),
    ...lazily(indexVerbs, async () => (await import('./verbs/indexes.ts')).indexVerbs(context)),
    ...lazily(jobVerbs, async () => (await import('./verbs/jobs.ts')).jobVerbs(context)),
    ...lazily(ledgerVerbs, async () => (await import('./verbs/ledger.ts')).ledgerVerbs(context)),
    ...lazily(mapVerbs, async () => (await import('./verbs/map.ts')).mapVerbs(context)),
    ...lazily(negativesVerbs, async () => (await import('./verbs/negatives.ts')).negativesVerbs(context)),
    ...lazily({ ...neighbourVerbs, ...inspectVerbs }, async () => (await import('./verbs/neighbours.ts')).neighbourVerbs(context)),
    ...lazily(publishedVerbs, async () => (await import('./verbs/published.ts')).publishedVerbs(context)),
    ...lazily(recipeVerbs, async () => (await import('./verbs/recipes.ts')).recipeVerbs(context)),
    ...lazily(reportVerbs, async () => (await import('./verbs/report.ts')).reportVerbs(context)),
    ...lazily(rerankVerbs, async () => (await import('./verbs/rerank.ts')).rerankVerbs(context)),
    ...lazily(runJobs, async () => (await import('./verbs/run-jobs.ts')).runJobVerbs(context)),
    ...lazily(stored, async () => (await import('./verbs/runs.ts')).runVerbs(context)),
    ...lazily(runTableVerbs, async () => (await import('./verbs/runs-table.ts')).runTableVerbs(context)),
    ...lazily(searchVerbs, async () => (await import('./verbs/search.ts')).searchVerbs(context)),
    ...lazily(segmentVerbs, async () => (await import('./verbs/segments.ts')).segmentVerbs(context)),
    ...lazily(servingVerbs, async () => (await import('./verbs/serving.ts')).servingVerbs(context)),
    ...lazily(settingsVerbs, async () => (await import('./verbs/settings.ts')).settingsVerbs(context)),
    ...lazily(specVerbs, async () => (await import('./verbs/specs.ts')).specVerbs(context)),
    ...lazily(systemVerbs, async () => (await import('./verbs/system.ts')).systemVerbs({ ...context, home: context.store.workspace.home })),
    ...lazily(trackedVerbs, async () => (await import('./verbs/tracked.ts')).trackedVerbs(context)),
    ...lazily(verdictVerbs, async () => (await import('./verbs/verdict.ts')).verdictVerbs(context)),
    ...lazily(workspaceVerbs, async () => (await import('./verbs/workspace.ts')).workspaceVerbs(context)),
  }
}

/** Handlers of the verbs of one group of the contract, made once, at the first call of any. */
function lazily<V extends VerbName>(group: Readonly<Record<V, unknown>>, load: () => Promise<Handlers<V>>): Handlers<V> {
  let loaded: Promise<Handlers<V>> | null = null
  const names = Object.keys(group) as V[]
  const handlerOf =
    (name: V): Handlers<V>[V] =>
    async (input) =>
      (await (loaded ??= load()))[name](input)
  return Object.fromEntries(names.map((name) => [name, handlerOf(name)])) as Handlers<V>
}
