/** What a search does next: the same trials give the same answer, rungs let the best third on, the finals come last. */
import { describe, expect, test } from 'vitest'
import { searchSchema, type SearchSpec, type SearchTrial } from '../../../main/contract/shapes/search.ts'
import { type Action, nextAction } from '../../../main/engine/search/next.ts'
import { gridOf } from '../../../main/engine/search/space.ts'
import { gatesOf, promotable } from '../../../main/engine/search/stopping.ts'
import { holm } from '../../../main/engine/evaluation/correction.ts'

const rate = { kind: 'range', low: 1e-4, high: 1, log: true }
const search = (given: object): SearchSpec =>
  searchSchema.parse({ name: 's', dataset: 'd', spec: {}, space: { rate, width: { kind: 'choice', values: [8, 16] } }, ...given })

const trial = (number: number, given: Partial<SearchTrial> = {}): SearchTrial => ({
  number,
  run: `r${number}`,
  params: { rate: 0.001 * number, width: 8 },
  finalOf: null,
  seed: null,
  state: 'complete',
  value: number / 100,
  epochs: 9,
  bestEpoch: 9,
  seconds: 60,
  curve: Array.from({ length: given.epochs ?? 9 }, () => given.value ?? number / 100),
  drawn: { by: 'random', known: 0, acquisition: null, note: null },
  error: null,
  ...given,
})
const next = (spec: SearchSpec, trials: readonly SearchTrial[], own = {}): Action => nextAction(spec, trials, own, { diskBytes: 0 })

describe('trials', () => {
  test('the first is the spec as it is, where the space has it', () => {
    expect(next(search({}), [], { rate: 0.01, width: 16 })).toMatchObject({
      kind: 'begin',
      number: 1,
      params: { rate: 0.01, width: 16 },
      drawn: { by: 'given' },
    })
    expect(next(search({}), [], { rate: 0.01, width: 12 })).toMatchObject({ drawn: { by: 'random' } })
  })

  test('are drawn by the trials and the seed alone, and at random until there are enough', () => {
    const many = Array.from({ length: 12 }, (_, i) => trial(i + 1))
    expect(next(search({}), many.slice(0, 9))).toMatchObject({ drawn: { by: 'random', known: 9, note: 'startup' } })
    const action = next(search({}), many)
    expect(action).toMatchObject({ kind: 'begin', number: 13, drawn: { by: 'tpe', known: 12 } })
    expect(next(search({}), many)).toEqual(action)
    expect(next(search({ seed: 2 }), many)).not.toEqual(action)
  })

  test('of a grid are every combination once, and a space that is used up ends the search', () => {
    const spec = search({ sampler: { kind: 'grid', points: 3 }, finals: { top: 0 } })
    const all = [...gridOf(spec.space, 3)]
    expect(all.map(({ rate: r }) => Number((r as number).toPrecision(6)))).toEqual([0.0001, 0.0001, 0.01, 0.01, 1, 1])
    const trials = all.map((params, i) => trial(i + 1, { params }))
    expect(next(spec, trials.slice(0, 5))).toMatchObject({ kind: 'begin', params: all[5] })
    expect(next(spec, trials)).toEqual({ kind: 'over', reason: 'space' })
  })

  test('that no sampler has left to give end the search too, and what happened is said', () => {
    const spec = search({
      space: { width: { kind: 'choice', values: [8, 16, 32] } },
      finals: { top: 0 },
      sampler: { kind: 'tpe', startup: 1 },
    })
    const trials = [8, 16].map((width, i) => trial(i + 1, { params: { width }, value: width }))
    expect(next(spec, trials)).toMatchObject({ kind: 'begin', params: { width: 32 } })
    expect(next(spec, [...trials, trial(3, { params: { width: 32 } })])).toMatchObject({ kind: 'over' })
  })

  test('that failed count as tried, and never stop it', () => {
    const failed = Array.from({ length: 20 }, (_, i) => trial(i + 1, { state: 'failed', value: null, epochs: 0, curve: [] }))
    expect(next(search({}), failed)).toMatchObject({ kind: 'begin', number: 21 })
  })
})

describe('the end', () => {
  const twelve = Array.from({ length: 12 }, (_, i) => trial(i + 1))
  test.each([
    [{ budget: { trials: 12 } }, 'trials'],
    [{ budget: { trials: null, minutes: 12 } }, 'minutes'],
  ])('comes by %j', (given, reason) => {
    expect(next(search({ ...given, finals: { top: 0 } }), twelve)).toEqual({ kind: 'over', reason })
  })
  test('comes by trials without gain', () => {
    const spec = search({ budget: { trials: null, withoutGain: 3 }, finals: { top: 0 } })
    const trials = [0.1, 0.3, 0.2, 0.25, 0.3].map((value, i) => trial(i + 1, { value }))
    expect(next(spec, trials)).toEqual({ kind: 'over', reason: 'gain' })
    expect(next(spec, trials.slice(0, 4)).kind).toBe('begin')
  })
  test('waits for what is under way, and goes on with what was interrupted first', () => {
    const spec = search({ budget: { trials: 12 }, parallel: 2 })
    expect(next(spec, [...twelve.slice(0, 11), trial(12, { state: 'running', value: null })])).toEqual({ kind: 'wait' })
    expect(next(spec, [trial(1, { state: 'interrupted', value: null })])).toMatchObject({ kind: 'go-on', number: 1 })
  })
  test('is the best three again with three seeds', () => {
    const spec = search({ budget: { trials: 12 } })
    const trials = [...twelve]
    for (let action = next(spec, trials); action.kind === 'final'; action = next(spec, trials))
      trials.push(trial(action.number, { finalOf: action.finalOf, seed: action.seed, params: action.params }))
    expect(trials.slice(12).map(({ finalOf, seed }) => [finalOf, seed])).toEqual(
      [1001, 1002, 1003].flatMap((seed) => [12, 11, 10].map((of) => [of, seed])),
    )
    expect(next(spec, trials)).toMatchObject({ kind: 'over' })
  })
})

describe('rungs', () => {
  const stop = { kind: 'asha', minEpochs: 1, factor: 3 } as const
  const paused = (number: number, value: number): SearchTrial => trial(number, { state: 'paused', epochs: 1, value, curve: [value] })

  test('let the best third on, from three trials on', () => {
    const two = [paused(1, 0.1), paused(2, 0.2)]
    expect(promotable(stop, two)).toBeNull()
    expect(gatesOf(stop, two, { from: 0, epochs: 9 })).toEqual([
      { epoch: 1, atLeast: 0.2 },
      { epoch: 3, atLeast: null },
    ])
    expect(promotable(stop, [...two, paused(3, 0.15)])?.number).toBe(2)
    expect(promotable(stop, [...two, trial(3, { value: 0.3 })])).toBeNull()
  })
  test('are passed by a trial that stopped early with its value, and left to those that failed', () => {
    const others = [
      trial(1, { epochs: 2, value: 0.5 }),
      trial(2, { epochs: 9, value: 0.4 }),
      trial(3, { state: 'failed', value: null, epochs: 0 }),
    ]
    expect(gatesOf(stop, others, { from: 1, epochs: 9 })).toEqual([{ epoch: 3, atLeast: 0.5 }])
  })
  test('the best of a search that has no complete trial are trained to their end', () => {
    const spec = search({ budget: { trials: 2 }, stop })
    expect(next(spec, [paused(1, 0.1), paused(2, 0.2)])).toMatchObject({ kind: 'go-on', number: 2, toEnd: true })
  })
})

test('the median of those before is what a trial has to reach after the epochs that all get', () => {
  const stop = { kind: 'median', startup: 3, warmup: 2 } as const
  const others = [0.1, 0.2, 0.4].map((value, i) => trial(i + 1, { value }))
  expect(gatesOf(stop, others.slice(1), { from: 0, epochs: 9 })).toEqual([])
  expect(gatesOf(stop, others, { from: 0, epochs: 5 })).toEqual([3, 4].map((epoch) => ({ epoch, atLeast: 0.2 })))
})

test('p-values of a family are corrected as R does: p.adjust(c(.01, .04, .03, .5), "holm")', () => {
  expect(holm([0.01, 0.04, 0.03, 0.5]).map((p) => Number(p.toFixed(6)))).toEqual([0.04, 0.09, 0.09, 0.5])
})
