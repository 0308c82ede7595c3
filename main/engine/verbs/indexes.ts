/** Verb handlers of the ANN indexes of a run: those beside its own are built by jobs, changed and deleted here, one change at a time. */
import { badInput, conflict } from '../../contract/errors.ts'
import type { IndexInfo } from '../../contract/shapes/ann.ts'
import { isIndexed } from '../../contract/shapes/spec.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import type { RunLocation } from '../queue/job-types.ts'
import { addRewriting, forgetRecords, recordFile } from '../run-location.ts'
import { addIndexItem, removeIndexItems } from '../serving/changes.ts'
import { dropIndex, indexFiles, indexNames, readAnnCurve, type FileRecorder, showIndex } from '../serving/indexes.ts'
import { ANN_CURVE_FILE } from '../model/run-files.ts'
import type { RunRow } from '../store/runs.ts'
import { matchingOf, metricOf } from '../towers/metric.ts'

type IndexVerb = 'index.list' | 'index.build' | 'index.curve' | 'index.drop' | 'index.add' | 'index.remove'

export function indexVerbs(context: EngineContext): Handlers<IndexVerb> {
  const { store, opened, announce } = context
  const inTurn = turns()

  /** Runs one change of an index after the one before it, and lets questions see it. */
  const change = (
    run: string,
    name: string,
    body: (model: Parameters<typeof addIndexItem>[0], records: FileRecorder) => Promise<void>,
  ): Promise<IndexInfo> =>
    inTurn(() =>
      opened.model(run, async (model, id) => {
        const records: FileRecorder = { forget: (files) => forgetRecords(store, id, files), wrote: (file) => recordFile(store, id, file) }
        await body(model, records).finally(() => announce('runs.changed', { run: id }))
        await model.forgetIndex(name)
        return showIndex(model.folders, name, model.catalogue.size('item'))
      }),
    )

  return {
    'index.list': ({ run }) =>
      opened.model(run, async (model, id) => {
        const items = model.catalogue.size('item')
        const { item } = model.vectors
        const names = await indexNames(model.folders.runFolder)
        return {
          run: id,
          items,
          dim: model.dim,
          metric: model.metric,
          vectorBytes: item.byteLength,
          engineBytes: process.memoryUsage.rss(),
          indexes: await Promise.all(names.map((name) => showIndex(model.folders, name, items))),
          curve: await readAnnCurve(model.folders),
        }
      }),

    'index.build': async ({ run, name, connectivity, expansionAdd, expansionSearch, scalar, threads: asked, replace }) => {
      const row = indexed(store.runs.resolveFinished(run))
      const names = await indexNames(store.workspace.run(row.id))
      if (!replace && names.includes(name))
        throw conflict(`Run ${row.id} has an index "${name}": choose another name, or replace it.`, 'name')
      if (scalar === 'i8' && metricOf(matchingOf(row.spec)) !== 'cosine')
        throw badInput('i8 needs vectors of one length, and this run does not match by cosine: choose f16 or f32.', 'scalar')
      return addRewriting(context, row, indexFiles(name), {
        job: 'index',
        threads: asked,
        input: (place) => ({ ...place, name, index: { connectivity, expansionAdd, expansionSearch, scalar } }),
        settle: (result) => {
          void opened.model(row.id, (model) => model.forgetIndex(name)).catch(() => {})
          return result
        },
      })
    },

    'index.curve': async ({ run, ...ask }) => {
      const row = indexed(store.runs.resolveFinished(run))
      const input = (location: RunLocation) => ({ ...location, ask: { run, ...ask } })
      return addRewriting(context, row, [ANN_CURVE_FILE], { job: 'curve', threads: context.threads, input })
    },

    'index.drop': ({ run, name }) =>
      inTurn(() =>
        opened.model(run, async (model, id) => {
          await model.forgetIndex(name)
          forgetRecords(store, id, indexFiles(name))
          await dropIndex(model.folders.runFolder, name)
          announce('runs.changed', { run: id })
          return {}
        }),
      ),

    'index.add': ({ run, name, ...item }) => change(run, name, (model, records) => addIndexItem(model, name, item, records)),
    'index.remove': ({ run, name, items, restore }) =>
      change(run, name, (model, records) => removeIndexItems(model, name, { items, restore }, records)),
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
export function indexed(row: RunRow): RunRow {
  if (isIndexed(row.spec)) return row
  throw badInput(`A run of ${row.spec.model} has no ANN index: choose a two-tower run or a blend.`, 'run')
}
