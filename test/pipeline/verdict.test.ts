/** Several seeds of one spec by the command line, their verdict beside another recipe, and the marks of a table. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { startedResultSchema } from '../../main/contract/shapes/run.ts'
import type { CompareResult } from '../../main/contract/verbs.ts'
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

    const runs = [...three.seeds!.runs.map(({ run }) => run), knn.run]
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    try {
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

    // the command line: seeds are one row, whose mean stands beneath those of single runs; without ranks it says whose, and how to get them
    const compare = async (...flags: string[]): Promise<string> =>
      (await pylon(['compare', ...runs, 'most-popular', ...flags], { home })).stdout
    const unmarked = await compare()
    const popular = ((await ask('show', 'most-popular')) as { run: string }).run
    expect(unmarked).toContain(`No marks where ${popular} stands`)
    expect(unmarked).not.toMatch(/\d +best/)
    await ask('rank', popular)
    const marked = await compare('--metrics', 'recall@5,ndcg@20')
    expect(marked).not.toContain('No marks')
    const lines = marked.split('\n').slice(0, 4)
    expect(lines[1]).toMatch(/^\w+ +two-tower \(3 seeds\) +0\.\d{4} ± 0\.\d{4}/)
    // means end in one column, whatever stands behind them
    const ends = lines.slice(1).map((line) => [...line.matchAll(/(?<!± )0\.\d{4}/g)].map(({ index }) => index))
    expect(ends.map((at) => at.length)).toEqual([2, 2, 2])
    expect(new Set(ends.map(String)).size).toBe(1)
    // what is marked is what runs.marks told of these metrics; a row each run, where that is asked for
    const { marks, shown: named } = (await ask('compare', ...runs, 'most-popular', '--metrics', 'recall@5,ndcg@20')) as CompareResult
    expect(named).toEqual(['recall@5', 'ndcg@20'])
    expect(marked.match(/\d +best/g)?.length ?? 0).toBe(Object.keys(marks!.groups[0]!.best).length)
    expect((await compare('--each')).split('\n').findIndex((line) => line.startsWith('protocol'))).toBe(6)
    expect(await ask('compare', ...runs, '--plain')).toMatchObject({ marks: null })
    const unknown = await pylon(['compare', ...runs, '--metrics', 'ndcg@21'], { home })
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('--metrics: None of these runs has a metric "ndcg@21"') as string,
    ])
  }))
