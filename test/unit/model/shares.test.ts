/** The search for the shares of a blend: it finds the best of a smooth surface, gives nothing to who adds nothing, and tries nothing twice. */
import { expect, test } from 'vitest'
import { chooseShares } from '../../../main/engine/jobs/training/blend.ts'
import type { JobFact } from '../../../main/engine/queue/job-types.ts'

async function chosen(
  runs: readonly string[],
  value: (shares: readonly number[]) => number,
): Promise<{ shares: readonly number[]; trials: Extract<JobFact, { kind: 'trial' }>[] }> {
  const search = chooseShares(runs, async function* (shares) {
    yield { kind: 'message', level: 'info', text: 'measured' }
    return value(shares)
  })
  const trials: Extract<JobFact, { kind: 'trial' }>[] = []
  for (;;) {
    const next = await search.next()
    if (next.done === true) return { shares: next.value, trials }
    if (next.value.kind === 'trial') trials.push(next.value)
  }
}

test('two runs: to a twentieth, every share once', async () => {
  const { shares, trials } = await chosen(['a', 'b'], ([a]) => -((a! - 0.37) ** 2))
  expect(shares).toEqual([0.35, 0.65])
  expect(trials[0]!.trial.settings).toEqual({ 'weights.a': 1, 'weights.b': 0 })
  const keys = trials.map(({ trial }) => JSON.stringify(trial.settings))
  expect(new Set(keys).size).toBe(keys.length)
  expect(trials.map(({ number }) => number)).toEqual(trials.map((_, i) => i))
})

test('three runs: near the best, and shares add up to 1', async () => {
  const best = [0.5, 0.2, 0.3]
  const { shares } = await chosen(['a', 'b', 'c'], (at) => -at.reduce((sum, share, i) => sum + (share - best[i]!) ** 2, 0))
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3)
  for (const [i, share] of shares.entries()) expect(Math.abs(share - best[i]!)).toBeLessThan(0.08)
})

test('who adds nothing has no share, also where a little of it does no harm', async () => {
  expect((await chosen(['good', 'useless'], ([good]) => Math.min(good!, 0.5))).shares).toEqual([1, 0])
  expect((await chosen(['useless', 'good'], ([, good]) => good!)).shares).toEqual([0, 1])
})
