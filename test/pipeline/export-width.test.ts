/** `pylon export --dim`: the first numbers of each vector, in formats that hand out vectors and nothing else. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNpy } from '../../main/engine/files/npy.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon, type CliResult } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-width-'))
const home = join(root, 'home')
const run = (...args: string[]): Promise<CliResult> => pylon([...args, '--json'], { home })

async function succeed(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stderr, json } = await run(...args)
  expect(code, stderr).toBe(0)
  return json!
}

beforeAll(async () => {
  const { interactions, items } = writeSmallMarket(join(root, 'market'))
  await succeed('import', '--name', 'market', '--interactions', interactions, '--items', items)
  const settings = ['training.epochs=2', 'training.matryoshka=[4,8]', 'user.output=16', 'item.output=16'].flatMap((each) => ['--set', each])
  await succeed('train', '--dataset', 'market', '--recipe', 'two-tower', '--name', 'doll', ...settings)
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('vectors are the first numbers of the whole ones, and the README says what they reach', async () => {
  await succeed('export', '--run', 'doll', '--format', 'vectors', '--out', join(root, 'whole'))
  await succeed('export', '--run', 'doll', '--format', 'vectors', '--out', join(root, 'narrow'), '--dim', '4')
  for (const file of ['user_vectors.npy', 'item_vectors.npy']) {
    const [whole, narrow] = [await readNpy(join(root, 'whole', file)), await readNpy(join(root, 'narrow', file))]
    expect(narrow.shape).toEqual([whole.shape[0], 4])
    for (let row = 0; row < whole.shape[0]!; row++)
      expect([...narrow.data.subarray(4 * row, 4 * row + 4)]).toEqual([...whole.data.subarray(16 * row, 16 * row + 4)])
  }
  const { metrics } = (await succeed('show', 'doll')) as { metrics: Record<string, number> }
  expect(readFileSync(join(root, 'narrow', 'README.md'), 'utf8')).toContain(
    `recall@20 ${metrics['dim4.recall@20']!.toFixed(4)} (the whole ${metrics['recall@20']!.toFixed(4)})`,
  )
})

test('other formats of vectors take them too', async () => {
  await succeed('export', '--run', 'doll', '--format', 'jsonl', '--out', join(root, 'lines'), '--dim', '8')
  const first = readFileSync(join(root, 'lines', 'items.jsonl'), 'utf8').split('\n', 1)[0]!
  expect((JSON.parse(first) as { vector: number[] }).vector).toHaveLength(8)
})

test.each([
  ['vectors', '5', /trained for the first 4, 8 numbers/],
  ['onnx', '4', /formats of vectors alone/],
  ['notebook', '4', /formats of vectors alone/],
])('%s at %s is refused', async (format, dim, message) => {
  const refused = await run('export', '--run', 'doll', '--format', format, '--out', join(root, 'refused'), '--dim', dim)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(message)
})
