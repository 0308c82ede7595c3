/**
 * Vectors of epochs: they are the run's own at the best one, stay within their budget, are the same after a pause, a leftover of a killed
 * process and a resume; and the lists that are asked of them are those of an exact search written here, in float64, over the stored numbers.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Client, createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { showResult } from '../../main/cli/views.ts'
import { openEngine } from '../../main/engine/index.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { readSafetensors } from '../../main/engine/files/safetensors.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { jobHere } from '../helpers/in-process.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withWorkspace } from '../helpers/workspace.ts'

const EPOCHS = 5
const SET = [`training.epochs=${EPOCHS}`, 'training.batchSize=64', 'training.earlyStopping.patience=20', 'training.finalFit=false']

interface Opened {
  readonly client: Client
  readonly home: string
  /** pauses a run after that epoch; 0: no more */
  readonly pauseAfter: (epoch: number) => void
}

const withRuns = (body: (opened: Opened) => Promise<void>): Promise<void> =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: jobHere })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    let stop = 0
    engine.subscribe((event, payload) => {
      if (event !== 'run.epoch') return
      const { run, row } = payload as { run: string; row: { epoch: number } }
      if (row.epoch === stop) void client.call('runs.pause', { run })
    })
    try {
      await (
        await startJob(client, 'datasets.import', { name: 'd', ...writeSmallMarket(join(home, 'files')) })
      ).finished
      await body({ client, home, pauseAfter: (epoch) => (stop = epoch) })
    } finally {
      await engine.close()
    }
  })
const train = (client: Client, set: string[] = SET) =>
  startJob(client, 'runs.start', { dataset: 'd', recipe: 'two-tower', threads: 1, set })
const filesIn = (home: string, run: string): string[] => {
  const folder = join(home, 'runs', run, 'epochs')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
const bytesIn = (home: string, run: string): Record<string, string> =>
  // the header names the run
  Object.fromEntries(
    filesIn(home, run).map((name) => [
      name,
      readFileSync(join(home, 'runs', run, 'epochs', name))
        .subarray(-4000)
        .toString('hex'),
    ]),
  )

test('a paused run that goes on keeps what one that was never stopped does', () =>
  withRuns(async ({ client, home, pauseAfter }) => {
    const whole = await train(client)
    const { bestEpoch } = await whole.finished
    const run = whole.started.run
    const names = Array.from({ length: EPOCHS }, (_, i) => `${String(i + 1).padStart(4, '0')}.safetensors`)
    expect(filesIn(home, run)).toEqual(names)
    const { artefacts } = await client.call('runs.show', { run })
    expect(artefacts.map(({ path }) => path).filter((path) => path.startsWith('epochs/'))).toEqual(names.map((name) => `epochs/${name}`))

    // of the best epoch: the very vectors that the run was measured by on the validation part
    const best = (await readSafetensors(join(home, 'runs', run, 'epochs', names[bestEpoch - 1]!))).tensors.get('items')!
    const measured = await readNpy(join(home, 'runs', run, 'train_item_vectors.npy'))
    expect(best.shape).toEqual(measured.shape)
    expect(best.data).toEqual(measured.data)

    pauseAfter(3)
    const paused = await train(client)
    await expect(paused.finished).rejects.toMatchObject({ code: 'cancelled' })
    pauseAfter(0)
    const again = paused.started.run
    expect(filesIn(home, again)).toEqual(names.slice(0, 3))
    // what a process left that was killed beyond its checkpoint, half of it nonsense
    writeFileSync(join(home, 'runs', again, 'epochs', '0004.safetensors'), 'nonsense')
    const second = join(home, 'runs', again, 'epochs', '0002.safetensors')
    const bytes = readFileSync(second)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(second, bytes)
    writeFileSync(join(home, 'runs', again, 'epochs', '0099.safetensors'), 'nonsense')
    await (
      await startJob(client, 'runs.start', { resume: again })
    ).finished
    // what was damaged meanwhile is not recorded as if it had been written
    const { ['0002.safetensors']: _, ...others } = bytesIn(home, run)
    expect(bestEpoch).not.toBe(2)
    expect(bytesIn(home, again)).toEqual(others)

    // deleted with its run, in no bundle
    const out = join(home, 'bundle')
    await (
      await startJob(client, 'runs.export', { run, format: 'bundle', out })
    ).finished
    expect(readdirSync(out, { recursive: true }).filter((name) => String(name).includes('epochs'))).toEqual([])
    await client.call('runs.delete', { run, forever: true })
    expect(existsSync(join(home, 'runs', run))).toBe(false)
  }))

test('a budget, and none', () =>
  withRuns(async ({ client, home }) => {
    await client.call('settings.set', { epochVectorsMb: 0 })
    const none = await train(client)
    await none.finished
    expect(filesIn(home, none.started.run)).toEqual([])
    const flow = await client.call('neighbours.flow', { runs: [none.started.run], item: 'i3', k: 5 })
    expect(flow.columns.map(({ epoch }) => epoch)).toEqual([null])
    expect(flow.without).toEqual([{ run: none.started.run, name: 'two-tower', why: 'none', known: [] }])
  }))

test('lists over epochs and runs are those of an exact search of the stored vectors', () =>
  withRuns(async ({ client, home }) => {
    const [first, second] = [await train(client), await train(client, [...SET, 'training.seed=5'])]
    const { bestEpoch } = await first.finished
    await second.finished
    const [a, b] = [first.started.run, second.started.run]
    const { manifest } = await client.call('datasets.profile', { dataset: 'd' })
    const ids = JSON.parse(readFileSync(join(home, 'runs', a, 'item_ids.json'), 'utf8')) as string[]
    const userIds = JSON.parse(readFileSync(join(home, 'runs', a, 'user_ids.json'), 'utf8')) as string[]

    const k = 6
    const flow = await client.call('neighbours.flow', { runs: [a, b], item: 'i17', k, epochs: 4 })
    expect(flow.columns.filter(({ run }) => run === a).map(({ epoch }) => epoch)).toContain(bestEpoch)
    expect(flow.columns.filter(({ isBest, run }) => isBest && run === a).map(({ epoch }) => epoch)).toEqual([bestEpoch])
    expect(flow.columns.length).toBe(10)
    const query = ids.indexOf('i17')
    const tops = new Set<string>()
    for (const [c, { run, epoch }] of flow.columns.entries()) {
      const items = await itemsOf(join(home, 'runs', run), epoch)
      const scores = Array.from({ length: manifest.items }, (_, item) => cosine(rowOf(items, query), rowOf(items, item)))
      const order = ids
        .map((_, item) => item)
        .filter((item) => item !== query)
        .sort((x, y) => scores[y]! - scores[x]!)
      for (const item of order.slice(0, k)) tops.add(ids[item]!)
      for (const each of flow.items) {
        const rank = each.ranks[c]!
        // scores of float32 may lie the other way where two are equal to 1e-6
        expect(Math.abs(scores[order[rank - 1]!]! - scores[ids.indexOf(each.item)]!)).toBeLessThan(1e-6)
        expect(each.scores[c]).toBeCloseTo(scores[ids.indexOf(each.item)]!, 5)
      }
    }
    expect(new Set(flow.items.map(({ item }) => item))).toEqual(tops)
    expect(flow.items.slice(0, k).map(({ ranks }) => ranks.at(-1))).toEqual([1, 2, 3, 4, 5, 6])
    const served = await client.call('neighbours.similar', { run: b, item: 'i17', k })
    expect(flow.items.slice(0, k).map(({ item }) => item)).toEqual(served.hits.map(({ item }) => item))

    // a user, by the vectors they had then; the match of the recipe is the cosine
    const forUser = await client.call('neighbours.flow', { runs: [a], user: 'u9', k, epochs: 50, includeSeen: true })
    expect(forUser.without).toEqual([])
    const { tensors } = await readSafetensors(join(home, 'runs', a, 'epochs', '0002.safetensors'))
    const row = (tensors.get('user_rows')!.data as Int32Array).indexOf(userIds.indexOf('u9'))
    const [items, users] = (['items', 'users'] as const).map((name) => ({
      data: tensors.get(name)!.data as Float32Array,
      dim: tensors.get(name)!.shape[1]!,
    }))
    const at = forUser.columns.findIndex(({ epoch }) => epoch === 2)
    for (const { item, scores } of forUser.items)
      expect(scores[at]).toBeCloseTo(cosine(rowOf(users!, row), rowOf(items!, ids.indexOf(item))), 5)

    // on the map: the best epoch is what the run serves, and another run is turned onto it
    const axes = await client.call('map.points', { run: a })
    expect([...axes.epochs]).toEqual([1, 2, 3, 4, 5])
    const same = await client.call('map.moved', { run: a, epoch: bestEpoch, to: a })
    expect(Math.max(...same.moved)).toBeLessThan(1e-6)
    for (const [i, at] of same.points.entries()) expect(at).toBeCloseTo(axes.points[i]!, 4)
    const before = await client.call('map.moved', { run: a, epoch: bestEpoch === 1 ? 5 : 1, to: a })
    const other = await client.call('map.moved', { run: b, to: a })
    for (const { points, moved } of [before, other]) {
      expect(points.length).toBe(axes.points.length)
      expect(Math.max(...moved)).toBeGreaterThan(1e-3)
    }
    // laid out by neighbourhoods, an item that has not moved stands among its nearest, so near its place
    await expect(client.call('map.moved', { run: a, epoch: 1, to: a, layout: 'neighbourhoods' })).rejects.toMatchObject({
      code: 'not-found',
    })
    await (
      await startJob(client, 'map.layout', { run: a, neighbours: 5, users: 0 })
    ).finished
    const laid = await client.call('map.points', { run: a, layout: 'neighbourhoods' })
    const again = await client.call('map.moved', { run: a, epoch: bestEpoch, to: a, layout: 'neighbourhoods' })
    const off = (points: Float32Array, others: Float32Array, shift: number): number => {
      let sum = 0
      for (let i = 0; i < points.length; i++) sum += (points[i]! - others[(i + 2 * shift) % points.length]!) ** 2
      return sum
    }
    expect(off(again.points, laid.points, 0)).toBeLessThan(0.2 * off(again.points, laid.points, 17))
    await expect(client.call('map.moved', { run: a, epoch: 77, to: a })).rejects.toMatchObject({ code: 'not-found' })

    const text = showResult('neighbours.flow', await client.call('neighbours.flow', { runs: [a], item: 'i17', k: 2, epochs: 0, csv: true }))
    expect(text.split('\n')[0]).toBe('run,name,epoch,item,title,popularity,rank,score')
    expect(text.split('\n')[1]).toMatch(new RegExp(`^${a},two-tower,,i\\d+,Item number \\d+,\\d+,1,0\\.`))
    await expect(client.call('neighbours.flow', { runs: [a] })).rejects.toMatchObject({ code: 'bad-input' })
  }))

interface Rows {
  readonly data: Float32Array
  readonly dim: number
}
async function itemsOf(folder: string, epoch: number | null): Promise<Rows> {
  if (epoch === null) {
    const { data, shape } = await readNpy(join(folder, 'item_vectors.npy'))
    return { data: data as Float32Array, dim: shape[1]! }
  }
  const { tensors } = await readSafetensors(join(folder, 'epochs', `${String(epoch).padStart(4, '0')}.safetensors`))
  return { data: tensors.get('items')!.data as Float32Array, dim: tensors.get('items')!.shape[1]! }
}
const rowOf = ({ data, dim }: Rows, row: number): number[] => Array.from(data.subarray(row * dim, (row + 1) * dim))
function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
