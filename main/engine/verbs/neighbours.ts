/** Neighbours: items for a user, items like an item, from a finished run's model. The last few models stay loaded. */
import { Loaded } from '../ann/loaded.ts'
import type { EngineContext, Handlers } from '../context.ts'
import { OpenModel } from '../serving/model.ts'
import { recommend, similar } from '../serving/neighbours.ts'

/** Models kept in memory: two runs side by side, and one more. */
const KEPT = 3

export function neighbourVerbs({ store, threads }: EngineContext): Handlers<'neighbours.recommend' | 'neighbours.similar'> {
  const models = new Loaded<OpenModel>({
    capacity: KEPT,
    load: (id) => {
      const { dataset, spec } = store.runs.resolve(id)
      return OpenModel.open(store.workspace.run(id), store.workspace.dataset(dataset), spec, threads)
    },
    dispose: (model) => model.dispose(),
  })
  return {
    'neighbours.recommend': async ({ run, user, features, k, includeSeen, ann }) => {
      const { id } = store.runs.resolveFinished(run)
      return { run: id, ...(await models.with(id, (model) => recommend(model, { id: user, features, k, ann }, includeSeen))) }
    },
    'neighbours.similar': async ({ run, item, features, k, ann }) => {
      const { id } = store.runs.resolveFinished(run)
      return { run: id, ...(await models.with(id, (model) => similar(model, { id: item, features, k, ann }))) }
    },
  }
}
