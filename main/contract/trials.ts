/** The trials of a run as a table: for the command line and the page. */
import type { Trial } from './shapes/run.ts'

/** Trials of the same settings together, in the order in which they were tried. */
export function trialGroups(trials: readonly Trial[]): Trial[][] {
  const groups = new Map<string, Trial[]>()
  for (const trial of trials) {
    const key = Object.keys(trial.settings).sort().join()
    groups.set(key, [...(groups.get(key) ?? []), trial])
  }
  return [...groups.values()]
}

export type TrialsOf = 'blend' | 'loss' | 'directions' | 'newItems' | 'closedForm' | 'model'

/** What trials of the same settings decide. */
export function trialsOf(trials: readonly Trial[]): TrialsOf {
  const paths = Object.keys(trials[0]?.settings ?? {})
  const is = (pattern: RegExp): boolean => paths.some((path) => pattern.test(path))
  if (is(/^weights\./)) return 'blend'
  if (is(/^(loss|match)\./)) return 'loss'
  if (is(/^training\.init\.(coldScale|shrinkage)$/)) return 'newItems'
  if (is(/^training\.init\.(filter|gamma)$/)) return 'closedForm'
  return is(/^training\.init\.rank$/) ? 'directions' : 'model'
}

/** The settings that occur, by their paths and by their last names, and which trial was taken: the first of the highest. */
export function trialsTable(trials: readonly Trial[]): { settings: { path: string; name: string }[]; taken: number } {
  const paths = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))]
  const values = trials.map(({ value }) => value)
  return {
    settings: paths.map((path) => ({
      path,
      name: path
        .replace(/\.value$/, '')
        .split('.')
        .at(-1)!,
    })),
    taken: values.indexOf(Math.max(...values)),
  }
}

/** What was measured along one setting: where only one varies, or two shares that add up to 1; null where more do. x ascends. */
export function trialsCurve(trials: readonly Trial[]): { readonly path: string; readonly x: number[]; readonly y: number[] } | null {
  const { settings } = trialsTable(trials)
  const areShares = settings.length === 2 && settings.every(({ path }) => path.startsWith('weights.'))
  const path = settings[0]?.path
  if (path === undefined || (settings.length > 1 && !areShares)) return null
  const points = trials.map((trial) => ({ x: trial.settings[path]!, y: trial.value })).sort((a, b) => a.x - b.x)
  return points.length < 3 ? null : { path, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }
}
