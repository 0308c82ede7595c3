/** The difference of two real runs, from the engine and from the command line: ranks kept with a checksum, pages of users, refusals. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import type { VerbInput } from '../../main/contract/verbs.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { writeEvents } from '../helpers/four-circles.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

/** An engine with a dataset `d` and runs popular, knn and, with seen items as candidates, other. */
async function withRuns(body: (client: Client, home: string, ids: Record<string, string>) => Promise<void>): Promise<void> {
  await withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    try {
      const interactions = join(folder, 'events.csv')
      writeEvents(interactions)
      await (
        await startJob(client, 'datasets.import', { name: 'd', interactions, split: 'leave-last' })
      ).finished
      const ids: Record<string, string> = {}
      for (const [name, spec] of [
        ['popular', { model: 'most-popular' }],
        ['knn', { model: 'item-knn' }],
        ['other', { model: 'most-popular', evaluation: { seen: 'included' } }],
      ] as const) {
        const { started, finished } = await startJob(client, 'runs.start', { dataset: 'd', spec, name, threads: 1 })
        ids[name] = started.run
        await finished
      }
      await body(client, home, ids)
    } finally {
      await engine.close()
    }
  })
}

test('two runs are ranked once, paired and tested; what follows from their ranks is what was measured', () =>
  withRuns(async (client, home, ids) => {
    const pair = [ids['popular']!, ids['knn']!]
    const ask = (more: Partial<VerbInput<'difference.users'>> = {}) =>
      client.call('difference.users', { runs: pair, metric: 'ndcg@20', ...more })
    await expect(ask()).rejects.toMatchObject({ code: 'conflict' })
    expect(await client.call('curves.ranks', { runs: pair })).toEqual({ curves: [], missing: pair })

    const found = await (await startJob(client, 'runs.difference', { runs: ['popular', 'knn'], users: 3 })).finished
    const shown = await Promise.all(pair.map((run) => client.call('runs.show', { run })))
    expect(found).toMatchObject({ a: { run: pair[0], name: 'popular' }, b: { run: pair[1], name: 'knn' }, metric: 'ndcg@20' })
    expect([found.meanA, found.meanB]).toEqual(shown.map(({ metrics }) => expect.closeTo(metrics['ndcg@20']!, 12) as number))
    expect(found.gained.length).toBe(3)
    expect(found.gained.every(({ change }) => change !== null && change > 0)).toBe(true)

    const curves = await client.call('curves.ranks', { runs: pair, maxK: 20 })
    expect([curves.missing, curves.curves.map(({ recall, ndcg }) => [recall[19], ndcg[4]])]).toEqual([
      [],
      shown.map(({ metrics }) => [expect.closeTo(metrics['recall@20']!, 12) as number, expect.closeTo(metrics['ndcg@5']!, 12) as number]),
    ])
    for (const { artefacts, folder, protocolHash } of shown) {
      const file = artefacts.find(({ path }) => path === `ranks-${protocolHash}.npy`)!
      const bytes = readFileSync(join(folder, file.path))
      expect([file.bytes, file.sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')])
    }

    const all = await ask({ limit: 500 })
    expect(all.total).toBe(found.users)
    const changes = all.users.map(({ change }) => change ?? -Infinity) // who has none stands last
    expect(changes).toEqual(changes.toSorted((a, b) => b - a))
    const counts = await Promise.all((['win', 'loss', 'tie'] as const).map(async (outcome) => (await ask({ outcome })).total))
    expect(counts).toEqual([found.wins, found.losses, found.ties])
    const bar = found.histogram.find(({ users }) => users > 0)!
    expect((await ask({ changeFrom: bar.from, changeTo: bar.to })).total).toBe(bar.users)
    const cold = await ask({ slice: 'cold', limit: 500 })
    expect(cold.total).toBe(found.slices.find(({ slice }) => slice === 'cold')!.users)
    expect(cold.users.every(({ item }) => item.id === 'i39' && item.popularity === 0)).toBe(true)
    expect((await ask({ text: ' U12', limit: 500 })).users.map(({ user }) => user)).toEqual(['u12'])
    const second = await ask({ sort: 'user', descending: false, offset: 1, limit: 1 })
    expect(second.users.map(({ index }) => index)).toEqual([all.users.map(({ index }) => index).toSorted((a, b) => a - b)[1]])

    const again = await (await startJob(client, 'runs.difference', { runs: ['popular', 'knn'], users: 3 })).finished
    expect(again).toEqual(found)
    const printed = await pylon(['difference', 'popular', 'knn', '--metric', 'recall@5', '--users', '2'], { home })
    expect(printed.stdout).toMatch(/recall@5 +A 0\.\d{4}, B 0\.\d{4}[^]*B ranks higher: knn[^]*A ranks higher: popular/)
  }))

test('runs that do not compare are refused with the reason', () =>
  withRuns(async (client, _home, ids) => {
    const start = (runs: string[], metric?: string) =>
      startJob(client, 'runs.difference', { runs, ...(metric === undefined ? {} : { metric }) })
    await expect(start(['popular', 'other'])).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/by protocol [0-9a-f]{12}, run \w+ by [0-9a-f]{12}: their numbers do not compare/) as string,
    })
    await expect(start(['popular', ids['popular']!])).rejects.toMatchObject({ code: 'bad-input', place: 'runs' })
    await expect(start(['popular', 'knn'], 'coverage@20')).rejects.toMatchObject({ code: 'bad-input', place: 'metric' })
    await expect(start(['popular', 'nobody'])).rejects.toMatchObject({ code: 'not-found' })
  }))
