/** Values of trials as colours and shares: the best trial is 1, the worst 0. */
import type { SearchTrial } from '@contract/shapes/search.ts'

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

/** From the quiet colour of lines to the accent. */
export const colourOf = (share: number): string => `color-mix(in oklab, var(--accent) ${Math.round(100 * share)}%, var(--line-strong))`
