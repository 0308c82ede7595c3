/**
 * What a search does next, from its file and its trials alone: the same ones give the same answer, before a crash and after. Numbers of
 * trials rise from 1; each draws from a stream of its own.
 */
import type { Drawn, SearchOver, SearchSpec, SearchTrial } from '../../contract/shapes/search.ts'
import { random } from '../training/random.ts'
import { drawParams, gridOf, groupsOf, isThere, type Params, toNumber } from './space.ts'
import { promotable } from './stopping.ts'
import { drawByTpe, type Observed } from './tpe.ts'

export type Action =
  | { readonly kind: 'begin'; readonly number: number; readonly params: Params; readonly drawn: Drawn }
  /** a paused or interrupted trial is trained further; `toEnd`: whatever others reach */
  | { readonly kind: 'go-on'; readonly number: number; readonly why: string; readonly toEnd?: boolean }
  /** one of the best with a seed of its own */
  | {
      readonly kind: 'final'
      readonly number: number
      readonly finalOf: number
      readonly seed: number
      readonly params: Params
      readonly drawn: Drawn
    }
  /** until one of those under way has ended */
  | { readonly kind: 'wait' }
  | { readonly kind: 'over'; readonly reason: SearchOver }

/** What the trials have cost. */
export interface Spent {
  readonly diskBytes: number
}

export const isUnderWay = ({ state }: SearchTrial): boolean => state === 'running' || state === 'waiting'

/** @param own the values that the spec has at the paths of the space, as far as it has them */
export function nextAction(search: SearchSpec, trials: readonly SearchTrial[], own: Params, spent: Spent): Action {
  const interrupted = trials.find(({ state }) => state === 'interrupted')
  if (interrupted !== undefined) return { kind: 'go-on', number: interrupted.number, why: 'it was interrupted' }
  if (trials.filter(isUnderWay).length >= search.parallel) return { kind: 'wait' }

  const explored = trials.filter(({ finalOf }) => finalOf === null)
  const number = trials.length + 1
  const minutes = trials.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  const isLate = search.budget.minutes !== null && minutes >= search.budget.minutes
  const further = isLate ? null : promotable(search.stop, explored)
  if (further !== null) return { kind: 'go-on', number: further.number, why: `it is among the best after ${further.epochs} epochs` }
  const spentReason = isLate ? 'minutes' : reasonToStop(search, explored, spent)
  const drawn = spentReason === null ? draw(search, explored, own, number) : null
  if (drawn !== null) return { kind: 'begin', number, ...drawn }
  if (explored.some(isUnderWay)) return { kind: 'wait' }
  const unfinished = isLate
    ? undefined
    : leaders(explored)
        .slice(0, Math.max(1, search.finals.top))
        .find(({ state }) => state === 'paused')
  if (unfinished !== undefined) return { kind: 'go-on', number: unfinished.number, why: 'it is among the best of all', toEnd: true }

  const final = nextFinal(search, trials, number)
  if (final !== null) return final
  return trials.some(isUnderWay) ? { kind: 'wait' } : { kind: 'over', reason: spentReason ?? 'space' }
}

function reasonToStop({ budget }: SearchSpec, explored: readonly SearchTrial[], { diskBytes }: Spent): SearchOver | null {
  if (budget.trials !== null && explored.length >= budget.trials) return 'trials'
  if (budget.diskGb !== null && diskBytes >= budget.diskGb * 1e9) return 'disk'
  const ended = explored.filter(({ state }) => state === 'complete' || state === 'paused' || state === 'failed')
  let [best, since] = [-Infinity, 0]
  for (const { value } of ended) {
    since = (value ?? -Infinity) > best ? 0 : since + 1
    best = Math.max(best, value ?? -Infinity)
  }
  return budget.withoutGain !== null && since >= budget.withoutGain ? 'gain' : null
}

/** Trials that have a value, paused ones too, the best first; of equals the first. */
export const leaders = (trials: readonly SearchTrial[]): SearchTrial[] =>
  trials
    .filter(({ state, value, finalOf }) => (state === 'complete' || state === 'paused') && value !== null && finalOf === null)
    .sort((a, b) => b.value! - a.value!)

/** The complete ones of these, or where none is complete the paused ones. */
export function ranked(trials: readonly SearchTrial[]): SearchTrial[] {
  const all = leaders(trials)
  const complete = all.filter(({ state }) => state === 'complete')
  return complete.length === 0 ? all : complete
}

function nextFinal({ finals, seed }: SearchSpec, trials: readonly SearchTrial[], number: number): Action | null {
  const best = ranked(trials).slice(0, finals.top)
  if (best.length < 2 || best[0]!.state !== 'complete') return null
  const known = trials.filter(({ state }) => state === 'complete').length
  // seed after seed, so that those that are there are of the same ones for all
  for (let i = 1; i <= finals.seeds; i++)
    for (const { number: finalOf, params } of best) {
      const own = seed * 1000 + i
      if (trials.some((trial) => trial.finalOf === finalOf && trial.seed === own)) continue
      return { kind: 'final', number, finalOf, seed: own, params, drawn: { by: 'final', known, acquisition: null, note: null } }
    }
  return null
}

/** How often a sampler that gives what was tried already is asked again. */
const ATTEMPTS = 50

/** The next values; null where there are none that were not tried. */
function draw(search: SearchSpec, explored: readonly SearchTrial[], own: Params, number: number): { params: Params; drawn: Drawn } | null {
  const { space, sampler } = search
  const tried = new Set(explored.map(({ params }) => keyOf(params)))
  const known = explored.filter(({ state }) => state === 'complete' || state === 'paused').length
  const as = (by: Drawn['by'], params: Params, note: Drawn['note'] = null, acquisition: number | null = null) => ({
    params,
    drawn: { by, known, acquisition, note },
  })
  if (sampler.kind === 'grid') {
    for (const params of gridOf(space, sampler.points)) if (!tried.has(keyOf(params))) return as('grid', params)
    return null
  }
  const given = explored.length === 0 ? givenParams(search, own) : null
  if (given !== null) return as('given', given)
  const rng = random(search.seed, 'search', number)
  let note: Drawn['note'] = null
  if (sampler.kind === 'tpe' && known >= sampler.startup) {
    for (let i = 0; i < ATTEMPTS; i++) {
      const { params, acquisition } = drawByTpe(space, explored.map(observed), { candidates: sampler.candidates, random: rng })
      if (!tried.has(keyOf(params))) return as('tpe', params, i === 0 ? null : 'redrawn', acquisition)
    }
    note = 'exhausted'
  } else if (sampler.kind === 'tpe') note = 'startup'
  for (let i = 0; i < ATTEMPTS * 20; i++) {
    const params = drawParams(space, rng)
    if (!tried.has(keyOf(params))) return as('random', params, note)
  }
  return null
}

/** The spec's own values where the space has all of them. */
function givenParams({ space }: SearchSpec, own: Params): Params | null {
  const params: Record<string, unknown> = {}
  for (const group of groupsOf(space)) {
    if (!isThere(group, params)) continue
    for (const path of group.paths) {
      if (Number.isNaN(toNumber(space[path]!, own[path]))) return null
      params[path] = own[path]
    }
  }
  return params
}

const keyOf = (params: Params): string => JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))

function observed({ params, state, value, epochs }: SearchTrial): Observed {
  const known = state === 'complete' || state === 'paused' || state === 'failed'
  return { params, state: known ? state : 'running', value, epochs }
}
