/** Verb handlers of rolling backtests. */
import { conflict } from '../../contract/errors.ts'
import type { backtestVerbs as table } from '../../contract/verbs/backtest.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { metricAt } from '../evaluation/ranks.ts'
import type { BacktestJob } from '../queue/job-types.ts'
import { resolveRun } from './run-jobs.ts'

export function backtestVerbs(context: EngineContext): Handlers<keyof typeof table> {
  const { store, queue, owner, announce } = context
  const { backtests } = store
  const changed = (backtest: string): void => announce('backtest.changed', { backtest })

  /** Queues what is asked; how it ends is kept, whichever way. */
  function drive(id: string, { ask, recipes }: Pick<BacktestJob, 'ask' | 'recipes'>): { job: string; backtest: string } {
    const datasetRecord = store.datasets.get(ask.dataset)
    changed(id)
    const { job } = queue.add({
      job: 'backtest',
      threads: context.threads,
      input: () => ({ ask, recipes, work: backtests.work(id), datasetFolder: store.workspace.dataset(datasetRecord.name), datasetRecord }),
      ended: (outcome) => {
        if (outcome.state === 'done') return
        const isCancelled = outcome.state === 'cancelled' || (outcome.state === 'crashed' && outcome.cancelled)
        backtests.stop(id, isCancelled ? 'cancelled' : 'failed', isCancelled ? null : outcome.error.message)
        changed(id)
      },
      settle: (result) => {
        backtests.finish(id, result)
        changed(id)
        return result
      },
    })
    return { job, backtest: id }
  }

  return {
    'datasets.backtest': async (ask) => {
      const { recipe: names, dataset, set, epochs, metric } = ask
      metricAt(metric)
      const { checksum } = store.datasets.get(dataset)
      const recipes = await Promise.all(
        names.map(async (recipe) => {
          const { spec } = await resolveRun(context, { dataset, recipe, set })
          if (spec.model !== 'two-tower') return { recipe, spec }
          // there is no validation part to choose anything by; a closed form has no epochs, and stays one
          const trained = spec.training.epochs === 0 ? [] : [`training.epochs=${epochs}`]
          const fixed = ['training.finalFit=false', 'training.earlyStopping=null', 'training.choose=[]']
          return { recipe, spec: (await resolveRun(context, { dataset, recipe, set: [...trained, ...set, ...fixed] })).spec }
        }),
      )
      const stored = recipes.map(({ recipe, spec }) => ({ recipe, spec: { ...spec } }))
      return drive(backtests.create({ ask, checksum, recipes: stored, owner }), { ask, recipes })
    },

    'backtests.list': async ({ dataset }) => {
      if (dataset !== undefined) store.datasets.get(dataset)
      return { backtests: backtests.list().filter((each) => dataset === undefined || each.dataset === dataset) }
    },

    'backtests.show': async ({ backtest }) => {
      const file = backtests.resolve(backtest)
      const isCurrent = store.datasets.find(file.ask.dataset)?.checksum === file.checksum
      return { ...backtests.summary(file), ask: file.ask, isCurrent, result: file.result }
    },

    'backtests.resume': async ({ backtest }) => {
      const file = backtests.resolve(backtest)
      const { dataset } = file.ask
      if (store.datasets.get(dataset).checksum !== file.checksum)
        throw conflict(`Dataset ${dataset} was replaced since backtest ${file.id} began: start another one.`, 'backtest')
      const recipes = await Promise.all(
        file.recipes.map(async ({ recipe, spec }) => ({ recipe, spec: (await resolveRun(context, { dataset, spec, set: [] })).spec })),
      )
      backtests.claim(file, owner)
      return drive(file.id, { ask: file.ask, recipes })
    },

    'backtests.delete': async ({ backtest, forever }) => {
      const deleted = backtests.remove(backtest, { forever })
      changed(deleted)
      return { deleted, forever }
    },
  }
}
