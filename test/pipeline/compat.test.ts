/**
 * Two trainings of one model, mixed: measured as the runs themselves are, rotated onto each other with every score kept, in vectors and in
 * towers, and across a later import by ids. Towers are run by ONNX Runtime; the rotation itself is held to scipy in test/unit/evaluation.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import ort from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { showCompat } from '../../main/cli/views/compat.ts'
import { type Client, startJob } from '../../main/contract/rpc.ts'
import type { ExportFormat } from '../../main/contract/shapes/export.ts'
import type { CompatCell, CompatResult } from '../../main/contract/verbs/compat.ts'
import type { AlignmentFacts } from '../../main/engine/export/align.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { withEngine } from '../helpers/engine.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { numbers } from '../helpers/numbers.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

/** Towers that are trained until they know the four circles of the small market. */
const SETTINGS = ['training.epochs=30', 'training.batchSize=64', 'training.earlyStopping=null', 'training.finalFit=false']
const MIXTURES = [
  ['a', 'b'],
  ['b', 'a'],
] as const

const train = async (client: Client, name: string, seed: number, width: number, dataset = 'market'): Promise<void> => {
  const set = [...SETTINGS, `user.output=${width}`, `item.output=${width}`]
  await (
    await startJob(client, 'runs.start', { dataset, recipe: 'two-tower', name, seed, set })
  ).finished
}
const compat = async (client: Client, a: string, b: string): Promise<CompatResult> =>
  (await startJob(client, 'runs.compat', { runs: [a, b], k: 5 })).finished
const cell = ({ cells }: CompatResult, users: string, items: string, isAligned = false): CompatCell | undefined =>
  cells.find((each) => each.users === users && each.items === items && each.isAligned === isAligned)

// some twenty processes, one after the other
test('two trainings, mixed and rotated onto each other', { timeout: 900_000 }, () =>
  withEngine(async ({ client, home }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'market', ...writeSmallMarket(join(home, 'files')) })
    ).finished
    for (const [name, seed, width] of [
      ['old', 1, 16],
      ['new', 2, 16],
      ['narrow', 3, 8],
    ] as const)
      await train(client, name, seed, width)
    await mixed(client)
    await twoWidths(client)
    const root = await temporaryFolder()
    await rotated(client, { home, root }, { name: 'new', onto: 'old', from: 16, to: 16 })
    await rotated(client, { home, root }, { name: 'narrow', onto: 'old', from: 8, to: 16 })
    await laterImport(client, join(home, 'later'))
    await refusals(client, root)
  }),
)

/** A run by itself is what it was measured at, mixed ones lose, a rotation brings them back. */
async function mixed(client: Client): Promise<void> {
  const found = await compat(client, 'old', 'new')
  for (const [run, side] of [
    ['old', 'a'],
    ['new', 'b'],
  ] as const) {
    const { metrics } = await client.call('runs.show', { run })
    expect(cell(found, side, side)!.recall.value).toBeCloseTo(metrics['recall@5']!, 12)
    expect(cell(found, side, side)!.ndcg.value).toBeCloseTo(metrics['ndcg@5']!, 12)
  }
  expect(cell(found, 'a', 'a')!.recall).toMatchObject({ difference: 0, low: 0, high: 0 })
  for (const [users, items] of MIXTURES) {
    const [plain, aligned] = [cell(found, users, items)!, cell(found, users, items, true)!]
    expect(plain.ndcg.high, 'two seeds share no axes').toBeLessThan(0)
    expect(aligned.ndcg.value).toBeGreaterThan(plain.ndcg.value)
    for (const { difference, low, high } of [plain.recall, aligned.recall]) {
      expect(low).toBeLessThanOrEqual(difference)
      expect(high).toBeGreaterThanOrEqual(difference)
    }
  }
  expect(found.advice).not.toBe('mix')
  expect(stripVTControlCharacters(showCompat(found))).toMatch(/^(May be mixed once|Swap both together)/)
  const { histogram, replaced } = found.churn
  expect(found.users).toBe(histogram.reduce((sum, users) => sum + users, 0))
  expect(replaced.mean).toBeCloseTo(histogram.reduce((sum, users, items) => sum + users * items, 0) / found.users, 12)
}

/** Of two widths there is no product, and the narrower may be rotated into the wider. */
async function twoWidths(client: Client): Promise<void> {
  const found = await compat(client, 'old', 'narrow')
  expect(found.unmixed).toMatch(/have 16 numbers, items of the other 8/)
  expect(cell(found, 'a', 'b')).toBeUndefined()
  expect(cell(found, 'a', 'b', true)).toBeDefined()
  const other = await compat(client, 'narrow', 'old')
  expect(other.unaligned).toMatch(/16 numbers, those to be aligned to only 8/)
  expect(other.cells).toHaveLength(2)
}

/** A tower of an export, asked with numbers of no meaning, the same for every export of the run. */
async function asked(folder: string, side: 'user' | 'item'): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(join(folder, `${side}_tower.onnx`))
  const feeds = Object.fromEntries(
    session.inputMetadata.map((port, i) => {
      if (!port.isTensor) throw new Error(`${port.name} is no tensor.`)
      const shape = port.shape.map((d, axis) => (typeof d === 'number' ? d : axis === 0 ? 3 : 2))
      const size = shape.reduce((a, b) => a * b, 1)
      const data = port.type === 'int32' ? Int32Array.from({ length: size }, (_, k) => (k + i) % 5) : numbers(size, i)
      return [port.name, new ort.Tensor(port.type, data, shape)]
    }),
  )
  const { vectors } = await session.run(feeds)
  await session.release()
  return vectors!.data as Float32Array
}

/** Every score is kept, in vectors and in towers; and what is told of it is what was measured. */
async function rotated(
  client: Client,
  { home, root }: { home: string; root: string },
  { name, onto, from, to }: { name: string; onto: string; from: number; to: number },
): Promise<void> {
  const own = join(home, 'runs', (await client.call('runs.show', { run: name })).run)
  const turned = (format: string): string => join(root, `${name}-${format}`)
  const hasTowers = from === to // towers that grow wider are those of test/unit/export/tfjs.test.ts
  for (const format of hasTowers ? (['vectors', 'onnx'] as const) : (['vectors'] as const))
    await (
      await startJob(client, 'runs.export', { run: name, format, out: turned(format), alignTo: onto })
    ).finished
  await (
    await startJob(client, 'bundles.verify', { path: turned('vectors') })
  ).finished
  const read = async (folder: string, side: string): Promise<Float32Array> =>
    (await readNpy(join(folder, `${side}_vectors.npy`))).data as Float32Array
  const [users, items] = [await read(own, 'user'), await read(own, 'item')]
  const [turnedUsers, turnedItems] = [await read(turned('vectors'), 'user'), await read(turned('vectors'), 'item')]
  const product = (a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number => {
    let sum = 0
    for (let k = 0; k < dim; k++) sum += a[i * dim + k]! * b[j * dim + k]!
    return sum
  }
  let worst = 0
  for (let pair = 0; pair < 1000; pair++) {
    const [user, item] = [pair % 80, (pair * 7) % 60]
    worst = Math.max(worst, Math.abs(product(users, user, items, item, from) - product(turnedUsers, user, turnedItems, item, to)))
  }
  expect(worst).toBeGreaterThan(0)
  expect(worst).toBeLessThan(1e-6)

  const rotation = (await readNpy(join(turned('vectors'), 'rotation.npy'))).data as Float64Array
  for (const side of hasTowers ? (['user', 'item'] as const) : []) {
    const [before, after] = [await asked(own, side), await asked(turned('onnx'), side)]
    expect(after).toHaveLength(3 * to)
    for (let row = 0; row < 3; row++)
      for (let b = 0; b < to; b++) {
        let value = 0
        for (let a = 0; a < from; a++) value += before[row * from + a]! * rotation[a * to + b]!
        expect(after[row * to + b]).toBeCloseTo(value, 5)
      }
  }
  const facts = JSON.parse(readFileSync(join(turned('vectors'), 'alignment.json'), 'utf8')) as AlignmentFacts
  const { metrics } = await client.call('runs.show', { run: name })
  const by = (isAligned: boolean, users: string, items: string) =>
    facts.pairings.find((each) => each.isAligned === isAligned && each.users === users && each.items === items)
  expect(by(false, 'this', 'this')!['recall@20']).toBeCloseTo(metrics['recall@20']!, 12)
  const told = by(true, 'other', 'this')!['recall@20'].toFixed(4)
  expect(readFileSync(join(turned('vectors'), 'README.md'), 'utf8')).toMatch(new RegExp(`its users on these items (.* before, )?${told}`))
}

/** A later import is met by ids: items that one does not have are never found. */
async function laterImport(client: Client, folder: string): Promise<void> {
  const { interactions, items } = writeSmallMarket(folder)
  appendFileSync(items, 'i60,Item number 60,g0,70\n')
  for (let user = 0; user < 80; user += 2) appendFileSync(interactions, `u${user},i60,${1_700_100_000 + user}\n`)
  for (const name of ['u80', 'u81']) for (const item of ['i1', 'i2', 'i60']) appendFileSync(interactions, `${name},${item},1700200000\n`)
  await (
    await startJob(client, 'datasets.import', { name: 'later', interactions, items })
  ).finished
  await train(client, 'later', 1, 16, 'later')
  const found = await compat(client, 'old', 'later')
  expect(found.items).toEqual({ both: 60, onlyA: 0, onlyB: 1 })
  expect(found.protocol.datasetName).toBe('later')
  expect(found.users, 'users that the old one does not know are left out').toBe(80)
  // half of them have i60 held out, which the old index lacks
  expect(cell(found, 'a', 'a')!.recall.value).toBeLessThanOrEqual(0.5)
}

async function refusals(client: Client, root: string): Promise<void> {
  const refused = (format: ExportFormat, alignTo: string, more: object = {}): Promise<unknown> =>
    startJob(client, 'runs.export', { run: 'new', format, out: join(root, 'refused'), alignTo, ...more }).then(({ finished }) => finished)
  await expect(refused('pytorch', 'old')).rejects.toThrow(/pytorch carries the run as it was trained: swap it whole/)
  await expect(refused('bundle', 'old')).rejects.toThrow(/bundle carries the run/)
  await expect(refused('vectors', 'new')).rejects.toThrow(/is run .* itself/)
  await expect(refused('vectors', 'narrow')).rejects.toThrow(/Its vectors have 16 numbers, those to be aligned to only 8: align the other/)
  await expect(refused('onnx', 'old', { int8: true })).rejects.toThrow(/goes not with --int8/)
  await expect(compat(client, 'old', 'old')).rejects.toThrow(/Both are run/)
}
