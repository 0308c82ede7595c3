import { expect, test } from 'vitest'
import type { Trial } from '../../../main/contract/shapes/run.ts'
import { trialGroups, trialsOf, trialsTable } from '../../../main/contract/trials.ts'

const trial = (settings: Record<string, number>, value = 0.1): Trial => ({ settings, metric: 'ndcg@20', value, seconds: 1 })

test('what trials decide is told by what they tried, group by group', () => {
  const trials = [
    trial({ 'match.temperature.value': 0.1, 'training.init.rank': 64 }),
    trial({ 'training.init.rank': 64 }),
    trial({ 'training.init.rank': 64, 'training.init.filter': 2, 'training.init.gamma': 0.5 }),
    trial({ 'training.init.coldScale': 1 }),
    trial({ 'weights.a': 0.3, 'weights.b': 0.7 }),
    trial({ lambda: 250 }),
  ]
  expect(trialGroups(trials).map(trialsOf)).toEqual(['loss', 'directions', 'closedForm', 'newItems', 'blend', 'model'])
  expect(trialsTable(trials.slice(0, 1)).settings.map(({ name }) => name)).toEqual(['temperature', 'rank'])
})
