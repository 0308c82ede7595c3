// @vitest-environment node
/**
 * Small files that once went wrong, dropped onto the import page: what its verbs answer is what is right, stated by hand, and what the import
 * of the command line makes of the same files.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import { createClient, serveVerbs, startJob, type Client } from '@contract/rpc.ts'
import { openEngine, type Engine } from '../../main/engine/index.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { importSource, inspectInput, newDraft, type Draft } from '../../renderer/pages/data/import/import-draft.ts'
import { dataFolder } from '../helpers/data.ts'
import { jobHere, serverHere } from '../helpers/in-process.ts'
import { needing } from '../helpers/needs.ts'

const CASES = '../cases/import'

/** What is dropped and corrected, and what comes of it: counts, or what is said where it is refused. */
interface Expected {
  readonly said?: Partial<Draft>
  readonly events?: number
  readonly users?: number
  readonly items?: number
  readonly refused?: RegExp
  readonly has?: Partial<DatasetManifest>
  /** files of metadata that go with it */
  readonly with?: readonly string[]
}

const plain: Expected = { events: 30, users: 6, items: 10, has: { hasTime: true } }
const metadata = (missing: 'user' | 'item'): Expected => ({ refused: new RegExp(`Cannot tell which column is the ${missing}`) })

/** Every file and folder there, and some together. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  'app.sqlite': { events: 4, users: 3, items: 2, has: { hasTime: true } },
  'big19.jsonl': { events: 4, users: 2, items: 4 },
  'bx-users.csv': metadata('item'),
  'cjk-inter.csv': { events: 4, users: 2, items: 3, with: ['cjk-items.csv'], has: { hasTime: true } },
  'cjk-items.csv': metadata('user'),
  'cols.json': plain,
  'date-int.parquet': { events: 4, users: 2, items: 3, has: { hasTime: true } },
  'float-ids.csv': { events: 3, users: 2, items: 2 },
  'float-users.csv': metadata('item'),
  'hd-taobao.csv': { events: 4, users: 2, items: 3, has: { events: ['buy', 'cart', 'pv'], hasTime: true, hasWeight: false } },
  'headerless-listens.tsv': { events: 4, users: 2, items: 2, has: { hasTime: true, hasWeight: false } },
  hive: plain,
  'ids-date.jsonl': { events: 4, users: 3, items: 3 },
  'ids.csv': { refused: /"NaN" is no item id but a word for a missing one.*5 here/ },
  'inf-id.parquet': { refused: /row 3 column "user"/ },
  'list-user.parquet': { refused: /holds lists, which are no ids. With --unroll item/ },
  'list.jsonl': { refused: /holds lists, which are no ids. With --unroll items/ },
  'meta-__id.csv': metadata('user'),
  'meta-rowid-user.csv': metadata('item'),
  'meta-rowid.csv': metadata('user'),
  'mind-behaviors.tsv': { events: 6, users: 2, items: 5, has: { events: ['click', 'shown'], hasTime: true } },
  'nan-id.parquet': { refused: /row 3 column "user".*"nan" is no user id/ },
  'num-decimal-comma-3.csv': metadata('user'),
  parts: plain,
  'plain.csv': plain,
  'plain.csv.bz2': plain,
  'plain.csv.zst': plain,
  'plain.feather': plain,
  'plain.pkl': { refused: /a Python pickle, which Pylon does not read. Write it with pandas/ },
  'plain.xlsx': plain,
  'plain.zip': plain,
  'semicolon-unquoted.csv': metadata('item'),
  'sku.jsonl': { events: 4, users: 2, items: 3, has: { hasTime: true } },
  'struct-item.parquet': { refused: /holds structures, which are no ids. With --unroll item/ },
  'time-ampm.csv': { events: 4, users: 2, items: 4, has: { hasTime: true } },
  'time-comma-ms.csv': { events: 2, users: 2, items: 2, has: { hasTime: true } },
  'time-ddmm-sorted.csv': { events: 2402, users: 2, items: 2402, has: { hasTime: true } },
  'time-excel-2digit.csv': { events: 3, users: 2, items: 3, has: { hasTime: true } },
  'time-mixed-epoch.csv': { refused: /time-mixed-epoch.csv:7 column "time".*seconds.*milliseconds/ },
  'uuid-inter.csv': { events: 8, users: 2, items: 4, with: ['uuid-items.csv'], has: { hasTime: true } },
  'uuid-inter.jsonl': { events: 8, users: 2, items: 4, with: ['uuid-items.csv'], has: { hasTime: true } },
  'uuid-items.csv': metadata('user'),
  'w-comma.csv': { events: 3, users: 2, items: 3, has: { hasWeight: true } },
  'w-inf.csv': { refused: /w-inf.csv:2 column "rating": "inf" is no finite number/ },
}

/** The same files with something said on the page. */
const CORRECTED: readonly (readonly [file: string, expected: Expected])[] = [
  [
    'cjk-inter.csv',
    { said: { map: { user: '用户', item: '商品', time: '时间' } }, events: 4, users: 2, items: 3, with: ['cjk-items.csv'] },
  ],
  ['ids.csv', { said: { reading: { missingIds: 'drop' } }, events: 15, users: 3, items: 15 }],
  ['list.jsonl', { said: { unroll: 'items' }, events: 3, users: 2, items: 2 }],
  ['nan-id.parquet', { said: { reading: { missingIds: 'drop' } }, events: 3, users: 2, items: 3 }],
  ['bx-users.csv', { said: { reading: { delimiter: ';' } }, ...metadata('item') }],
]

const home = mkdtempSync(join(tmpdir(), 'pylon-cases-'))
let [engine, client]: [Engine | null, Client | null] = [null, null]
beforeAll(() => {
  engine = openEngine({ home, fork: jobHere, forkServer: serverHere })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  client = createClient(near)
})
afterAll(async () => {
  client?.close()
  await engine?.close()
  rmSync(home, { recursive: true, force: true })
})

let imports = 0

/** The manifest of an import with these options, or why there is none. */
async function imported(input: object): Promise<DatasetManifest | string> {
  const name = `d${imports++}`
  try {
    await (
      await startJob(client!, 'datasets.import', { name, ...input })
    ).finished
  } catch (error) {
    return (error as Error).message
  }
  return (await client!.call('datasets.profile', { dataset: name })).manifest
}

const { test: caseTest } = needing(`data:${CASES}`)

caseTest('every file there has its line here', () => {
  const there = readdirSync(dataFolder(CASES)!).filter((name) => name !== 'README.md')
  expect(there.toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
})

for (const [file, expected] of [...Object.entries(EXPECTED), ...CORRECTED])
  caseTest(`${file}${expected.said === undefined ? '' : ` with ${JSON.stringify(expected.said)}`}`, async () => {
    const folder = dataFolder(CASES)!
    const paths = [file, ...(expected.with ?? [])].map((name) => join(folder, name))
    const draft: Draft = { ...newDraft(paths.length === 1 ? { path: paths[0]! } : { files: paths }), ...expected.said }
    const { files: _, path: __, ...said } = { files: undefined, path: undefined, ...inspectInput(draft) }
    const typed = await imported({
      ...said,
      ...(paths[1] === undefined ? { path: paths[0]! } : { interactions: paths[0]!, items: paths[1] }),
    })
    let inspection
    try {
      inspection = await client!.call('datasets.inspect', inspectInput(draft))
    } catch (error) {
      // a file that cannot be opened at all
      expect([(error as Error).message, typed]).toEqual([
        expect.stringMatching(expected.refused!),
        expect.stringMatching(expected.refused!),
      ])
      return
    }
    const problems = inspection.problems.filter(({ level }) => level === 'error').map(({ message }) => message)
    const done = await imported(importSource(inspection, draft))
    if (expected.refused !== undefined) {
      expect(problems).toContainEqual(expect.stringMatching(expected.refused))
      expect([typed, done]).toEqual([expect.stringMatching(expected.refused), expect.stringMatching(expected.refused)])
      return
    }
    const { events: interactions, users, items, has = {} } = expected
    expect(problems).toEqual([])
    expect(done).toMatchObject({ interactions, users, items, ...has })
    expect(typed).toMatchObject({ interactions, users, items, ...has })
    expect(inspection.counts).toEqual({ interactions, users, items })
    if (expected.with !== undefined) expect((done as DatasetManifest).profile.itemsWithoutMetadata).toBe(0)
  })
