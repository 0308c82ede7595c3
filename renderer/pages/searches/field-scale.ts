/** Where the values of a field lie on an axis of length 1, for pictures of trials; a value that a trial does not have lies nowhere. */
import type { Dimension, SearchTrial } from '@contract/shapes/search.ts'
import { number } from '@/composables/format.ts'
import { shortText } from '@/features/run/config-sections.ts'

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

export function fieldScale(path: string, dimension: Dimension): FieldScale {
  const title = path.split('.').slice(-2).join('.')
  const text = (trial: Pick<SearchTrial, 'params'>): string | null => (path in trial.params ? valueText(trial.params[path]) : null)
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
      ticks: dimension.values.map((value, i) => ({ at: at(i), text: valueText(value) })),
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

export const valueText = (value: unknown): string => (typeof value === 'number' ? number(value, 4) : shortText(value))
