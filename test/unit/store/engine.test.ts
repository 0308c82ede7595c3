/** The engine over real job processes with small bodies: what a job's end means for runs, datasets and files, and what is announced. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../../main/contract/rpc.ts'
import type { Events } from '../../../main/contract/events.ts'
import type { VerbInput } from '../../../main/contract/verbs.ts'
import { openEngine, type Engine } from '../../../main/engine/index.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { forkJob } from '../../../main/hosts/child.ts'
import { memoryChannels } from '../../../main/hosts/memory-channels.ts'
import { entry } from '../../helpers/job-bodies.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

type Kept = { [E in keyof Events]: { event: E; payload: Events[E] } }[keyof Events][]

async function withEngine(body: (client: Client, at: { home: string; engine: Engine; events: Kept }) => Promise<void>): Promise<void> {
  await withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob(entry) })
    const events: Kept = []
    engine.subscribe((event, payload) => void events.push({ event, payload } as Kept[number]))
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    try {
      await body(createClient(near), { home, engine, events })
    } finally {
      await engine.close()
    }
  })
}

async function importing(client: Client, name: string, more: Partial<VerbInput<'datasets.import'>> = {}): Promise<unknown> {
  return (await startJob(client, 'datasets.import', { name, sample: true, ...more })).finished
}

/** Features are named, as the tiny datasets have no columns to make any from. */
function training(client: Client, width: number | null, more: Partial<VerbInput<'runs.start'>> = {}) {
  const side = { features: [{ kind: 'id', dim: 8 }], output: width ?? 64 }
  return startJob(client, 'runs.start', {
    dataset: 'd',
    spec: { user: side, item: side, training: { epochs: 3, seed: 7 } },
    ...more,
  })
}

test('an imported dataset lies in its place, is listed, and leaves nothing else', () =>
  withEngine(async (client, { home, events }) => {
    expect(await importing(client, 'd')).toEqual({
      dataset: 'd',
      users: 3,
      items: 4,
      interactions: 9,
      train: 5,
      validation: 2,
      test: 2,
      findings: [],
      warnings: [],
    })
    expect((await client.call('datasets.list', {})).datasets.map((dataset) => dataset.name)).toEqual(['d'])
    expect(events.map(({ event }) => event)).toEqual(['jobs.changed', 'jobs.changed', 'job.message', 'datasets.changed', 'job.finished'])
    expect(readdirSync(join(home, 'datasets'))).toEqual(['d'])
    await expect(importing(client, 'd')).rejects.toMatchObject({ code: 'conflict' })
    await expect(importing(client, 'd', { replace: true })).resolves.toMatchObject({ dataset: 'd' })
  }))

test.each([
  ['bad', { code: 'bad-data', place: 'ratings.csv:12 column "price"' }],
  ['crash', { message: expect.stringContaining('killed') as string }],
])('an import that ends badly (%s) leaves nothing', (name, error) =>
  withEngine(async (client, { home }) => {
    await expect(importing(client, name)).rejects.toMatchObject(error)
    expect(await client.call('datasets.list', {})).toEqual({ datasets: [] })
    expect(readdirSync(join(home, 'datasets'))).toEqual([])
    expect(readdirSync(join(home, 'tmp')).flatMap((owner) => readdirSync(join(home, 'tmp', owner)))).toEqual([])
  }),
)

test('a job is cancelled while it works and while it waits its turn', () =>
  withEngine(async (client, { events }) => {
    const first = await startJob(client, 'datasets.import', { name: 'slow1', sample: true })
    const second = await startJob(client, 'datasets.import', { name: 'slow2', sample: true })
    const listed = async () => (await client.call('jobs.list', {})).jobs.map(({ job, kind, state }) => [job, kind, state])
    await expect.poll(async () => (await client.call('jobs.list', {})).jobs[0]?.progress?.stage).toBe('wait')
    expect(await listed()).toEqual([
      [first.job, 'import', 'running'],
      [second.job, 'import', 'waiting'],
    ])
    await client.call('jobs.cancel', { job: second.job })
    await expect(second.finished).rejects.toMatchObject({ code: 'cancelled' })
    await client.call('jobs.cancel', { job: first.job })
    expect(await listed()).toEqual([[first.job, 'import', 'stopping']])
    await expect(first.finished).rejects.toMatchObject({ code: 'cancelled' })
    expect(await listed()).toEqual([])
    await expect(client.call('jobs.cancel', { job: first.job })).rejects.toMatchObject({ code: 'not-found' })
    expect(events.filter(({ event }) => event === 'job.finished').map(({ payload }) => (payload as Events['job.finished']).state)).toEqual([
      'cancelled',
      'cancelled',
    ])
  }))

test('a light job does not wait for a heavy one; what it made is an artefact of its run', () =>
  withEngine(async (client) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, null)
    await finished
    const heavy = await startJob(client, 'datasets.import', { name: 'slow', sample: true })
    await expect.poll(async () => (await client.call('jobs.list', {})).jobs[0]?.progress?.stage).toBe('wait')
    const light = await startJob(client, 'runs.rank', { runs: [started.run] })
    await expect(light.finished).resolves.toEqual({ runs: [started.run] })
    expect((await client.call('jobs.list', {})).jobs.map(({ job, beside }) => [job, beside])).toEqual([[heavy.job, false]])
    expect((await client.call('runs.show', { run: started.run })).artefacts).toContainEqual({
      path: 'ranks-aaaaaaaaaaaa.npy',
      bytes: 4,
      sha256: 'abcd',
    })
    await client.call('jobs.cancel', { job: heavy.job })
    await expect(heavy.finished).rejects.toMatchObject({ code: 'cancelled' })
  }))

test('an index whose build was killed after its files were written has no record that calls them damaged', () =>
  withEngine(async (client, { home }) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, null)
    await finished
    const { run } = started
    const store = new Store(home)
    store.results.addArtefact(run, { path: 'indexes/x.index', bytes: 3, sha256: 'abc' })
    store.close()
    const { finished: built } = await startJob(client, 'index.build', { run, name: 'x', replace: true })
    await expect(built).rejects.toThrow(/was killed/)
    expect((await client.call('runs.show', { run })).artefacts.map(({ path }) => path)).toEqual(['model.bin'])
  }))

test('a finished run is listed and shown with everything that it measured', () =>
  withEngine(async (client) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, null, { name: 'mine' })
    await expect(finished).resolves.toMatchObject({ run: started.run, epochs: 3 })
    const { runs } = await client.call('runs.list', {})
    expect(runs).toMatchObject([
      {
        run: started.run,
        name: 'mine',
        state: 'finished',
        seed: 7,
        epochs: 3,
        bestEpoch: 3,
        metrics: { 'recall@20': 0.07 },
        protocolHash: 'aaaaaaaaaaaa',
      },
    ])
    await client.call('runs.note', { run: 'mine', tags: ['b', 'a', 'a'], note: 'look again' })
    expect(await client.call('runs.show', { run: 'mine' })).toMatchObject({
      tags: ['a', 'b'],
      notes: 'look again',
      baseline: { 'recall@20': 0.01 },
      epochsLog: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3, loss: 1, validation: { 'ndcg@20': 0.3 } }],
      artefacts: [{ path: 'model.bin', bytes: 3, sha256: 'abc' }],
      spec: { training: { epochs: 3, seed: 7 }, user: { features: [{ kind: 'id', name: 'id', dim: 8 }] } },
    })
    await expect(client.call('runs.delete', { dataset: 'd' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(startJob(client, 'runs.start', { resume: 'mine' })).rejects.toMatchObject({ code: 'conflict' })
  }))

test('a run whose process is killed is interrupted, and its resumption replaces the rows after the checkpoint', () =>
  withEngine(async (client) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, 12)
    await expect(finished).rejects.toMatchObject({ message: expect.stringContaining(`pylon train --resume ${started.run}`) as string })
    expect(await client.call('runs.show', { run: started.run })).toMatchObject({ state: 'interrupted', epochsLog: [{ epoch: 1 }] })
    await expect(startJob(client, 'runs.start', { resume: started.run, set: ['training.epochs=9'] })).rejects.toMatchObject({
      code: 'bad-input',
      place: 'set',
    })
    const again = await startJob(client, 'runs.start', { resume: started.run })
    await expect(again.finished).resolves.toMatchObject({ run: started.run })
    expect(await client.call('runs.show', { run: started.run })).toMatchObject({
      state: 'finished',
      error: null,
      epochsLog: [{ loss: 1 }, { loss: 0.5 }, { loss: 0.5 }],
    })
  }))

test('a cancelled run can be resumed; while it runs it can neither be deleted nor resumed', () =>
  withEngine(async (client, { events }) => {
    await importing(client, 'd')
    const { job, started, finished } = await training(client, 13)
    await expect.poll(() => events.some(({ event }) => event === 'run.epoch')).toBe(true)
    await expect(client.call('runs.delete', { run: started.run })).rejects.toMatchObject({ code: 'conflict' })
    await expect(startJob(client, 'runs.start', { resume: started.run })).rejects.toMatchObject({ code: 'conflict' })
    await client.call('jobs.cancel', { job })
    await expect(finished).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining(`--resume ${started.run}`) as string,
    })
    expect(await client.call('runs.list', {})).toMatchObject({ runs: [{ state: 'cancelled' }] })
    await (
      await startJob(client, 'runs.start', { resume: started.run })
    ).finished
    expect(await client.call('runs.list', {})).toMatchObject({ runs: [{ state: 'finished' }] })
  }))

test('a paused run says so and goes on when it is resumed; what does not train cannot be paused', () =>
  withEngine(async (client, { events }) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, 13)
    await expect.poll(() => events.some(({ event }) => event === 'run.epoch')).toBe(true)
    await client.call('runs.pause', { run: started.run })
    await expect(finished).rejects.toMatchObject({ code: 'cancelled', message: expect.stringMatching(/^Paused\./) as string })
    expect(await client.call('runs.list', {})).toMatchObject({ runs: [{ state: 'paused', epochs: 1 }] })
    await expect(client.call('runs.pause', { run: started.run })).rejects.toMatchObject({ code: 'conflict' })
    await (
      await startJob(client, 'runs.start', { resume: started.run })
    ).finished
    expect(await client.call('runs.list', {})).toMatchObject({ runs: [{ state: 'finished' }] })
  }))

test('a run that cannot begin leaves neither row nor folder', () =>
  withEngine(async (client, { home }) => {
    await importing(client, 'd')
    await expect((await training(client, 11)).finished).rejects.toMatchObject({ code: 'bad-data', place: 'item.features[2]' })
    await expect(training(client, null, { set: ['training.epoch=3'] })).rejects.toMatchObject({
      code: 'bad-input',
      place: 'training.epoch',
    })
    expect(await client.call('runs.list', {})).toEqual({ runs: [] })
    expect(readdirSync(join(home, 'runs'))).toEqual([])
  }))

test('runs of different protocols are compared apart, and only what differs in their configs is told', () =>
  withEngine(async (client) => {
    await importing(client, 'd')
    for (const [name, set] of [
      ['a', []],
      ['b', ['training.seed=8']],
      ['c', ['evaluation.seen=included']],
    ] as const) {
      await (
        await training(client, null, { name, set: [...set] })
      ).finished
    }
    const { metrics, groups, differences } = await client.call('runs.compare', { runs: ['c', 'a', 'b', 'a'] })
    expect(metrics).toEqual(['recall@20', 'ndcg@20'])
    expect(groups.map(({ protocol, runs }) => [protocol.hash, ...runs.map((run) => run.name)])).toEqual([
      ['bbbbbbbbbbbb', 'c'],
      ['aaaaaaaaaaaa', 'a', 'b'],
    ])
    expect(differences).toEqual([
      { path: 'training.seed', values: [7, 7, 8] },
      { path: 'evaluation.seen', values: ['included', 'masked', 'masked'] },
    ])
  }))

test('a deleted run is gone with its folder, and so is a dataset without runs; both come back from the trash', () =>
  withEngine(async (client, { home }) => {
    await importing(client, 'd')
    const { started, finished } = await training(client, null)
    await finished
    expect(existsSync(join(home, 'runs', started.run))).toBe(true)
    await expect(client.call('runs.delete', {})).rejects.toMatchObject({ code: 'bad-input' })
    expect(await client.call('runs.delete', { run: started.run })).toEqual({ deleted: started.run, forever: false })
    expect(await client.call('runs.delete', { dataset: 'd' })).toEqual({ deleted: 'd', forever: false })
    expect([readdirSync(join(home, 'runs')), readdirSync(join(home, 'datasets'))]).toEqual([[], []])
    await expect(client.call('trash.restore', { entry: started.run })).rejects.toThrow(/dataset "d", which is not there/)
    await client.call('trash.restore', { entry: 'd' })
    await client.call('trash.restore', { entry: started.run })
    expect((await client.call('runs.list', {})).runs.map(({ run, state }) => [run, state])).toEqual([[started.run, 'finished']])
    expect([readdirSync(join(home, 'runs')), readdirSync(join(home, 'datasets'))]).toEqual([[started.run], ['d']])
    await client.call('runs.delete', { run: started.run, forever: true })
    expect((await client.call('trash.list', {})).entries).toEqual([])
  }))

test('closing the engine stops what it runs', () =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob(entry) })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const { finished } = await startJob(createClient(near), 'datasets.import', { name: 'slow', sample: true })
    const ended = expect(finished).rejects.toMatchObject({ code: 'cancelled' })
    await engine.close()
    await ended
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
  }))
