/** The sampler and the importances against Optuna 5, by test/golden/make_search.py. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { spaceSchema, type Space } from '../../../main/contract/shapes/search.ts'
import { importanceOf } from '../../../main/engine/search/importance.ts'
import { drawParams, groupsOf, type Params, toNumber } from '../../../main/engine/search/space.ts'
import { densities, drawByTpe, type Observed, splitTrials } from '../../../main/engine/search/tpe.ts'
import { random } from '../../../main/engine/training/random.ts'

const params = z.record(z.string(), z.unknown())
const golden = z
  .object({
    optuna: z.string(),
    cases: z.array(
      z.object({
        space: spaceSchema,
        trials: z.array(
          z.object({
            params,
            state: z.enum(['complete', 'paused', 'running', 'failed']),
            value: z.number().nullable(),
            epochs: z.number(),
          }),
        ),
        groups: z.array(z.object({ paths: z.array(z.string()), points: z.array(z.object({ point: params, value: z.number() })) })),
        importance: z.record(z.string(), z.number()),
      }),
    ),
    functions: z.record(z.string(), z.object({ trials: z.number(), seeds: z.number(), median: z.number() })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/search.json'), 'utf8')))

describe.each(golden.cases.map((each, i) => [i + 1, each] as const))('history %i', (_, { space, trials, groups, importance }) => {
  test('the acquisition is that of Optuna at 50 points', () => {
    const split = splitTrials(trials)
    expect(groupsOf(space).map(({ paths }) => paths.toSorted())).toEqual(groups.map(({ paths }) => paths.toSorted()))
    for (const group of groupsOf(space)) {
      const { points } = groups.find(({ paths }) => paths.length === group.paths.length && paths.includes(group.paths[0]!))!
      expect(points).toHaveLength(50)
      const { acquire } = densities(space, group, split)
      for (const { point, value } of points)
        expect(Math.abs(acquire(group.paths.map((path) => toNumber(space[path]!, point[path]))) - value)).toBeLessThan(1e-9)
    }
  })

  test('the importances are those of Optuna', () => {
    const complete = trials.flatMap((trial) => (trial.state === 'complete' ? [{ params: trial.params, value: trial.value! }] : []))
    const found = importanceOf(space, complete)
    expect(Object.keys(found).sort()).toEqual(Object.keys(importance).sort())
    for (const [path, share] of Object.entries(importance)) expect(Math.abs(found[path]! - share)).toBeLessThan(1e-6)
  })
})

function branin(x: number, y: number): number {
  const [b, c, t] = [5.1 / (4 * Math.PI ** 2), 5 / Math.PI, 1 / (8 * Math.PI)]
  return (y - b * x ** 2 + c * x - 6) ** 2 + 10 * (1 - t) * Math.cos(x) + 10
}

const ALPHA = [1, 1.2, 3, 3.2]
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
]
const P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
]
const hartmann6 = (...x: number[]): number =>
  -ALPHA.reduce((sum, alpha, i) => sum + alpha * Math.exp(-A[i]!.reduce((d, a, j) => d + a * (x[j]! - P[i]![j]! * 1e-4) ** 2, 0)), 0)

const range = (low: number, high: number) => ({ kind: 'range' as const, low, high, log: false, integer: false, tied: [], when: null })

/** The median over seeds of the lowest value that some trials find. */
function medianOf(fn: (...x: number[]) => number, space: Space, { trials, seeds }: { trials: number; seeds: number }): number {
  const best = Array.from({ length: seeds }, (_, seed) => {
    const known: Observed[] = []
    for (let n = 0; n < trials; n++) {
      const rng = random(seed, 'search', n)
      const next: Params = n < 10 ? drawParams(space, rng) : drawByTpe(space, known, { candidates: 24, random: rng }).params
      known.push({ params: next, state: 'complete', value: -fn(...Object.keys(space).map((path) => next[path] as number)), epochs: 1 })
    }
    return Math.min(...known.map(({ value }) => -value!))
  }).sort((a, b) => a - b)
  return (best[seeds / 2 - 1]! + best[seeds / 2]!) / 2
}

test.each([
  { name: 'branin', fn: branin, space: { x0: range(-5, 10), x1: range(0, 15) } },
  { name: 'hartmann6', fn: hartmann6, space: Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`x${i}`, range(0, 1)])) },
])('$name: the median over 20 seeds is within 5 %% of that of Optuna', ({ name, fn, space }) => {
  const theirs = golden.functions[name]!
  const ours = medianOf(fn, space, theirs)
  console.log(`${name}: ${ours.toFixed(4)}, Optuna ${golden.optuna} ${theirs.median.toFixed(4)}`)
  expect(Math.abs(ours - theirs.median)).toBeLessThan(0.05 * Math.abs(theirs.median))
})
