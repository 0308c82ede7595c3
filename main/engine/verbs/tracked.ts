/** Verb handlers of runs that other trackers have told of. Nothing ranks them: their numbers were measured by nobody knows which protocol. */
import type { TrackedCurve, TrackedRunRead } from '../../contract/shapes/tracked.ts'
import type { trackedVerbs as table } from '../../contract/verbs/tracked.ts'
import { decimate } from '../decimate.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import type { NewTracked } from '../store/tracked.ts'

/** Points of a curve that are kept. */
const MOST_POINTS = 10_000

export function trackedVerbs({ store, queue, announce }: EngineContext): Handlers<keyof typeof table> {
  const { tracked, datasets } = store
  const changed = (dataset: string): void => announce('tracked.changed', { dataset })
  return {
    'tracked.import': async ({ dataset, path, experiment, map }) => {
      datasets.get(dataset)
      return queue.add({
        job: 'import-tracked',
        beside: true,
        input: () => ({ path, experiment, map }),
        settle: ({ kind, version, runs, notes }) => {
          const { added, replaced } = tracked.add(runs.map((run) => ({ ...kept(run), dataset, kind, version })))
          changed(dataset)
          return { dataset, kind, version, tracked: added, replaced, notes: [...notes, ...thinned(runs)] }
        },
      })
    },

    'tracked.list': async ({ dataset }) => {
      if (dataset !== undefined) datasets.get(dataset)
      return { tracked: tracked.list(dataset) }
    },

    'tracked.delete': async ({ tracked: asked }) => {
      const { dataset, tracked: id } = tracked.resolve(asked).run
      tracked.remove(id)
      changed(dataset)
      return { deleted: id }
    },

    'tracked.curves': async ({ tracked: asked, metric }) => ({
      curves: asked.flatMap((text) => {
        const { run, curves } = tracked.resolve(text)
        const curve = Object.hasOwn(curves, metric) ? curves[metric]! : null
        if (curve === null) return []
        const values = Float64Array.from(curve.values, (value) => value ?? NaN)
        return [{ tracked: run.tracked, name: run.name, metric, steps: Float64Array.from(curve.steps), values }]
      }),
    }),
  }
}

function kept({ curves, ...run }: TrackedRunRead): Omit<NewTracked, 'dataset' | 'kind' | 'version'> {
  const all = [...curves]
  return {
    ...run,
    metrics: Object.fromEntries(all.flatMap(([metric, curve]) => lastOf(curve).map((value) => [metric, value]))),
    curves: Object.fromEntries(all.map(([metric, curve]) => [metric, pointsOf(curve)])),
  }
}

/** The value of the last step, where that is a number: an earlier one would say that the run went well. */
function lastOf({ values }: TrackedCurve): number[] {
  const last = values.at(-1)
  return last !== undefined && Number.isFinite(last) ? [last] : []
}

function pointsOf({ steps, values }: TrackedCurve): NewTracked['curves'][string] {
  const at = [...decimate(values, MOST_POINTS)]
  return { steps: at.map((i) => steps[i]!), values: at.map((i) => (Number.isFinite(values[i]!) ? values[i]! : null)) }
}

function thinned(runs: readonly TrackedRunRead[]): string[] {
  const long = runs.flatMap(({ name, curves }) =>
    [...curves].filter(([, { steps }]) => steps.length > MOST_POINTS).map(([metric]) => `${metric} of ${name}`),
  )
  return long.length === 0 ? [] : [`Drawn by ${MOST_POINTS.toLocaleString('en')} points, no spike left out: ${long.join(', ')}.`]
}
