/** Verb handler of rolling backtests. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { resolveRun } from './run-jobs.ts'

export function backtestVerbs(context: EngineContext): Handlers<'datasets.backtest'> {
  const { store, queue } = context
  return {
    'datasets.backtest': async (ask) => {
      const { recipe: names, dataset, set, epochs, metric } = ask
      metricAt(metric)
      const datasetRecord = store.datasets.get(dataset)
      const recipes = await Promise.all(
        names.map(async (recipe) => {
          const { spec } = await resolveRun(context, { dataset, recipe, set })
          if (spec.model !== 'two-tower') return { recipe, spec }
          // there is no validation part to choose anything by
          const fixed = [`training.epochs=${epochs}`, 'training.finalFit=false', 'training.earlyStopping=null', 'training.choose=[]']
          return { recipe, spec: (await resolveRun(context, { dataset, recipe, set: [...set, ...fixed] })).spec }
        }),
      )
      return queue.add({
        job: 'backtest',
        threads: context.threads,
        input: () => ({ ask, recipes, datasetFolder: store.workspace.dataset(datasetRecord.name), datasetRecord }),
        settle: (result) => result,
      })
    },
  }
}
