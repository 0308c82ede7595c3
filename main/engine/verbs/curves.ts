/**
 * Verb handlers of training curves, thinned out for a chart, and of logs. Between two runs the event loop turns, so that a large
 * overlay holds nobody up.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { epochEnds, secondsSpent } from '../curve-axes.ts'
import { decimate } from '../decimate.ts'
import type { RunRow } from '../store/runs.ts'

export function curveVerbs({ store }: EngineContext): Handlers<'curves.steps' | 'curves.epochs' | 'runs.log'> {
  const { runs, curves, results } = store
  return {
    'curves.steps': async ({ runs: asked, points, rates }) => ({
      curves: await each(asked, (id) => {
        const row = runs.resolve(id)
        const all = curves.steps(row.id, row.state !== 'running' && row.state !== 'queued')
        const batch = row.spec.model === 'two-tower' ? row.spec.training.batchSize : null
        const rows = all.step.length
        const kept = rows <= points ? null : decimate(all.loss, points)
        const floats = (values: Float32Array): Float32Array => (kept === null ? values : taken(new Float32Array(kept.length), values, kept))
        return {
          ...about(row),
          rows,
          step: kept === null ? all.step : taken(new Int32Array(kept.length), all.step, kept),
          loss: floats(all.loss),
          seconds: floats(secondsSpent(all, batch)),
          learningRate: rates ? floats(all.learningRate) : null,
          examplesPerSecond: rates ? floats(all.examplesPerSecond) : null,
          batch,
          epochs: epochEnds(all),
        }
      }),
    }),

    'curves.epochs': async ({ runs: asked, metrics }) => ({
      curves: await each(asked, (id) => {
        const row = runs.resolve(id)
        const { validation, ...columns } = curves.epochs(row.id)
        const wanted = Object.entries(validation).filter(([name]) => metrics === undefined || metrics.includes(name))
        return { ...about(row), ...columns, validation: Object.fromEntries(wanted) }
      }),
    }),

    'runs.log': async ({ run, before, limit }) => {
      const lines = results.lines(runs.resolve(run).id, before ?? Number.MAX_SAFE_INTEGER, limit + 1)
      return { lines: lines.slice(0, limit), more: lines.length > limit }
    },
  }
}

/** `values` at `kept`, written to `into`. */
function taken<V extends Float32Array | Int32Array>(into: V, values: V, kept: Int32Array): V {
  for (let i = 0; i < kept.length; i++) into[i] = values[kept[i]!]!
  return into
}

function about({ id, name, seed, state, best_epoch }: RunRow) {
  return { run: id, name, seed, state, bestEpoch: best_epoch }
}

async function each<T>(asked: readonly string[], read: (id: string) => T): Promise<T[]> {
  const found: T[] = []
  for (const id of asked) {
    found.push(read(id))
    await turn()
  }
  return found
}
