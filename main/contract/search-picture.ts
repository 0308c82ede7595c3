/** Where trials of a search lie in a picture: values of their fields on axes of length 1, and what they reached as shares of the best. */
import type { Dimension, SearchTrial } from './shapes/search.ts'
import { shortText } from './short-text.ts'

type NumberText = (value: number, digits?: number) => string

export interface FieldScale {
  readonly path: string
  /** the last two names of the path */
  readonly title: string
  /** 0 to 1; null where the trial has no such field, or a value that is not of the space */
  readonly place: (trial: Pick<SearchTrial, 'params'>) => number | null
  /** text of the trial's value; null where there is none */
  readonly text: (trial: Pick<SearchTrial, 'params'>) => string | null
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** The axis of a field. A value that a trial does not have lies nowhere. */
export function fieldScale(path: string, dimension: Dimension, number: NumberText): FieldScale {
  const title = path.split('.').slice(-2).join('.')
  const text = (trial: Pick<SearchTrial, 'params'>): string | null => (path in trial.params ? valueText(trial.params[path], number) : null)
  if (dimension.kind === 'choice') {
    const keys = dimension.values.map((value) => JSON.stringify(value))
    const at = (i: number): number => (keys.length === 1 ? 0.5 : i / (keys.length - 1))
    return {
      path,
      title,
      text,
      place: ({ params }) => {
        const i = path in params ? keys.indexOf(JSON.stringify(params[path])) : -1
        return i < 0 ? null : at(i)
      },
      ticks: dimension.values.map((value, i) => ({ at: at(i), text: valueText(value, number) })),
    }
  }
  const { low, high, log } = dimension
  const scale = (x: number): number => (log ? Math.log(x) : x)
  const share = (x: number): number => (high === low ? 0.5 : (scale(x) - scale(low)) / (scale(high) - scale(low)))
  const middle = log ? Math.sqrt(low * high) : (low + high) / 2
  return {
    path,
    title,
    text,
    place: ({ params }) => {
      const value = params[path]
      return typeof value === 'number' && value >= low && value <= high ? share(value) : null
    },
    ticks: [low, ...(high > low && !dimension.integer ? [middle] : []), ...(high > low ? [high] : [])].map((value) => ({
      at: share(value),
      text: number(value, 3),
    })),
  }
}

export const valueText = (value: unknown, number: NumberText): string => (typeof value === 'number' ? number(value, 4) : shortText(value))

/** A trial that has a value. */
export type Valued = SearchTrial & { readonly value: number }

/** Trials with a value, finals left out, in their order. */
export const valued = (trials: readonly SearchTrial[]): Valued[] =>
  trials.filter((trial): trial is Valued => trial.finalOf === null && trial.value !== null)

/** Where a value stands between the lowest and the highest of the trials, 0 to 1; 1 where all are equal. */
export function shareOf(trials: readonly Valued[]): (value: number) => number {
  const values = trials.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return (value) => (high > low ? (value - low) / (high - low) : 1)
}

/**
 * A trial's line over axes, as parts of an SVG path: a stretch of axes that the trial has, a point where it has one alone. Where it has no
 * place, the line breaks instead of crossing the axis somewhere.
 */
export function brokenLine(places: readonly (number | null)[], x: (axis: number) => number, y: (at: number) => number): string {
  let path = ''
  let isOpen = false
  for (const [i, at] of places.entries()) {
    if (at !== null) path += `${isOpen ? 'L' : 'M'}${x(i).toFixed(1)},${y(at).toFixed(1)}${isOpen ? '' : 'h0'}`
    isOpen = at !== null
  }
  return path
}

/** Trials in their order, finals left out, with the best value so far: by their number, or by minutes of training. */
export function bestSoFar(
  trials: readonly SearchTrial[],
  over: 'trials' | 'minutes',
): { readonly trial: SearchTrial; readonly x: number; readonly best: number | null }[] {
  let minutes = 0
  let best = -Infinity
  return trials
    .filter(({ finalOf }) => finalOf === null)
    .map((trial, i) => {
      minutes += trial.seconds / 60
      best = Math.max(best, trial.value ?? -Infinity)
      return { trial, x: over === 'trials' ? i + 1 : minutes, best: best === -Infinity ? null : best }
    })
}
