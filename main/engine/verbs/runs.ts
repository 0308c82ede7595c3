/** Verb handlers of runs as the store has them: list, show, compare, note, delete. */
import { badInput, conflict, PylonError } from '../../contract/errors.ts'
import type { CompareResult } from '../../contract/verbs.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { inMetricOrder, overviewOf } from '../../contract/metrics.ts'
import type { RunRow } from '../store/runs.ts'
import type { marksOf } from './marks.ts'

export function runVerbs(context: EngineContext): Handlers<'runs.list' | 'runs.show' | 'runs.compare' | 'runs.note' | 'runs.delete'> {
  const { store, announce } = context
  const { runs, results, datasets, workspace } = store
  return {
    'runs.list': async ({ dataset }) => {
      if (dataset !== undefined) datasets.get(dataset)
      return { runs: results.summaries(runs.list(dataset)) }
    },

    'runs.show': async ({ run }) => {
      const row = runs.resolve(run)
      return results.detail(row, workspace.run(row.id))
    },

    'runs.compare': async ({ runs: asked, unmeasured, metrics, each, plain, tracked }) => {
      const rows = [...new Map(asked.map((text) => runs.resolve(text)).map((row) => [row.id, row])).values()]
      if (!unmeasured) for (const row of rows) checkMeasured(row)
      const summaries = rows.map((row) => results.summary(row))
      const measured = summaries.filter((summary) => summary.protocolHash !== null)
      const groups = Map.groupBy(measured, (summary) => summary.protocolHash!)
      const all = inMetricOrder(summaries.flatMap((summary) => Object.keys(summary.metrics)))
      const shown = metrics.length === 0 ? overviewOf(all) : metrics
      for (const name of shown) if (!all.includes(name)) throw unknownMetric(name, all)
      return {
        runs: rows.map(({ id }) => id),
        metrics: all,
        shown,
        each,
        marks: plain || shown.length === 0 ? null : await marksOrWhy(context, rows, { metrics: shown, families: !each }),
        unmeasured: summaries.filter((summary) => summary.protocolHash === null),
        ...(tracked !== undefined && { tracked: tracked.map((text) => store.tracked.resolve(text).run) }),
        groups: [...groups].map(([hash, members]) => ({ protocol: results.protocol(hash), runs: members })),
        differences: differingPaths(rows.map((row) => row.spec)),
      }
    },

    'runs.note': async ({ run, tags, note }) => {
      const { id } = runs.resolve(run)
      if (tags !== undefined) runs.setTags(id, tags)
      if (note !== undefined) runs.setNote(id, note)
      announce('runs.changed', { run: id })
      return results.summary(runs.resolve(id))
    },

    'runs.delete': async ({ run, dataset, forever }) => {
      if ((run === undefined) === (dataset === undefined)) throw badInput('Say what to delete: a run, or --dataset NAME.')
      if (dataset !== undefined) {
        datasets.remove(dataset, { forever })
        announce('datasets.changed', { dataset })
        return { deleted: dataset, forever }
      }
      const { id } = runs.resolve(run!)
      await letGo(context, [id])
      store.removeRun(id, { forever })
      announce('runs.changed', { run: id })
      return { deleted: id, forever }
    },
  }
}

/**
 * Ends what this engine does with runs that are to be removed: nothing may write into a folder that is moved away.
 * @throws PylonError conflict where one is being trained
 */
export async function letGo({ store, opened, queue }: EngineContext, runs: readonly string[]): Promise<void> {
  for (const run of runs) store.runs.checkRemovable(run)
  await Promise.all(runs.map((run) => opened.forget(run)))
  await queue.release(runs)
}

/** What is compared has its numbers without the test of them; where that fails it is told. */
async function marksOrWhy(...asked: Parameters<typeof marksOf>): Promise<CompareResult['marks']> {
  try {
    return { ...(await (await import('./marks.ts')).marksOf(...asked)), failed: null }
  } catch (error) {
    if (!(error instanceof PylonError)) throw error
    return { groups: [], unranked: [], failed: error.message }
  }
}

function unknownMetric(name: string, known: readonly string[]): PylonError {
  return badInput(`None of these runs has a metric "${name}"; there are ${known.join(', ')}.`, 'metrics')
}

function checkMeasured({ id, state, protocol }: RunRow): void {
  if (protocol === null) throw conflict(`Run ${id} is ${state} and has no metrics to compare: leave it out, or let it finish.`)
}

/** Spec paths whose values are not the same everywhere, in the order of the first spec that has them. */
export function differingPaths(specs: readonly object[]): CompareResult['differences'] {
  const flat = specs.map((spec) => flatten(spec))
  const paths = new Set(flat.flatMap((values) => [...values.keys()]))
  return [...paths]
    .map((path) => ({ path, values: flat.map((values) => values.get(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1)
}

/** Leaves by path: `training.epochs`, `user.features[2].dim`; a list of plain values is one leaf. */
function flatten(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  const plain = (entry: unknown): boolean => typeof entry !== 'object' || entry === null
  if (plain(value) || (Array.isArray(value) && value.every(plain))) into.set(path, value)
  else if (Array.isArray(value)) value.forEach((entry, i) => flatten(entry, `${path}[${i}]`, into))
  else for (const [key, entry] of Object.entries(value as object)) flatten(entry, path === '' ? key : `${path}.${key}`, into)
  return into
}
