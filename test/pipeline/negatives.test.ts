/**
 * The negative laboratory on data with a plant: users like the items of one group alone, have met some of them, and a uniform sampler takes
 * the others for negatives. Their share is estimated from what validation holds out, and compared with the groups, which nothing else reads.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Client, createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import type { VerbInput } from '../../main/contract/verbs.ts'
import { showResult } from '../../main/cli/views.ts'
import { openEngine } from '../../main/engine/index.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { jobHere } from '../helpers/in-process.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withWorkspace } from '../helpers/workspace.ts'

const withEngine = (body: (client: Client, home: string) => Promise<void>): Promise<void> =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: jobHere })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    try {
      await body(createClient(near), home)
    } finally {
      await engine.close()
    }
  })
const trained = async (client: Client, dataset: string, set: string[]): Promise<string> => {
  const { started, finished } = await startJob(client, 'runs.start', { dataset, recipe: 'two-tower', threads: 1, set })
  await finished
  return started.run
}
const ask = async (client: Client, input: VerbInput<'runs.negatives'>) => (await startJob(client, 'runs.negatives', input)).finished

const [USERS, MET] = [500, 12]
/** `groups` of `liked` items; each user has met {@link MET} of one, the last two held out. */
function writeGroups(path: string, groups: number, liked: number): void {
  let state = 7
  const below = (n: number): number => ((state = (state * 48271) % 2147483647), state % n)
  const rows = ['user,item,time']
  for (let user = 0; user < USERS; user++) {
    const met = new Set<number>()
    while (met.size < MET) met.add((user % groups) * liked + below(liked))
    for (const [i, item] of [...met].entries()) rows.push(`u${user},i${item},${1_700_000_000 + i * 3600 + user}`)
  }
  writeFileSync(path, `${rows.join('\n')}\n`)
}

test.each([
  [5, 13, 30],
  [10, 8, 50],
  [20, 4, 40],
])('%d of 100 planted: %d groups of %d items', (percent, groups, liked) =>
  withEngine(async (client, home) => {
    mkdirSync(home, { recursive: true })
    writeGroups(join(home, 'events.csv'), groups, liked)
    await (
      await startJob(client, 'datasets.import', { name: 'planted', interactions: join(home, 'events.csv') })
    ).finished
    const { manifest } = await client.call('datasets.profile', { dataset: 'planted' })
    const run = await trained(client, 'planted', [
      'training.epochs=8',
      'training.batchSize=500',
      'training.finalFit=false',
      'loss={"kind":"sampled-softmax","negatives":400,"sampler":{"kind":"uniform"}}',
    ])
    const seen = manifest.parts.train / USERS
    const truth = (liked - seen) / (manifest.items - seen)
    expect(Math.abs(100 * truth - percent)).toBeLessThan(0.7)
    const { falseNegatives } = await ask(client, { run })
    expect(falseNegatives.users).toBeGreaterThan(200)
    expect(Math.abs(100 * (falseNegatives.estimate!.share - truth))).toBeLessThan(2)
    expect(falseNegatives.estimate!.low).toBeLessThan(falseNegatives.estimate!.high)
  }),
)

test('a run with its own mix and another', () =>
  withEngine(async (client, home) => {
    await (
      await startJob(client, 'datasets.import', { name: 'd', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    const run = await trained(client, 'd', ['training.epochs=2', 'training.batchSize=64', 'training.finalFit=false'])
    const look = await ask(client, { run })
    expect(look.mix).toMatchObject({ loss: 'in-batch-softmax', sampler: null, drawn: 0, hard: null })
    expect([look.rows, look.batch, look.candidates, look.trial]).toEqual([64, 64, 64, null])
    // of a softmax as much is pushed as is pulled
    expect(look.pull.negatives / look.pull.positives).toBeCloseTo(1, 4)
    for (const buckets of [look.byRank, look.byPopularity]) {
      expect(buckets.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5)
      expect(buckets.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(look.negatives)
    }
    expect(look.negatives + look.masked.accidental + look.masked.known + look.rows).toBe(64 * 64)
    const { heat } = look
    const columns = heat.columns.length
    expect(heat.scores.length).toBe(32 * columns)
    for (let row = 0; row < 32; row++) {
      expect(heat.kinds[row * columns + row]).toBe(1)
      expect(heat.columns[row]!.item).toBe(heat.rows[row]!.item)
    }
    // what is kept out has no gradient
    for (const [i, kind] of heat.kinds.entries()) if (kind === 2) expect(heat.gradients[i]).toBe(0)
    expect(await ask(client, { run })).toEqual(look)
    expect((await ask(client, { run, batch: 2 })).heat.rows).not.toEqual(heat.rows)

    const mixed = await ask(client, { run, sampler: 'popularity', alpha: 0.5, drawn: 30, hard: 0.5, temperature: 0.2, trial: 6 })
    expect(mixed.mix).toEqual({ loss: 'mixed-softmax', sampler: 'popularity', alpha: 0.5, drawn: 30, hard: 0.5, temperature: 0.2 })
    expect(mixed.candidates).toBe(64 + 30 + 4)
    expect(mixed.trial!.points.map(({ step }) => step)).toEqual([0, 2, 4, 6])
    expect(mixed.trial!.points[0]!.run).toBe(mixed.trial!.points[0]!.mix)
    expect(mixed.trial!.points[0]!.run).toBeGreaterThan(0)
    // the same mix trains to the same numbers
    const same = await ask(client, { run, trial: 4 })
    for (const { run: a, mix: b } of same.trial!.points) expect(a).toBe(b)
    expect(showResult('runs.negatives', mixed)).toContain('accidental hits')
    await expect(ask(client, { run, trial: 2, metric: 'recall@x' })).rejects.toMatchObject({ code: 'bad-input' })
    const popular = await startJob(client, 'runs.start', { dataset: 'd', recipe: 'most-popular' })
    await popular.finished
    await expect(ask(client, { run: popular.started.run })).rejects.toThrow(/learns from no negatives/)
  }))
