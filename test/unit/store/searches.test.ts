/** What the store keeps of searches: by their runs while they are there, by themselves when those are gone, and by one file. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { searchSchema } from '../../../main/contract/shapes/search.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { copyWorkspace } from '../../../main/engine/store/copy-workspace.ts'
import { repairWorkspace } from '../../../main/engine/store/repair.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { addTinyDataset } from '../../helpers/old-workspace.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const spec = searchSchema.parse({ name: 's', dataset: 'd', spec: {}, space: { 'a.rate': { kind: 'range', low: 0, high: 1 } } })
const drawn = { by: 'random', known: 0, acquisition: null, note: null } as const
const EPOCH = { loss: 1, examplesPerSecond: 1, learningRate: 1 }

/** A search of two trials, one ended and one under way. */
function withTrials(store: Store): { search: string; runs: string[] } {
  addTinyDataset(store, 'd')
  const owner = store.workspace.engines.engine
  const search = store.searches.create({ spec, threads: 2, executor: null, owner })
  const runs = [1, 2].map((number) => {
    const run = store.runs.create({ name: `t${number}`, dataset: 'd', spec: specSchema.parse({}), threads: 1, owner })
    store.searches.addTrial(search, { number, run, params: { 'a.rate': number / 4 }, finalOf: null, seed: null, drawn })
    store.runs.start(run)
    return run
  })
  for (const [i, value] of [0.1, 0.3, 0.2].entries())
    store.results.addEpoch(runs[0]!, { epoch: i + 1, ...EPOCH, validation: { 'ndcg@20': value } })
  store.searches.endTrial(search, 1, { state: 'complete', value: 0.31, epochs: 3, bestEpoch: 2, error: null }, 'ndcg@20')
  store.runs.finish(runs[0]!, { bestEpoch: 2, seconds: 5, examplesPerSecond: 1, peakRssMb: 1 })
  store.searches.writeFile(search)
  return { search, runs }
}

test('a trial keeps its numbers when its run is deleted, and its run knows it', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    const { search, runs } = withTrials(store)
    expect(store.results.summary(store.runs.resolve(runs[0]!)).trial).toEqual({ search, number: 1 })
    expect(() => store.runs.resolveFinished(runs[0]!)).toThrow(/pylon search promote/)
    store.removeRun(runs[0]!, { forever: true })
    expect(store.searches.trials(search)).toMatchObject([
      { number: 1, run: null, state: 'complete', value: 0.31, curve: [0.1, 0.3, 0.3] },
      { number: 2, run: runs[1], state: 'running', value: null },
    ])
    expect(() => store.datasets.remove('d')).toThrow(/Run|Search/)
    store.close()
  }))

test('a search whose engine died is interrupted, and so is what it was training', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    const { search } = withTrials(store)
    store.close()
    const next = new Store(home)
    expect(next.searches.resolve('s')).toMatchObject({ id: search, state: 'interrupted' })
    expect(next.searches.trials(search).map(({ state }) => state)).toEqual(['complete', 'interrupted'])
    next.searches.claim(search, next.workspace.engines.engine)
    expect(next.searches.resolve(search).state).toBe('running')
    expect(() => next.searches.claim(search, next.workspace.engines.engine)).toThrow(/running already/)
    next.close()
  }))

test('its file brings it back with its trials, and a copy of the workspace has both', () =>
  withWorkspace(async (home) => {
    const store = new Store(home)
    const { search } = withTrials(store)
    const before = store.searches.trials(search)[0]
    store.close()
    await drain(copyWorkspace(home, join(home, '..', `${search}-copy`)))
    const copy = join(home, '..', `${search}-copy`)
    try {
      for (const name of ['pylon.sqlite', 'pylon.sqlite-wal', 'pylon.sqlite-shm', 'backups'])
        rmSync(join(copy, name), { recursive: true, force: true })
      const { notes } = await repairWorkspace(copy)
      const made = new Store(copy)
      expect(notes.filter((note) => note.startsWith('searches/'))).toEqual([])
      expect(made.searches.resolve(search)).toMatchObject({ state: 'interrupted', spec })
      // its run left no files in this test
      expect(made.searches.trials(search)[0]).toEqual({ ...before, run: null })
      made.close()
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }))

test('a deleted search comes back from the trash whole, with the trials that went with it', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    const { search, runs } = withTrials(store)
    expect(() => store.removeSearch(search, { runs, forever: false })).toThrow(/running: stop it first/)
    store.runs.finish(runs[1]!, { bestEpoch: 1, seconds: 1, examplesPerSecond: 1, peakRssMb: 1 })
    store.searches.endTrial(search, 2, { state: 'failed', value: null, epochs: 1, bestEpoch: null, error: 'diverged' }, 'ndcg@20')
    store.searches.end(search, 'finished', 'trials', null, null)
    const before = { row: store.searches.resolve(search), trials: store.searches.trials(search) }
    store.removeSearch(search, { runs, forever: false })
    expect([store.searches.list(), store.runs.list()]).toEqual([[], []])
    expect(store.trash.list().map(({ kind, what }) => [kind, what])).toEqual(
      expect.arrayContaining([
        ['search', search],
        ['run', runs[0]],
      ]),
    )
    // an entry is called as nothing else is: it would be taken for what was asked by its id
    expect(store.trash.ids().filter((id) => !/^t[0-9a-z]{8}$/.test(id))).toEqual([])
    expect(store.takeBack(search)).toEqual({ kind: 'search', what: search, runs })
    expect({ row: store.searches.resolve(search), trials: store.searches.trials(search) }).toEqual(before)
    expect(store.results.summary(store.runs.resolve(runs[1]!)).trial).toEqual({ search, number: 2 })
    expect(store.trash.list()).toEqual([])

    // a trial that is gone for good meanwhile is missing, as after any deletion
    store.removeSearch(search, { runs, forever: false })
    store.trash.empty([store.trash.entryOf(runs[0]!)!])
    expect(store.takeBack(search).runs).toEqual([runs[1]])
    expect(store.searches.trials(search)[0]).toMatchObject({ run: null, value: 0.31 })
    store.removeSearch(search, { runs: [runs[1]!], forever: true })
    expect([store.searches.list(), store.runs.list(), store.trash.list()]).toEqual([[], [], []])
    store.close()
  }))
