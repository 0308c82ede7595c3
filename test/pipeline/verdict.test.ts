/** Several seeds of one spec by the command line, their verdict beside another recipe, and the marks of a table. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { startedResultSchema } from '../../main/contract/shapes/run.ts'
import { verdictResult } from '../../main/contract/verbs/verdict.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { writeEvents } from '../helpers/four-circles.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

const SMALL = ['training.epochs=2', 'training.batchSize=64'].flatMap((set) => ['--set', set])

test('three seeds of one spec are a family, which is compared with another model over users and seeds', () =>
  withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    const events = join(folder, 'events.csv')
    writeEvents(events)
    await pylon(['import', '--name', 'd', '--interactions', events, '--split', 'leave-last'], { home })
    const ask = async (...args: string[]): Promise<unknown> => (await pylon([...args, '--json'], { home })).json
    const train = async (...args: string[]) => startedResultSchema.parse(await ask('train', '--dataset', 'd', '--threads', '1', ...args))

    const three = await train('--recipe', 'two-tower', '--seed', '5', '--seeds', '3', ...SMALL)
    expect(three.seeds!.runs.map(({ seed }) => seed)).toEqual([5, 6, 7])
    expect(three.seeds!.family).toBe(three.family)
    const values = three.seeds!.runs.map(({ metrics }) => metrics['ndcg@20']!)
    const mean = values.reduce((sum, value) => sum + value, 0) / 3
    expect(three.seeds!.mean['ndcg@20']).toBeCloseTo(mean, 12)
    expect(three.seeds!.sd['ndcg@20']).toBeCloseTo(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2), 12)

    // a model in closed form is trained once, however many are asked for
    const knn = await train('--recipe', 'item-knn', '--seeds', '3', '--name', 'knn')
    expect(knn.seeds).toBeUndefined()
    expect(((await ask('runs')) as { runs: unknown[] }).runs.length).toBe(4)

    const verdict = verdictResult.parse(await ask('verdict', three.run, 'knn', '--within', '50%'))
    expect(verdict).toMatchObject({ of: 'recipes', a: { seeds: [5, 6, 7], sd: expect.any(Number) as number }, b: { seeds: [], sd: null } })
    expect(verdict.a.mean).toBeCloseTo(mean, 12)
    expect(verdict.b.mean).toBeCloseTo(knn.metrics['ndcg@20']!, 12)
    expect(verdict.within).toBeCloseTo(0.5 * Math.max(verdict.a.mean, verdict.b.mean), 12)
    expect(verdict.slices[0]).toMatchObject({ slice: 'all', users: verdict.users })
    // a family goes by its id as well, and one run alone says nothing of other seeds
    expect(verdictResult.parse(await ask('verdict', three.family, 'knn', '--within', '50%'))).toEqual(verdict)
    expect(verdictResult.parse(await ask('verdict', three.run, 'knn', '--alone')).of).toBe('runs')
    const shown = await pylon(['verdict', three.run, 'knn'], { home })
    expect(shown.stdout).toMatch(/^(Different|The same|Cannot say yet)[^]*two-tower \(3 seeds\)[^]*to tell +a difference of/)

    const [first, second] = three.seeds!.runs.map(({ run }) => run)
    const same = await pylon(['verdict', first!, second!], { home })
    expect([same.code, same.stderr]).toEqual([2, expect.stringMatching(/differ only in their seed: .* with --alone/) as string])
    const wrong = await pylon(['verdict', first!, 'knn', '--within', 'much'], { home })
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--within') as string])

    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    try {
      const runs = [...three.seeds!.runs.map(({ run }) => run), knn.run]
      const metrics = ['ndcg@20', 'recall@1', 'coverage@20']
      const { groups, unranked } = await client.call('runs.marks', { runs, metrics })
      expect(unranked).toEqual([])
      expect(groups.map(({ rows }) => rows)).toEqual([[runs.slice(0, 3), [knn.run]]])
      // coverage is of all lists together: no user has one, so nothing is told
      expect(Object.keys(groups[0]!.best)).not.toContain('coverage@20')
      const popular = await startJob(client, 'runs.start', { dataset: 'd', spec: { model: 'most-popular' }, threads: 1 })
      await popular.finished
      const more = await client.call('runs.marks', { runs: [...runs, popular.started.run], metrics })
      expect(more).toEqual({ groups: [], unranked: [popular.started.run] })
    } finally {
      await engine.close()
    }
  }))
