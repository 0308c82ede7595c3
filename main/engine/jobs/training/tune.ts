/**
 * Chooses the settings that a baseline's spec leaves open on the validation part: one step of a grid at a time, setting by setting, as
 * long as that gains. Small: six to a dozen fits of train alone, on the most frequent items where a fit costs their number
 * cubed, and with few epochs where it has any. An opponent that was not tuned is no opponent.
 */
import type { Trial } from '../../../contract/shapes/run.ts'
import type { BaselineSpec, SettledBaseline, TunedSetting } from '../../../contract/shapes/spec.ts'
import type { JobFact } from '../../queue/job-types.ts'
import { CHOSEN_BY } from './measure.ts'

interface Tuned {
  /** rising */
  readonly grid: readonly number[]
  /** where the search starts, and what is taken where there is no validation part; one of the grid */
  readonly start: number
}

/** In the order in which they are searched. */
const TUNED: Readonly<Record<TunedSetting, Tuned>> = {
  lambda: { grid: [4, 8, 16, 32, 64, 125, 250, 500, 1000, 2000, 4000, 8000], start: 250 },
  shrinkage: { grid: [0, 2, 5, 10, 20, 50, 100, 200, 500], start: 10 },
  neighbours: { grid: [10, 20, 50, 100, 200, 500, 1000], start: 100 },
  unobservedWeight: { grid: [0.003, 0.01, 0.03, 0.1, 0.3, 1], start: 0.1 },
  regularisation: { grid: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1], start: 3e-3 },
  dim: { grid: [32, 64, 128, 256], start: 64 },
}
/** Of iALS, where their number is open: with a validation part that says when to stop, and without one. On Singapore's Airbnb it gains until 65. */
const MOST_EPOCHS = 100
const UNWATCHED_EPOCHS = 16
/** Epochs without a gain on the validation part after which there is no other, where their number is open. */
export const PATIENCE = 10
/** Searched once, when the others are found: a step to twice the width costs about as much as all of theirs. */
const LAST: readonly TunedSetting[] = ['dim']

/** The settings of a spec that are left open, by name. */
function open(spec: BaselineSpec): TunedSetting[] {
  return (Object.keys(TUNED) as TunedSetting[]).filter((name) => (spec as Partial<Record<TunedSetting, number | null>>)[name] === null)
}

/**
 * The spec with nothing left open. Yields each trial.
 * @param measure what a spec with nothing open reaches on the validation part; null where there is none: then everything is as it starts
 * @param widest the most that `dim` may be, where it is above the start
 */
export async function* tune(
  spec: BaselineSpec,
  measure: ((spec: SettledBaseline) => AsyncGenerator<JobFact, number>) | null,
  widest = Infinity,
): AsyncGenerator<JobFact, SettledBaseline> {
  const names = open(spec)
  const at = Object.fromEntries(names.map((name) => [name, TUNED[name].start]))
  const epochs = spec.model === 'ials' ? { epochs: spec.epochs ?? (measure === null ? UNWATCHED_EPOCHS : MOST_EPOCHS) } : {}
  const settled = (values: Readonly<Record<string, number>>): SettledBaseline => ({ ...spec, ...epochs, ...values }) as SettledBaseline
  if (measure === null && names.length > 0) {
    const values = names.map((name) => `${name} ${at[name]}`).join(', ')
    yield { kind: 'message', level: 'warning', text: `There is no validation part to choose settings by: ${values}.` }
  }
  if (names.length === 0 || measure === null) return settled(at)
  const gridOf = (name: TunedSetting): readonly number[] =>
    name === 'dim' ? TUNED.dim.grid.filter((dim) => dim <= Math.max(widest, TUNED.dim.start)) : TUNED[name].grid
  const grids = Object.fromEntries(names.map((name) => [name, gridOf(name)]))
  return settled(yield* climb(at, grids, (settings) => measure(settled(settings)), LAST))
}

/**
 * From `start`, values by name, to where no step along a grid of the first settings is better, one step at a time, setting by setting, and then
 * along those of `last`. Yields each trial.
 * @param grids of each setting, rising; where it starts is one of them
 * @param last names that are searched once, after the others
 */
export async function* climb(
  start: Readonly<Record<string, number>>,
  grids: Readonly<Record<string, readonly number[]>>,
  measure: (settings: Readonly<Record<string, number>>) => AsyncGenerator<JobFact, number>,
  last: readonly string[] = [],
): AsyncGenerator<JobFact, Readonly<Record<string, number>>> {
  const at = { ...start }
  const known = new Map<string, number>()
  const valueOf = async function* (settings: Readonly<Record<string, number>>): AsyncGenerator<JobFact, number> {
    const key = JSON.stringify(settings)
    const found = known.get(key)
    if (found !== undefined) return found
    const value = yield* measureTrial(known.size, settings, measure)
    known.set(key, value)
    return value
  }
  const names = Object.keys(at)
  if (names.length === 0) return at
  let best = yield* valueOf(at)
  /** as far as one setting gains; whether it moved */
  const along = async function* (name: string): AsyncGenerator<JobFact, boolean> {
    const grid = grids[name]!
    const before = at[name]
    for (const direction of [1, -1]) {
      for (let next = grid[grid.indexOf(at[name]!) + direction]; next !== undefined; next = grid[grid.indexOf(at[name]) + direction]) {
        const value = yield* valueOf({ ...at, [name]: next })
        if (value <= best) break
        ;[best, at[name]] = [value, next]
      }
    }
    return at[name] !== before
  }
  const first = names.filter((name) => !last.includes(name))
  for (let moved = true; moved;) {
    moved = false
    for (const name of first) if (yield* along(name)) moved = true
    if (first.length === 1) break // nothing else has changed
  }
  for (const name of names) if (last.includes(name)) yield* along(name)
  return at
}

/** What some settings reach. Yields the trial. */
export async function* measureTrial(
  number: number,
  settings: Readonly<Record<string, number>>,
  measure: (settings: Readonly<Record<string, number>>) => AsyncGenerator<JobFact, number>,
): AsyncGenerator<JobFact, number> {
  const started = performance.now()
  const value = yield* measure(settings)
  const trial: Trial = { settings: { ...settings }, metric: CHOSEN_BY, value, seconds: (performance.now() - started) / 1000 }
  yield { kind: 'trial', number, trial }
  return value
}
