/**
 * The popularity dial: at λ 0 it is the run to the bit, λ moves what is retrieved towards what many know, and a run that is made of one λ
 * ranks as it was measured, by scores that are computed here from vectors in float64, serves, exports and is no more after its run is deleted.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { itemCounts } from '../../main/engine/evaluation/held-out.ts'
import { isPareto } from '../../main/engine/jobs/dial.ts'
import { listFiles } from '../../main/engine/export/bundle/write-bundle.ts'
import { loadVectors } from '../../main/engine/model/run-vectors.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { withEngine } from '../helpers/engine.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

test('a run, dialled', () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    const trained = async (recipe: string, set: string[] = []): Promise<string> => {
      const { started, finished } = await startJob(client, 'runs.start', { dataset: 'small', recipe, set })
      await finished
      return started.run
    }
    const run = await trained('two-tower', ['training.epochs=2'])
    const dialled = await (await startJob(client, 'runs.dial', { run, lambdas: [-0.4, 0.4, 2] })).finished
    expect(dialled.points.map(({ lambda }) => lambda)).toEqual([-0.4, 0, 0.4, 2])
    const popularity = dialled.points.map(({ metrics }) => metrics['popularity@20']!)
    expect(popularity).toEqual(popularity.toSorted((a, b) => a - b))
    expect(popularity[3]!).toBeGreaterThan(popularity[0]!)
    expect(dialled.points.some((point) => point.isPareto)).toBe(true)
    const validationOf = async (of: string): Promise<Readonly<Record<string, number>>> =>
      (await (await startJob(client, 'runs.evaluate', { run: of, split: 'validation' })).finished).metrics
    const plain = await validationOf(run)
    for (const [name, value] of Object.entries(plain))
      if (name in dialled.points[1]!.metrics) expect(dialled.points[1]!.metrics[name]).toBe(value)
    expect(plain['ips@20']).toBeGreaterThan(0)

    const { started, finished } = await startJob(client, 'runs.blend', { runs: [run], popularity: 0.4 })
    await finished
    const made = started.run
    const shown = await client.call('runs.show', { run: made })
    expect(shown.name).toBe('two-tower + 0.4 popularity')
    expect((await validationOf(made))['ndcg@20']).toBe(dialled.points[2]!.metrics['ndcg@20'])
    expect((await client.call('runs.compare', { runs: [run, made] })).groups.length).toBe(1)

    // its scores by its run's vectors, in float64: s / deviation over the items + λ log(1 + n) / deviation
    const manifest = (await client.call('datasets.profile', { dataset: 'small' })).manifest
    const dataset = await openDataset(join(home, 'datasets', 'small'), manifest)
    const vectorsOf = async (of: string) => {
      const runFolder = join(home, 'runs', of)
      return loadVectors({ runFolder, fileRecords: await listFiles(runFolder) }, { user: manifest.users, item: manifest.items })
    }
    const [own, one] = [await vectorsOf(run), await vectorsOf(made)]
    expect(one.dim).toBe(own.dim + 1)
    const { match } = (await client.call('runs.show', { run })).spec as { match: { kind: string } }
    expect(match.kind).toBe('cosine')
    const logs = Array.from(itemCounts(dataset, ['train', 'validation']), (n) => Math.log1p(n))
    for (const user of [0, 17, 79]) {
      const scores = scoresOf(own, user, true)
      const expected = scores.map((score, item) => score / deviation(scores) + (0.4 * logs[item]!) / deviation(logs))
      for (const [item, score] of scoresOf(one, user, false).entries()) expect(score).toBeCloseTo(expected[item]!, 4)
    }

    // a typed-in user is answered; an item typed in is one that nobody had
    const lists = async (): Promise<string[][]> => {
      const known = await client.call('neighbours.recommend', { run: made, user: 'u3', k: 10 })
      const fresh = await client.call('neighbours.recommend', { run: made, features: '{"history": ["i3"]}', k: 10 })
      const near = await client.call('neighbours.similar', {
        run: made,
        features: '{"title": "Item number 7", "genre": "g0", "price": 17}',
        k: 10,
      })
      return [known, fresh, near].map(({ hits }) => hits.map(({ item }) => item))
    }
    const before = await lists()
    expect(before.map((list) => list.length)).toEqual([10, 10, 10])
    const folder = await temporaryFolder()
    for (const format of ['bundle', 'onnx-raw'] as const)
      await (
        await startJob(client, 'runs.export', { run: made, format, out: join(folder, format) })
      ).finished
    const verified = await (await startJob(client, 'bundles.verify', { path: join(folder, 'bundle') })).finished
    expect(verified.kind).toBe('bundle')
    const inputs = JSON.parse(await readFile(join(folder, 'onnx-raw', 'inputs.json'), 'utf8')) as {
      item: { name: string; encoded: unknown }[]
    }
    expect(inputs.item.find(({ name }) => name === 'item.interactions')).toMatchObject({ encoded: null })
    await client.call('runs.delete', { run })
    expect(await lists()).toEqual(before)

    // what cannot be dialled
    const refused = async (input: { runs: string[]; popularity?: number }): Promise<unknown> => startJob(client, 'runs.blend', input)
    const ease = await trained('ease', ['lambda=100'])
    await expect(startJob(client, 'runs.dial', { run: ease })).rejects.toThrow(/ease, which has item-item weights/)
    await expect(refused({ runs: [ease], popularity: 0.1 })).rejects.toThrow(/ease, which has item-item weights/)
    await expect(refused({ runs: [made], popularity: 0.1 })).rejects.toThrow(/is a blend itself/)
    const ials = await trained('ials', ['epochs=1'])
    await expect(refused({ runs: [ials], popularity: 0 })).rejects.toThrow(/at 0 it is run/)
    await expect(refused({ runs: [ials] })).rejects.toThrow(/two runs at least/)
  }))

test('what is beaten in nothing', () => {
  const points = [
    [0.2, 0.5],
    [0.3, 0.4],
    [0.2, 0.4],
    [0.3, 0.4],
  ].map(([ndcg, coverage]) => ({ metrics: { 'ndcg@20': ndcg!, 'coverage@20': coverage! } }))
  expect(points.map((point) => isPareto(point, points))).toEqual([true, true, false, true])
})

interface Both {
  readonly dim: number
  readonly user: Float32Array
  readonly item: Float32Array
}

function scoresOf({ dim, user, item }: Both, of: number, isCosine: boolean): number[] {
  const row = (all: Float32Array, at: number): number[] => {
    const vector = [...all.subarray(at * dim, (at + 1) * dim)]
    const length = Math.hypot(...vector)
    return isCosine ? vector.map((x) => x / length) : vector
  }
  const u = row(user, of)
  return Array.from({ length: item.length / dim }, (_, i) => row(item, i).reduce((sum, x, j) => sum + x * u[j]!, 0))
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
}
