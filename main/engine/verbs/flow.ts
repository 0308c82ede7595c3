/** Verb handler of time travel: one query over epochs and runs. */
import { badInput } from '../../contract/errors.ts'
import type { FlowResult } from '../../contract/verbs/flow.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { describeEntities } from '../serving/entity.ts'
import { type FlowColumn, flowOf, rankFlow, sideOf } from '../serving/flow.ts'

export function flowVerbs({ store, opened, threads }: EngineContext): Handlers<'neighbours.flow'> {
  return {
    'neighbours.flow': async ({ runs, user, item, k, epochs, includeSeen, csv }) => {
      const asked = sideOf({ user, item })
      const rows = runs.map((run) => store.runs.resolveFinished(run))
      const { dataset } = rows[0]!
      const other = rows.find((row) => row.dataset !== dataset)
      if (other !== undefined)
        throw badInput(
          `Run ${rows[0]!.id} is of dataset ${dataset} and run ${other.id} of ${other.dataset}: ask runs of one dataset.`,
          'runs',
        )
      const columns: (FlowResult['columns'][number] & Pick<FlowColumn, 'candidates'>)[] = []
      const without: FlowResult['without'] = []
      for (const { id: run, name, best_epoch } of rows) {
        const flow = await opened.model(run, (model) => flowOf(model, { ...asked, k, epochs, includeSeen }, best_epoch, threads))
        columns.push(...flow.columns.map((column) => ({ run, name, ...column })))
        if (flow.without !== null) without.push({ run, name, ...flow.without })
      }
      return opened.catalogue(dataset, async (catalogue) => {
        const index = await catalogue.indexOf(asked.side, asked.id)
        const { title } = (await describeEntities(catalogue, asked.side, [index]))[0]!
        return {
          query: { ...asked, title },
          k,
          csv,
          items: await rankFlow(catalogue, columns, k),
          columns: columns.map(({ candidates: _, ...column }) => column),
          without,
        }
      })
    },
  }
}
