/**
 * The OpenAPI document of a served bundle, held against the server by schemathesis: whatever the document allows is accepted, whatever it
 * does not is refused, every answer is as it says, and nothing that is sent is a fault of the server. A real `pylon serve`; the model has
 * columns of every kind, on both sides.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { servingCommand } from '../helpers/served.ts'
import { answerOf } from '../helpers/workspace.ts'

const TOKEN = 'a-token-for-tests'

/** 60 users and 40 items with numbers, categories, tags, times, places and vectors. */
function writeTables(root: string): { events: string; users: string; items: string } {
  const place = { events: join(root, 'events.csv'), users: join(root, 'users.csv'), items: join(root, 'items.csv') }
  const row = (cells: readonly (string | number)[]): string => `${cells.join(',')}\n`
  const table = (head: string, count: number, cells: (n: number) => readonly (string | number)[]): string =>
    `${head}\n${Array.from({ length: count }, (_, n) => row(cells(n))).join('')}`
  writeFileSync(
    place.events,
    table('user,item,time', 1200, (n) => [`u${n % 60}`, `i${(n * 7 + (n % 60)) % 40}`, 1_700_000_000 + n * 600]),
  )
  writeFileSync(
    place.users,
    table('user,age,city,joined', 60, (n) => [`u${n}`, n % 9 === 0 ? '' : 18 + n, `c${n % 5}`, `2023-0${1 + (n % 9)}-11`]),
  )
  writeFileSync(
    place.items,
    table('item,title,genre,price,tags,released,lat,lon,look', 40, (n) => [
      `i${n}`,
      `Item number ${n}`,
      `g${n % 4}`,
      n % 7 === 0 ? '' : 10 + n / 2,
      `t${n % 3}|t${n % 5}`,
      `2022-1${n % 3}-0${1 + (n % 9)}`,
      40 + n / 10,
      -8 - n / 10,
      `[${n / 40} ${1 - n / 40} 0.5]`,
    ]),
  )
  return place
}

const CONFIG = {
  user: {
    features: [
      { kind: 'id', dim: 8 },
      { kind: 'history', dim: 8 },
      { kind: 'number', name: 'age', column: 'age' },
      { kind: 'category', name: 'city', column: 'city', dim: 4 },
      { kind: 'time', name: 'joined', column: 'joined' },
      { kind: 'time', name: 'asked' },
    ],
    output: 16,
  },
  item: {
    features: [
      { kind: 'id', dim: 8 },
      { kind: 'text', name: 'title', column: 'title', dim: 8 },
      { kind: 'category', name: 'genre', column: 'genre', dim: 4 },
      { kind: 'number', name: 'price', column: 'price', transform: 'log' },
      { kind: 'tags', name: 'tags', column: 'tags', dim: 4 },
      { kind: 'geo', name: 'place', latitude: 'lat', longitude: 'lon' },
      { kind: 'vector', name: 'look', column: 'look' },
    ],
    output: 16,
  },
  match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.1 } },
  loss: { kind: 'in-batch-softmax' },
  training: { epochs: 1, batchSize: 64 },
}

needing('python').test('schemathesis finds nothing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pylon-openapi-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const home = join(root, 'home')
  const { events, users, items } = writeTables(root)
  const config = join(root, 'run.json')
  writeFileSync(config, JSON.stringify(CONFIG))
  const must = (...args: string[]): Promise<object> => answerOf(args, { home })
  const kinds = 'genre=category,tags=tags,released=time,joined=time,look=vector'
  await must('import', '--name', 'd', '--interactions', events, '--users', users, '--items', items, '--kinds', kinds)
  await must('train', '--dataset', 'd', '--config', config, '--name', 'first')
  await must('export', '--run', 'first', '--format', 'bundle', '--out', join(root, 'first.zip'))

  const args = ['--bundle', join(root, 'first.zip'), '--home', join(root, 'other'), '--state', join(root, 'state')]
  const server = await servingCommand(args, { PYLON_SERVE_TOKEN: TOKEN })
  onTestFinished(async () => {
    server.process.kill('SIGTERM')
    await server.ended
  })
  const schemathesis = join(dirname(findPython()!), 'schemathesis')
  const { code, stdout } = await promisify(execFile)(
    schemathesis,
    [
      '--config-file',
      join(import.meta.dirname, 'openapi.toml'),
      'run',
      `${server.url}/openapi.json`,
      '-H',
      `Authorization: Bearer ${TOKEN}`,
    ],
    { cwd: root, maxBuffer: 64 << 20 },
  ).then(
    (ended) => ({ code: 0, ...ended }),
    (error: unknown) => error as { code: number; stdout: string },
  )
  console.log(stdout.slice(stdout.lastIndexOf('SUMMARY')))
  expect(code, stdout).toBe(0)
  expect(stdout).toMatch(/Tested: 13/)
  expect(server.stderr()).not.toMatch(/Error|\n {4}at /) // nor did the server meet a fault that it kept to itself
})
