/**
 * When a trial ends before its last epoch, and which of those goes on. What a trial is told when it begins is all that it needs: gates, made
 * of the trials known by then, so that the same trials give the same gates after a crash too.
 */
import type { SearchTrial, StopSpec } from '../../contract/shapes/search.ts'

/** A trial goes on past an epoch only where its best value up to there is at least this; null: it pauses there in any case. */
export interface Gate {
  readonly epoch: number
  readonly atLeast: number | null
}

type Seen = Pick<SearchTrial, 'state' | 'value' | 'epochs' | 'curve'>

/** Best value up to an epoch; undefined where the trial has not come so far, unless it was trained to an earlier end of its own. */
function valueAt({ state, value, epochs, curve }: Seen, epoch: number): number | undefined {
  if (state === 'failed' || epochs === 0) return undefined
  const at = epochs >= epoch ? curve[epoch - 1] : state === 'complete' ? value : undefined
  return at ?? undefined
}

/** Epochs of the rungs below a trial's last epoch. */
function rungsOf({ minEpochs, factor }: StopSpec & { kind: 'asha' }, epochs: number): number[] {
  const rungs: number[] = []
  for (let rung = minEpochs; rung < epochs; rung *= factor) rungs.push(rung)
  return rungs
}

/**
 * The gates before a trial's last epoch, of those after `from`.
 * @param others all other trials of the search that may be compared with it
 */
export function gatesOf(
  stop: StopSpec,
  others: readonly Seen[],
  { from, epochs }: { readonly from: number; readonly epochs: number },
): Gate[] {
  if (stop.kind === 'none') return []
  if (stop.kind === 'asha')
    return rungsOf(stop, epochs)
      .filter((epoch) => epoch > from)
      .map((epoch) => ({ epoch, atLeast: leastOf(others, epoch, stop.factor, 1) }))
  const complete = others.filter(({ state }) => state === 'complete')
  if (complete.length < stop.startup) return []
  const gates: Gate[] = []
  for (let epoch = Math.max(from, stop.warmup) + 1; epoch < epochs; epoch++) {
    const values = complete.flatMap((trial) => valueAt(trial, epoch) ?? []).sort((a, b) => a - b)
    if (values.length > 0) gates.push({ epoch, atLeast: (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2 })
  }
  return gates
}

/** The lowest value that goes on at a rung, one of `factor` among those there and `more` to come; null: too few to tell. */
function leastOf(trials: readonly Seen[], epoch: number, factor: number, more: number): number | null {
  const values = trials.flatMap((trial) => valueAt(trial, epoch) ?? []).sort((a, b) => b - a)
  return values[Math.floor((values.length + more) / factor) - 1] ?? null
}

/** Of the paused trials that may go on, the one that came furthest, of these the best; null where none may. */
export function promotable<T extends Seen>(stop: StopSpec, trials: readonly T[]): T | null {
  if (stop.kind !== 'asha') return null
  const may = trials.filter((trial) => {
    const value = trial.state === 'paused' ? valueAt(trial, trial.epochs) : undefined
    const least = value === undefined ? null : leastOf(trials, trial.epochs, stop.factor, 0)
    return least !== null && value! >= least
  })
  return may.sort((a, b) => b.epochs - a.epochs || b.value! - a.value!)[0] ?? null
}
