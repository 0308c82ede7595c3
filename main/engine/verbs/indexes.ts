/** ANN indexes of a run: those beside its own are built by jobs, changed and deleted here, one change at a time. */
import { PylonError } from '../../contract/errors.ts'
import type { IndexShow } from '../../contract/shapes/ann.ts'
import type { EngineContext, Handlers } from '../context.ts'
import type { RunPlace } from '../jobs/types.ts'
import { errorOf } from '../queue.ts'
import { addItem, removeItems } from '../serving/changes.ts'
import { dropIndex, indexNames, readCurve, showIndex } from '../serving/indexes.ts'
import type { RunRow } from '../store/runs.ts'

type IndexVerb = 'index.list' | 'index.build' | 'index.curve' | 'index.drop' | 'index.add' | 'index.remove'

export function indexVerbs(context: EngineContext): Handlers<IndexVerb> {
  const { store, queue, opened } = context
  const inTurn = turns()

  /** Runs one change of an index after the one before it, and lets questions see it. */
  const change = (run: string, name: string, body: (model: Parameters<typeof addItem>[0]) => Promise<void>): Promise<IndexShow> =>
    inTurn(() =>
      opened.model(run, async (model) => {
        await body(model)
        await model.forgetIndex(name)
        return showIndex(model.folder, name, model.catalogue.size('item'))
      }),
    )

  return {
    'index.list': ({ run }) =>
      opened.model(run, async (model, id) => {
        const items = model.catalogue.size('item')
        const { item } = model.vectors
        const names = await indexNames(model.folder)
        return {
          run: id,
          items,
          dim: model.dim,
          metric: model.metric,
          vectorBytes: item.byteLength,
          engineBytes: process.memoryUsage.rss(),
          indexes: await Promise.all(names.map((name) => showIndex(model.folder, name, items))),
          curve: await readCurve(model.folder),
        }
      }),

    'index.build': async ({ run, name, connectivity, expansionAdd, expansionSearch, scalar, threads: asked, replace }) => {
      const row = twoTower(store.runs.resolveFinished(run))
      const names = await indexNames(store.workspace.run(row.id))
      if (!replace && names.includes(name))
        throw new PylonError('conflict', `Run ${row.id} has an index "${name}": choose another name, or replace it.`, 'name')
      if (scalar === 'i8' && row.spec.model === 'two-tower' && row.spec.match.kind !== 'cosine')
        throw new PylonError(
          'bad-input',
          'i8 needs vectors of one length, and this run does not match by cosine: choose f16 or f32.',
          'scalar',
        )
      const job = queue.add({
        job: 'index',
        run: row.id,
        threads: asked,
        input: () => ({ ...place(context, row), name, index: { connectivity, expansionAdd, expansionSearch, scalar } }),
        settle: (outcome) => {
          if (outcome.state !== 'done') throw errorOf(outcome)
          void opened.model(row.id, (model) => model.forgetIndex(name)).catch(() => {})
          return outcome.result
        },
      })
      return { job }
    },

    'index.curve': async ({ run, ...ask }) => {
      const row = twoTower(store.runs.resolveFinished(run))
      const job = queue.add({
        job: 'curve',
        run: row.id,
        threads: context.threads,
        input: () => ({ ...place(context, row), ask: { run, ...ask } }),
        settle: (outcome) => {
          if (outcome.state !== 'done') throw errorOf(outcome)
          return outcome.result
        },
      })
      return { job }
    },

    'index.drop': ({ run, name }) =>
      inTurn(() =>
        opened.model(run, async (model) => {
          await model.forgetIndex(name)
          await dropIndex(model.folder, name)
          return {}
        }),
      ),

    'index.add': ({ run, name, ...item }) => change(run, name, (model) => addItem(model, name, item)),
    'index.remove': ({ run, name, items, restore }) => change(run, name, (model) => removeItems(model, name, items, restore)),
  }
}

/** Changes one after the other: each reads the file that the one before has written. */
function turns(): <R>(body: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve()
  return (body) => {
    const next = last.then(body, body)
    last = next.catch(() => {})
    return next
  }
}

/** @throws PylonError bad-input for a run that has no index */
function twoTower(row: RunRow): RunRow {
  if (row.spec.model === 'two-tower') return row
  throw new PylonError('bad-input', `A run of ${row.spec.model} has no ANN index: choose a two-tower run.`, 'run')
}

function place({ store }: EngineContext, { id, dataset, spec }: RunRow): RunPlace {
  return { run: id, runFolder: store.workspace.run(id), datasetFolder: store.workspace.dataset(dataset), spec }
}
