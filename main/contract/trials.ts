/** The trials of a run as a table: for the command line and the page. */
import type { Trial } from './shapes/run.ts'

/** The settings that occur, by their paths and by their last names, and which trial was taken: the first of the highest. */
export function trialsTable(trials: readonly Trial[]): { settings: { path: string; name: string }[]; taken: number } {
  const paths = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))]
  const values = trials.map(({ value }) => value)
  return { settings: paths.map((path) => ({ path, name: path.split('.').at(-1)! })), taken: values.indexOf(Math.max(...values)) }
}
