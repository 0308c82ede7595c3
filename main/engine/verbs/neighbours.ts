/** Verb handlers of retrieval: what a finished run retrieves, and why. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { historyContributions } from '../serving/contributions.ts'
import { formFields } from '../serving/typed-form.ts'
import { inspectRetrieval } from '../serving/inspect-retrieval.ts'
import { neighbours } from '../serving/neighbours.ts'

export function neighbourVerbs({
  opened,
}: EngineContext): Handlers<
  'neighbours.recommend' | 'neighbours.similar' | 'neighbours.inspect' | 'neighbours.contributions' | 'neighbours.form'
> {
  return {
    'neighbours.recommend': ({ run, user, features, k, includeSeen, ann }) =>
      opened.model(run, async (model, id) => ({
        run: id,
        ...(await neighbours(model, { side: 'user', id: user, features, k, includeSeen, ann })),
      })),
    'neighbours.similar': ({ run, item, features, k, ann }) =>
      opened.model(run, async (model, id) => ({
        run: id,
        ...(await neighbours(model, { side: 'item', id: item, features, k, includeSeen: true, ann })),
      })),
    'neighbours.inspect': ({ run, id, features, ...asked }) =>
      opened.model(run, async (model, found) => ({ run: found, ...(await inspectRetrieval(model, { id, features, ...asked })) })),
    'neighbours.contributions': ({ run, ...asked }) =>
      opened.model(run, async (model, found) => ({ run: found, ...(await historyContributions(model, asked)) })),
    'neighbours.form': ({ run, side }) => opened.model(run, async (model) => ({ fields: await formFields(model, side) })),
  }
}
