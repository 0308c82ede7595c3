/** A newer bundle as what changed since an older one: made by the command line, put together elsewhere to the bit, served; and what is wrong refused. */
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { BundleDelta } from '../../main/contract/shapes/bundle-delta.ts'
import { type OpenBundle, openBundle } from '../../main/engine/export/bundle/read-bundle.ts'
import { applyDelta, writeDelta } from '../../main/engine/export/bundle/delta.ts'
import { listFiles } from '../../main/engine/export/bundle/write-bundle.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { servingCommand } from '../helpers/served.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

let root = ''
let home = ''
const at = (name: string): string => join(root, name)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-delta-'))
  home = at('home')
  const { interactions, items } = writeSmallMarket(root)
  const changed = readFileSync(items, 'utf8').replace('Item number 7,', 'Item seven again,')
  writeFileSync(at('items2.csv'), `${changed}i60,Item number 60,g2,33\ni61,Item number 61,g1,12\n`)
  const kept = ['--set', 'training.epochs=0', '--set', 'training.warmStart=first', '--set', 'training.earlyStopping=null']
  for (const args of [
    ['import', '--name', 'd', '--interactions', interactions, '--items', items],
    ['import', '--name', 'd2', '--interactions', interactions, '--items', at('items2.csv')],
    ['train', '--dataset', 'd', '--recipe', 'two-tower', '--set', 'training.batchSize=64', '--set', 'training.epochs=2', '--name', 'first'],
    ['train', '--dataset', 'd2', '--recipe', 'two-tower', ...kept, '--set', 'training.finalFit=false', '--name', 'second'],
    ['export', '--run', 'first', '--format', 'bundle', '--out', at('first.zip')],
    ['export', '--run', 'second', '--format', 'bundle', '--out', at('second.zip')],
    ['export', '--run', 'second', '--format', 'bundle', '--out', at('second')],
  ])
    expect((await pylon(args, { home })).code, args.join(' ')).toBe(0)
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('what changed is a small part, and the newer bundle is put together to the bit', async () => {
  const told = await answerOf(['delta', '--from', at('first.zip'), '--to', at('second.zip'), '--out', at('next.zip')], { home })
  expect(told).toMatchObject({ from: 'first', to: 'second', items: 62, added: 2, changed: 1, removed: 0 })
  expect(Number(told['bytes'])).toBeLessThan(0.1 * readFileSync(at('second.zip')).length)
  const made = await answerOf(['apply-delta', at('next.zip'), '--onto', at('first.zip'), '--out', at('made.zip')], { home })
  expect(made).toMatchObject({ kind: 'bundle', name: 'second', path: at('made.zip') })
  expect(readFileSync(at('made.zip')).equals(readFileSync(at('second.zip')))).toBe(true)
})

test('back again items are removed, and a running server goes over to what was put together with the answers of the whole', async () => {
  await answerOf(['delta', '--from', at('first.zip'), '--to', at('second.zip'), '--out', at('forth.zip')], { home })
  const back = await answerOf(['delta', '--from', at('second.zip'), '--to', at('first.zip'), '--out', at('back.zip')], { home })
  expect(back).toMatchObject({ from: 'second', to: 'first', items: 60, added: 0, changed: 1, removed: 2 })
  await answerOf(['apply-delta', at('forth.zip'), '--onto', at('first.zip'), '--out', at('went.zip')], { home })
  await answerOf(['apply-delta', at('back.zip'), '--onto', at('went.zip'), '--out', at('came.zip')], { home })

  const server = await servingCommand(['--bundle', at('first.zip'), '--home', at('served')])
  try {
    const ask = async (path: string, body: object): Promise<{ version: string; items?: unknown[] }> => {
      const headers = { authorization: `Bearer ${server.token}` }
      const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(answer.status, path).toBe(200)
      return (await answer.json()) as never
    }
    const users = Array.from({ length: 20 }, (_, i) => `u${i}`)
    const lists = (): Promise<unknown> => ask('/recommend/batch', { users, k: 10 })
    const first = await lists()
    const after = async (bundle: string): Promise<unknown> => {
      await ask('/swap', { bundle: at(bundle) })
      return lists()
    }
    const whole = await after('second.zip')
    expect(whole).not.toEqual(first)
    expect(await after('came.zip')).toEqual(first)
    expect(await after('went.zip')).toEqual(whole)
  } finally {
    server.process.kill('SIGTERM')
    await server.ended
  }
})

test('folders do as well, and those that are not there yet are made', async () => {
  await answerOf(['delta', '--from', at('first.zip'), '--to', at('second'), '--out', at('of-folder.zip')], { home })
  await answerOf(['apply-delta', at('of-folder.zip'), '--onto', at('first.zip'), '--out', at('made')], { home })
  expect(await listFiles(at('made'))).toEqual(await listFiles(at('second')))
  await answerOf(['delta', '--from', at('first.zip'), '--to', at('second'), '--out', at('new/deep/n.zip')], { home })
  for (const out of ['other/deep/made', 'another/deep/made.zip'])
    await answerOf(['apply-delta', at('new/deep/n.zip'), '--onto', at('first.zip'), '--out', at(out)], { home })
  expect(await listFiles(at('other/deep/made'))).toEqual(await listFiles(at('second')))
})

test('the same bundle is a delta of next to nothing; another training has all vectors changed, and both are right', async () => {
  const same = await answerOf(['delta', '--from', at('first.zip'), '--to', at('first.zip'), '--out', at('same.zip')], { home })
  expect(same).toMatchObject({ added: 0, changed: 0, removed: 0, dataBytes: 0 })
  const seed = ['--set', 'training.batchSize=64', '--set', 'training.epochs=1', '--seed', '9', '--name', 'third']
  await answerOf(['train', '--dataset', 'd', '--recipe', 'two-tower', ...seed], { home })
  await answerOf(['export', '--run', 'third', '--format', 'bundle', '--out', at('third')], { home })
  const other = await pylon(['delta', '--from', at('first.zip'), '--to', at('third'), '--out', at('third.zip')], { home })
  expect(other.stdout).toContain('Every vector differs')
  await answerOf(['apply-delta', at('third.zip'), '--onto', at('first.zip'), '--out', at('third-made')], { home })
  expect(await listFiles(at('third-made'))).toEqual(await listFiles(at('third')))
})

describe('refused', () => {
  const apply = async (delta: string, onto = at('first.zip'), out = at(`out-${Math.random()}`)): Promise<string> => {
    const { code, stderr } = await pylon(['apply-delta', delta, '--onto', onto, '--out', out], { home })
    return code === 0 ? 'accepted' : stderr
  }

  test('what it was not made from, what is no delta, and a place that is taken', async () => {
    expect(await apply(at('next.zip'), at('second.zip'))).toMatch(
      /delta from run \w+ \(first\).*apply it to the bundle that it was made from/,
    )
    expect(await apply(at('second.zip'))).toContain('is no delta of Pylon')
    expect(await apply(at('items2.csv'))).toContain('is no whole .zip')
    expect(await apply(at('second'))).toContain('give the .zip file')
    expect(await apply(at('next.zip'), at('first.zip'), at('second.zip'))).toContain('second.zip exists')
    expect(await apply(at('next.zip'), at('next.zip'))).toContain('is no bundle of Pylon')
    expect(await apply(at('next.zip'), at('first.zip'), at('second'))).toContain('is not empty')
    expect(await apply(at('next.zip'), at('made'), at('made/in'))).toContain('is inside the bundle')
    for (const [from, to] of [
      ['made', 'second.zip'],
      ['first.zip', 'made'],
    ] as const)
      expect((await pylon(['delta', '--from', at(from), '--to', at(to), '--out', at('made/run/in.zip')], { home })).stderr).toContain(
        'is inside the bundle',
      )
    const beside = await pylon(['delta', '--from', at('first.zip'), '--to', at('second.zip'), '--out', at('folder')], { home })
    expect(beside).toMatchObject({ code: 2 })
    expect(beside.stderr).toContain('NAME.zip')
  })

  test('a delta that was changed by hand, whatever it says', async () => {
    const [from, to] = [await opened('first.zip'), await opened('second.zip')]
    const folder = await mkdtemp(at('delta-'))
    const delta = await drain(writeDelta(from, to, folder, '1.0.0'))
    const data = readFileSync(join(folder, 'data.bin'))
    const after = async (change: (delta: BundleDelta) => object, bytes = data): Promise<string> => {
      const path = join(await mkdtemp(at('forged-')), 'delta.zip')
      const zip = new ZipFile()
      zip.addBuffer(Buffer.from(JSON.stringify({ ...structuredClone(delta), ...change(structuredClone(delta)) })), 'delta.json')
      zip.addBuffer(bytes, 'data.bin')
      zip.end()
      await pipeline(zip.outputStream, createWriteStream(path))
      const out = await mkdtemp(at('made-'))
      return drain(applyDelta(path, from, join(out, 'new'), await mkdtemp(at('temp-')))).then(
        () => 'accepted',
        (error: unknown) => (error as Error).message,
      )
    }
    const withFile = (change: Partial<BundleDelta['files'][number]>) => (of: BundleDelta) => ({
      files: of.files.map((file, i) => (i === 0 ? { ...file, ...change } : file)),
    })
    const { bytes } = delta.files[0]!
    expect(await after(() => ({}))).toBe('accepted')
    expect(await after(withFile({ path: '../escaped' }))).toContain('leads out of the bundle')
    expect(await after(withFile({ path: '/etc/escaped' }))).toContain('leads out of the bundle')
    expect(await after(withFile({ path: delta.files[1]!.path }))).toContain('is in it twice')
    expect(await after(withFile({ pieces: [[1, 0, bytes + 1]] }))).toContain('are not its')
    expect(await after(withFile({ pieces: [[1, data.length - 1, bytes]] }))).toContain('beyond the end')
    expect(await after(withFile({ pieces: [[0, 2 ** 40, bytes]] }))).toContain('beyond the end')
    expect(await after(withFile({ path: 'not-there', pieces: [[0, 0, bytes]] }))).toContain('does not have')
    expect(await after(withFile({ sha256: '0'.repeat(64) }))).toContain('is not what was bundled')
    expect(await after(() => ({ version: 2 }))).toContain('use a newer Pylon')
    expect(await after(() => ({ more: 1 }))).toContain('does not fit its schema')
    expect(await after(() => ({}), data.subarray(1))).toContain('is not what its delta.json says')
    const damaged = Buffer.from(data)
    damaged[damaged.length >> 1]! ^= 1
    expect(await after(() => ({}), damaged)).toContain('is not what was bundled')
    const huge = [[1, 0, Number.MAX_SAFE_INTEGER]] as [1, number, number][]
    expect(await after(withFile({ pieces: huge, bytes: Number.MAX_SAFE_INTEGER }))).toMatch(/MB of room/)
  })

  const opened = async (name: string): Promise<OpenBundle> => drain(openBundle(at(name), await mkdtemp(at('open-'))))
})
