/** A run whose items are read by a sentence model, as a user has it: trained, asked about new items, taken elsewhere as a bundle. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSentenceModel } from '../helpers/sentence-model.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-texts-'))
const [home, elsewhere, bundle] = [join(root, 'home'), join(root, 'elsewhere'), join(root, 'bundle')]
const model = join(home, 'encoders/small')
const config = join(root, 'config.json')
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

async function succeed(at: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await pylon(args, { home: at })
  if (code !== 0) throw new Error(stderr)
  return { stdout, stderr }
}

interface Answer {
  readonly hits: readonly { readonly item: string; readonly score: number }[]
}
async function like(at: string, run: string, features: object): Promise<Answer['hits']> {
  const { stdout } = await succeed(at, 'similar', '--run', run, '--features', JSON.stringify(features), '--json')
  return (JSON.parse(stdout) as Answer).hits
}

beforeAll(async () => {
  const { interactions, items } = writeSmallMarket(root)
  // the words that the model knows, in two circles of taste each
  const rows = Array.from({ length: 60 }, (_, i) => `i${i},${i < 30 ? 'red' : 'blue'} thing ${i},g${Math.floor(i / 15)},${10 + i}`)
  writeFileSync(items, `item,title,genre,price\n${rows.join('\n')}\n`)
  await succeed(home, 'import', '--name', 'd', '--interactions', interactions, '--items', items, '--kinds', 'title=text')
  const text = { kind: 'text', name: 'title', column: 'title', encoder: { kind: 'onnx', model: 'small' } }
  writeFileSync(
    config,
    JSON.stringify({ model: 'two-tower', item: { features: [text] }, training: { epochs: 3, batchSize: 64, finalFit: false } }),
  )
})

test('a model that is not there is asked for at its place in the config', async () => {
  const { code, stderr } = await pylon(['train', '--dataset', 'd', '--config', config, '--name', 'none'], { home })
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/item\.features\[0\]\.encoder\.model: There is no sentence model "small"/)
})

test('texts are encoded once, whichever run reads them', async () => {
  writeSentenceModel(model)
  const first = await succeed(home, 'train', '--dataset', 'd', '--config', config, '--name', 'first')
  expect(first.stderr).toContain('encode texts')
  expect(readdirSync(join(home, 'text-vectors'))).toHaveLength(1)
  const second = await succeed(home, 'train', '--dataset', 'd', '--config', config, '--name', 'second')
  expect(second.stderr).not.toContain('encode texts')
})

test('what models there are is told, with what is wrong with a folder that is none', async () => {
  mkdirSync(join(home, 'encoders/empty'))
  const { stdout } = await succeed(home, 'encoders')
  expect(stdout).toMatch(/small +\S+ \S+ +mean +32 +– +[0-9a-f]{12}/)
  expect(stdout).toMatch(/empty .*model\.onnx/)
  expect(stdout).toMatch(/multilingual-e5-small/)
  const { encoders } = JSON.parse((await succeed(home, 'encoders', '--json')).stdout) as {
    encoders: { name: string; problem: string | null }[]
  }
  expect(encoders.map(({ name, problem }) => [name, problem === null])).toEqual([
    ['empty', false],
    ['small', true],
  ])
})

test('a new item goes through the same model: said as a known one, it is the nearest to those of its words', async () => {
  const [red, blue] = [await like(home, 'first', { title: 'red thing 7' }), await like(home, 'first', { title: 'blue thing 40' })]
  const circle = ({ item }: { readonly item: string }): boolean => Number(item.slice(1)) < 30
  expect(red.every(circle)).toBe(true)
  expect(blue.some(circle)).toBe(false)
})

test('a bundle carries the model, and answers elsewhere as here', async () => {
  await succeed(home, 'export', '--run', 'first', '--format', 'bundle', '--out', bundle)
  expect(existsSync(join(bundle, 'run/encoders/small/model.onnx'))).toBe(true)
  await succeed(elsewhere, 'verify', bundle)
  await succeed(elsewhere, 'import-run', bundle)
  const features = { title: 'A red thing that nobody has seen' }
  expect(await like(elsewhere, 'first', features)).toEqual(await like(home, 'first', features))
})

test('a model that has gone, or is another one, is asked for, and a known item needs none', async () => {
  renameSync(model, `${model}-away`)
  const ask = (): Promise<{ code: number | null; stderr: string }> =>
    pylon(['similar', '--run', 'first', '--features', '{"title":"red"}'], { home })
  expect((await ask()).stderr).toMatch(/sentence model "small".*which is not here/)
  writeSentenceModel(model, { scale: 2 })
  expect((await ask()).stderr).toMatch(/trained with another sentence model "small"/)
  await succeed(home, 'similar', '--run', 'first', '--item', 'i3')
})

test('new items whose texts are longer than those that the model was measured on are told by pylon skew, without a cost', async () => {
  const log = join(root, 'requests.jsonl')
  const skewOf = async (titles: readonly string[]): Promise<readonly { name: string; skew: string; cost: unknown }[]> => {
    const put = (title: string, i: number): object => ({
      kind: 'request',
      time: '2026-01-01T00:00:00.000Z',
      route: '/items',
      version: 'first',
      status: 200,
      asked: { items: [{ id: `n${i}`, features: { title } }] },
    })
    const lines = [{ kind: 'requests', format: 1 }, ...titles.map(put)]
    writeFileSync(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const { stdout } = await succeed(home, 'skew', log, '--json')
    return (JSON.parse(stdout) as { rows: { name: string; skew: string; cost: unknown }[] }).rows
  }
  const titles = Array.from({ length: 60 }, (_, i) => `${i < 30 ? 'red' : 'blue'} thing ${i}`)
  expect(await skewOf(titles)).toEqual([expect.objectContaining({ name: 'title', skew: 'none', cost: null })])
  const longer = titles.map((title) => `${title}, as good as new, with its box and its bill`)
  // a sentence is not made of columns: what it costs cannot be put into the held-out queries
  expect(await skewOf(longer)).toEqual([expect.objectContaining({ name: 'title', skew: 'distribution', cost: null })])
})
