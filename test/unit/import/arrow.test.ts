/** Arrow files whose lengths lie: every one is read or refused with its reason, none keeps the reader busy or fills memory. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type Vector,
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { toErrorShape } from '../../../main/contract/errors.ts'
import { Duck } from '../../../main/engine/dataset/duck.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { copyArrow } from '../../../main/engine/import/containers/arrow/copy.ts'
import { mutated } from '../../chaos/mutate.ts'
import { Chance } from '../../chaos/part.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** Reads files one after the other: rows as JSON, or how it was refused. */
async function reader(): Promise<(bytes: Uint8Array) => Promise<string[] | string>> {
  const folder = await temporaryFolder()
  const duck = await Duck.open({ threads: 1, memoryLimit: '500MB', spillIn: folder })
  const path = join(folder, 'i.feather')
  return async (bytes) => {
    await writeFile(path, bytes)
    await duck.run('DROP TABLE IF EXISTS copied')
    try {
      const { from } = await drain(copyArrow(duck, path, 'i.feather', 'copied'))
      return (await duck.rows(`SELECT CAST(to_json(t) AS VARCHAR) AS row FROM ${from} AS t`)).map(({ row }) => String(row))
    } catch (error) {
      const { code, message } = toErrorShape(error)
      // what a cell says is read behind the copy
      return `${/Conversion Error|Invalid Input Error|JSON/.test(message) ? 'bad-data' : code} ${message}`
    }
  }
}

const text = (cells: readonly (string | null)[]): Vector => vectorFromArray([...cells], new Utf8())
const COLUMNS: Record<string, Vector> = {
  user: text(['a', 'a', 'b', 'ü']),
  item: vectorFromArray(['p', 'q', 'p', null], new Dictionary(new Utf8(), new Int32())),
  number: vectorFromArray([1n, 2n, 2n ** 62n, 3n], new Int64()),
  share: vectorFromArray([0.5, null, 1, 2], new Float64()),
  tags: vectorFromArray([['x'], [], ['x', 'yy'], ['z']], new List(new Field('item', new Utf8(), true))),
}
const FILES = (['file', 'stream'] as const).map((form) => Buffer.from(tableToIPC(new Table(COLUMNS), form)))
/** written by pyarrow, packed */
FILES.push(readFileSync(join(import.meta.dirname, '../../fixtures/files/containers/plain.feather')))

const ROW = '{"user":"ü","item":null,"number":3,"share":2.0,"tags":["z"]}'

test('every word of a file turned into a length that lies ends as rows or as a refusal', async () => {
  const read = await reader()
  const good = await read(FILES[0]!)
  expect(good).toHaveLength(4)
  expect(good[3]).toBe(ROW)
  let refused = 0
  for (const form of FILES.slice(0, 2)) {
    expect(await read(form)).toEqual(good)
    for (let at = 0; at + 4 <= form.length; at += 4) {
      const bent = Buffer.from(form)
      const length = [-1, 0x7fffffff, -72, form.length][(at / 4) % 4]!
      bent.writeInt32LE(length, at)
      const rows = await read(bent)
      if (typeof rows !== 'string') continue
      expect(rows, `${length} at ${at}`).toMatch(/^bad-data/)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(100)
})

test('some hundred bent files end as rows or as a refusal', async () => {
  const read = await reader()
  for (const [k, form] of FILES.entries())
    for (let number = 0; number < 200; number++) {
      const rows = await read(mutated(form, new Chance(k, number)))
      if (typeof rows === 'string') expect(rows, `file ${k}, number ${number}`).toMatch(/^bad-data/)
    }
})

test('a message that leads back, a column of fewer rows, a word that there is not, text that is none', async () => {
  const read = await reader()
  const [file, stream] = [FILES[0]!, FILES[1]!]
  const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes)
    change(copy)
    return copy
  }
  const second = 8 + stream.readInt32LE(4)
  expect(stream.readInt32LE(second)).toBe(-1)
  // the length of the message behind the schema: as far back as it began
  expect(await read(changed(stream, (copy) => copy.writeInt32LE(-second, second + 4)))).toMatch(/^bad-data .*it is not whole/)
  expect(await read(changed(stream, (copy) => copy.writeInt32LE(-8, second + 4)))).toMatch(/^bad-data .*it is not whole/)
  expect(await read(Buffer.concat([stream, stream]))).toMatch(/^bad-data .*another stream begins behind its end/)
  expect(await read(file.subarray(0, -1))).toMatch(/^bad-data .*it is not whole/)
  const utf8 = file.indexOf('aabü')
  expect(await read(changed(file, (copy) => copy.fill(0xff, utf8 + 3, utf8 + 5)))).toMatch(/^bad-data .*no UTF-8/)
  // wherever its four rows stand before the cells: in the batch, and in each column
  const good = await read(file)
  const lengths = [...file.subarray(0, utf8).keys()].filter((at) => at % 8 === 0 && file.readBigInt64LE(at) === 4n)
  const ends = new Set<string>()
  for (const at of lengths)
    for (const length of [3n, 5n, 2n ** 40n, -1n]) {
      const rows = await read(changed(file, (copy) => copy.writeBigInt64LE(length, at)))
      if (typeof rows === 'string') ends.add(rows)
      else expect(rows, `${length} at ${at}`).toEqual(good)
    }
  expect([...ends]).toEqual(['bad-data i.feather: This Arrow file cannot be read: it is not whole. Write it again, or as Parquet.'])
})

test('columns of nothing have no number of rows that is too large, and are refused', async () => {
  const read = await reader()
  const empty = { user: vectorFromArray([null, null], new Null()), item: vectorFromArray([null, null], new Null()) }
  expect(await read(tableToIPC(new Table(empty), 'file'))).toMatch(/^bad-data .*no column that can be read/)
  const schema = new Schema([new Field('user', new Utf8(), true)])
  const none = new Table(schema)
  expect(await read(tableToIPC(none, 'file'))).toEqual([])
  expect(await read(tableToIPC(none, 'stream'))).toEqual([])
  const struct = vectorFromArray([{ a: 'x' }, { a: null }], new Struct([new Field('a', new Utf8(), true)]))
  expect(await read(tableToIPC(new Table({ user: text(['a', 'b']), struct }), 'stream'))).toEqual([
    '{"user":"a","struct":{"a":"x"}}',
    '{"user":"b","struct":{"a":null}}',
  ])
})
