/** Steps as columns: read from rows while a run trains, packed once it does not, and never stale. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Curves } from '../../../main/engine/store/curves.ts'
import { Database } from '../../../main/engine/store/database.ts'
import { Results } from '../../../main/engine/store/results.ts'
import { Runs } from '../../../main/engine/store/runs.ts'
import { smallSpec } from '../../helpers/model.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const row = (step: number, loss: number) => ({ step, epoch: Math.ceil(step / 2), loss, learningRate: 0.5, examplesPerSecond: 100 * step })

test('packed columns are the rows; new rows and a rewind make them anew; a deleted run takes them along', () =>
  withWorkspace((home) => {
    const database = new Database(join(home, 'x.sqlite'))
    const runs = new Runs(database, { isAlive: () => false, hasFolder: () => false })
    const results = new Results(database, runs)
    const curves = new Curves(database)
    database.run(`INSERT INTO datasets VALUES ('d', 't', 'c', '{}')`)
    const run = runs.create({ name: 'n', dataset: 'd', spec: smallSpec(), threads: 1, owner: '1' })
    const packed = () => database.all('SELECT run FROM packed_steps').length

    results.addSteps(run, [row(1, 3), row(2, NaN), row(3, 2.5)])
    const live = curves.steps(run, false)
    expect([packed(), [...live.step], [...live.epoch], [...live.loss], [...live.examplesPerSecond]]).toEqual([
      0,
      [1, 2, 3],
      [1, 1, 2],
      [3, NaN, 2.5],
      [100, 200, 300],
    ])
    curves.pack(run)
    expect(packed()).toBe(1)
    expect(curves.steps(run, true)).toEqual(live)

    results.addSteps(run, [row(4, 2)])
    expect([packed(), curves.steps(run, true).step.length, packed()]).toEqual([0, 4, 1])
    results.rewind(run, 2, 1)
    expect([packed(), [...curves.steps(run, true).step]]).toEqual([0, [1, 2]])
    runs.forget(run)
    expect(packed()).toBe(0)
    database.close()
  }))

test('an epoch that was not evaluated is a gap in its metrics', () =>
  withWorkspace((home) => {
    const database = new Database(join(home, 'x.sqlite'))
    const runs = new Runs(database, { isAlive: () => false, hasFolder: () => false })
    const results = new Results(database, runs)
    database.run(`INSERT INTO datasets VALUES ('d', 't', 'c', '{}')`)
    const run = runs.create({ name: 'n', dataset: 'd', spec: smallSpec(), threads: 1, owner: '1' })
    const measured: Record<string, number>[] = [{ 'ndcg@20': 0.1 }, {}, { 'ndcg@20': 0.2, 'recall@5': 0.3 }]
    for (const [i, validation] of measured.entries())
      results.addEpoch(run, { epoch: i + 1, loss: 3 - i, examplesPerSecond: 10, learningRate: 0.1, validation })
    const { epoch, loss, validation } = new Curves(database).epochs(run)
    expect([[...epoch], [...loss]]).toEqual([
      [1, 2, 3],
      [3, 2, 1],
    ])
    expect(validation).toEqual({ 'ndcg@20': Float64Array.of(0.1, NaN, 0.2), 'recall@5': Float64Array.of(NaN, NaN, 0.3) })
    database.close()
  }))
