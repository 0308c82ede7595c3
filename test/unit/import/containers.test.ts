/** What holds a table: packings, archives, workbooks, Arrow, folders of parts. A look and an import see the same. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdDecompress, gzipSync, zstdCompressSync } from 'node:zlib'
import { Field, makeData, RecordBatch, Schema, Struct, Table, tableToIPC, Utf8, vectorFromArray, type Vector } from 'apache-arrow'
import Database from 'better-sqlite3'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileInspection } from '../../../main/contract/shapes/inspection.ts'
import { inspectInput } from '../../../main/contract/verbs/datasets.ts'
import { cutAtFrames } from '../../../main/engine/import/containers/zstd.ts'
import { unpackBzip2 } from '../../../main/engine/import/containers/bzip2.ts'
import { findPython } from '../../../main/engine/export/python.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { partPattern } from '../../../main/engine/import/tables.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { zipOf } from '../../helpers/zip.ts'
import { needing } from '../../helpers/needs.ts'
import { failure, filesIn, importFiles, importFrom } from './imported.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/files/containers')
const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, name))

const ROWS = Array.from({ length: 30 }, (_, k) => [
  `u${Math.floor(k / 5)}`,
  `i${Math.floor(k / 5) + (k % 5)}`,
  `2024-01-${String((k % 28) + 1).padStart(2, '0')}`,
])
const csvOf = (rows: readonly (readonly string[])[]): string => `user,item,time\n${rows.map((row) => `${row.join(',')}\n`).join('')}`
const CSV = csvOf(ROWS)

async function look(folder: string, input: Record<string, unknown>): Promise<FileInspection> {
  const stage = inspectFiles({ input: inspectInput.parse(input), scratch: join(await temporaryFolder(), 's'), threads: 1 })
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}

/** Counts by a look, then by the import of what the look answers, which must agree. */
async function counted(folder: string, path: string): Promise<{ users: number; items: number; interactions: number }> {
  const seen = await look(folder, { path: join(folder, path) })
  expect(seen.problems.filter(({ level }) => level === 'error')).toEqual([])
  const direct = (await importFrom(folder, { path })).manifest
  const answered = (await importFrom('/', { ...seen.source, format: seen.source.format as 'auto' })).manifest
  expect(answered.checksum).toBe(direct.checksum)
  const { users, items, interactions } = direct
  expect(seen.counts).toEqual({ users, items, interactions })
  return { users, items, interactions }
}

const WHOLE = { users: 6, items: 10, interactions: 30 }

/** of a program's own use, as `pzstd` writes it: unpacked it is nothing */
const OWN_FRAME = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])

describe('one table in a container', () => {
  test.each<[string, string | Uint8Array]>([
    ['plain.csv.gz', gzipSync(CSV)],
    ['plain.csv.zst', zstdCompressSync(CSV)],
    ['plain.csv.zst', fixture('plain.csv.zst')],
    ['plain.csv.bz2', fixture('plain.csv.bz2')],
    ['plain.zip', fixture('plain.zip')],
    ['plain.feather', fixture('plain.feather')],
    ['plain.xlsx', fixture('plain.xlsx')],
    ['a table of no ending', gzipSync(CSV)],
    ['misnamed.csv', fixture('plain.xlsx')],
    ['two streams.csv.gz', Buffer.concat([gzipSync(csvOf(ROWS.slice(0, 9))), gzipSync(csvOf(ROWS.slice(9)).replace(/^.*\n/, ''))])],
    [
      'frames.csv.zst',
      Buffer.concat([OWN_FRAME, zstdCompressSync(csvOf(ROWS.slice(0, 9))), zstdCompressSync(csvOf(ROWS.slice(9)).slice(15))]),
    ],
    ['packed twice.csv.zst', zstdCompressSync(gzipSync(CSV))],
    ['by columns.json', JSON.stringify({ user: byRow(0), item: byRow(1), time: byRow(2) })],
    ['by rows.json', JSON.stringify(Object.fromEntries(objects().map((row, k) => [String(k), row])))],
    ['split.json', JSON.stringify({ columns: ['user', 'item', 'time'], index: ROWS.map((_, k) => k), data: ROWS })],
    ['lists.json', JSON.stringify({ user: column(0), item: column(1), time: column(2) }, null, 2)],
    ['records.json', JSON.stringify(objects(), null, 1)],
    ['wrapped.json', JSON.stringify({ count: 30, results: objects() }, null, 1)],
    [
      'lines in a text file.txt',
      objects()
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    ],
  ])('%s', async (name, content) => {
    expect(await counted(await filesIn({ [name]: content }), name)).toEqual(WHOLE)
  })
})

function objects(): Record<string, string>[] {
  return ROWS.map(([user, item, time]) => ({ user: user!, item: item!, time: time! }))
}
function column(k: number): string[] {
  return ROWS.map((row) => row[k]!)
}
function byRow(k: number): Record<string, string> {
  return Object.fromEntries(ROWS.map((row, i) => [String(i), row[k]!]))
}

test('an archive of several tables is a folder of them; one entry is named with #', async () => {
  const folder = await temporaryFolder()
  await zipOf(folder, 'shop.zip', {
    'shop/README.txt': 'what this is',
    '__MACOSX/._clicks.csv': 'x',
    'shop/clicks.csv': CSV,
    'shop/items.csv': `item,colour\n${Array.from({ length: 10 }, (_, i) => `i${i},red\n`).join('')}`,
  })
  expect(await counted(folder, 'shop.zip')).toEqual(WHOLE)
  const { manifest } = await importFrom(folder, { interactions: 'shop.zip#shop/clicks.csv' })
  expect(manifest).toMatchObject(WHOLE)
  await expect(importFrom(folder, { interactions: 'shop.zip' })).rejects.toThrow(/several tables.*shop\/clicks\.csv, shop\/items\.csv/)
})

test('a workbook: dates, leading zeros of a format, long numbers, empty cells, a sheet by its name', async () => {
  const folder = await temporaryFolder()
  const sheet = (rows: string): string => `<?xml version="1.0"?><worksheet xmlns="http://x"><sheetData>${rows}</sheetData></worksheet>`
  const text = (at: string, value: string): string => `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`
  await zipOf(folder, 'w.xlsx', {
    'xl/workbook.xml':
      '<workbook xmlns:r="y"><sheets><sheet name="Notes" sheetId="1" r:id="r1"/><sheet name="Orders" sheetId="2" r:id="r2"/><sheet name="Empty" sheetId="3" r:id="r3"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="r1" Target="worksheets/a.xml"/><Relationship Id="r2" Target="/xl/worksheets/b.xml"/><Relationship Id="r3" Target="worksheets/c.xml"/></Relationships>',
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="00000"/><numFmt numFmtId="171" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>',
    'xl/worksheets/a.xml': sheet(`<row r="1">${text('A1', 'a note')}</row>`),
    'xl/worksheets/c.xml': sheet('<row r="1"><c r="A1" s="2"/></row>'),
    'xl/worksheets/b.xml': sheet(
      `<row r="1">${text('A1', 'user')}${text('B1', 'item')}${text('C1', 'time')}${text('D1', 'note')}</row>` +
        `<row r="3"><c r="A3" s="1"><v>123</v></c><c r="B3"><v>123456789012</v></c><c r="C3" s="2"><v>45292.5</v></c><c r="D3"><f>A1+B1</f></c></row>` +
        `<row r="4"><c r="A4" s="1"><v>7</v></c><c r="B4" t="str"><f>A1</f><v>a, b</v></c><c r="C4" s="2"><v>45293</v></c>${text('D4', 'x')}</row>`,
    ),
  })
  await expect(importFrom(folder, { interactions: 'w.xlsx' })).rejects.toThrow(/several sheets.*Notes, Orders/)
  const { dataset, said } = await importFrom(folder, { interactions: 'w.xlsx#Orders' })
  expect(said.join()).toContain('formulas without a stored value (cells: 1), which are empty here')
  expect(await dataset.ids('user')).toEqual(['00123', '00007'].sort())
  expect((await dataset.ids('item')).toSorted()).toEqual(['123456789012', 'a, b'])
  expect([...dataset.interactions.time!].toSorted()).toEqual([Date.UTC(2024, 0, 1, 12) / 1000, Date.UTC(2024, 0, 2) / 1000])
})

test('Arrow: every digit of 64 bits, decimals, times, lists; a column of bytes is left out with a word; streams too', async () => {
  const { tableFromArrays, tableToIPC, vectorFromArray, Int64, TimestampMicrosecond, Binary, Table } = await import('apache-arrow')
  const table = new Table({
    user: vectorFromArray([9007199254740993n, 9007199254740992n, 9007199254740993n], new Int64()),
    item: vectorFromArray(['x', 'y', 'z']),
    time: vectorFromArray([1704067200123, 1704067201000, 1704067202000], new TimestampMicrosecond()),
    picture: vectorFromArray([new Uint8Array([1]), null, null], new Binary()),
  })
  for (const format of ['file', 'stream'] as const) {
    const { dataset, said } = await importFrom(await filesIn({ 'a.arrow': tableToIPC(table, format) }), { interactions: 'a.arrow' })
    expect(await dataset.ids('user')).toEqual(['9007199254740992', '9007199254740993'])
    expect(Math.min(...dataset.interactions.time!)).toBeCloseTo(1704067200.123, 3)
    expect(said.join('\n')).toContain('the column "picture" holds bytes')
  }
  const floats = tableFromArrays({ id: ['x', 'y'], price: new Float32Array([0.1, 2.5]) })
  const { dataset } = await importFrom(await filesIn({ 'i.csv': 'user,item\na,x\nb,y\n', 'items.feather': tableToIPC(floats, 'file') }), {
    interactions: 'i.csv',
    items: 'items.feather',
  })
  expect([...(await dataset.column('item', 'price')).values].map((v) => Number(v).toFixed(6))).toEqual(['0.100000', '2.500000'])
})

test('SQLite: a column that holds blobs is left out with a word, the rest imports', async () => {
  const folder = await temporaryFolder()
  const database = new Database(join(folder, 'app.sqlite'))
  database.exec('CREATE TABLE plays ("user" TEXT, item TEXT, cover BLOB)')
  for (const [user, item, cover] of [
    ['a', 'x', Buffer.from([0, 1])],
    ['a', 'y', null],
    ['b', 'x', 'text'],
  ] as const)
    database.prepare('INSERT INTO plays VALUES (?, ?, ?)').run(user, item, cover)
  database.close()
  const { manifest, said } = await importFrom(folder, { path: 'app.sqlite' })
  expect(manifest).toMatchObject({ users: 2, items: 2, interactions: 3 })
  expect(said.join('\n')).toContain('app.sqlite#plays: the column "cover" holds blobs (in 1 of 3 rows): it is left out')
  expect((await look(folder, { path: join(folder, 'app.sqlite') })).counts).toEqual({ users: 2, items: 2, interactions: 3 })
})

describe('parts of one table', () => {
  const halves = [csvOf(ROWS.slice(0, 13)), csvOf(ROWS.slice(13))] as const
  const bare = halves[1].replace(/^.*\n/, '')

  test.each<[string, Record<string, string | Uint8Array>, string]>([
    ['Spark', { 'p/part-00000-a.csv': halves[0], 'p/part-00001-a.csv': halves[1], 'p/_SUCCESS': '', 'p/.part-00000-a.csv.crc': 'x' }, 'p'],
    [
      'an empty part, one packed, one without header',
      { 'p/part-0.csv': halves[0], 'p/part-1.csv.gz': gzipSync(bare), 'p/part-2.csv': '' },
      'p',
    ],
    ['parts of other kinds', { 'p/part-0.csv': halves[0], 'p/part-1.csv': '', 'p/part-2.csv': bare }, 'p'],
    ['by month', { 'p/2019-Oct.csv': halves[0], 'p/2019-Nov.csv': halves[1] }, 'p'],
    ['the hub', { 'p/train-00000-of-00002.csv': halves[0], 'p/train-00001-of-00002.csv': halves[1] }, 'p'],
    ['a glob', { 'p/x1.csv': halves[0], 'p/x2.csv': halves[1], 'p/other.csv': 'a,b\n1,2\n' }, 'p/x*.csv'],
    ['braces', { 'p/one.csv': halves[0], 'p/two.csv': halves[1] }, 'p/{one,two}.csv'],
    ['columns in another order', { 'p/part-1.csv': halves[0], 'p/part-2.csv': reordered(halves[1]) }, 'p'],
    ['in a folder in a folder', { 'p/q/part-1.csv': halves[0], 'p/q/part-2.csv': halves[1] }, 'p'],
  ])('%s', async (_, files, path) => {
    expect(await counted(await filesIn(files), path)).toEqual(WHOLE)
  })

  test('Hive partitions in Parquet, their columns too; a default partition is empty', async () => {
    const folder = await temporaryFolder()
    const connection = await (await DuckDBInstance.create()).connect()
    for (const [day, rows] of [
      ['1', ROWS.slice(0, 10)],
      ['2', ROWS.slice(10, 20)],
      ['__HIVE_DEFAULT_PARTITION__', ROWS.slice(20)],
    ] as const) {
      await mkdir(join(folder, `h/day=${day}`), { recursive: true })
      const values = rows.map(([user, item]) => `('${user}', '${item}')`).join(', ')
      await connection.run(`COPY (SELECT * FROM (VALUES ${values}) t("user", item)) TO '${folder}/h/day=${day}/a.parquet' (FORMAT parquet)`)
    }
    connection.closeSync()
    expect(await counted(folder, 'h')).toEqual(WHOLE)
    const seen = await look(folder, { path: join(folder, 'h') })
    expect(seen.files[0]!.columns.map(({ name, samples }) => [name, samples.length])).toEqual([
      ['user', 5],
      ['item', 5],
      ['day', 2],
    ])
    expect(await counted(folder, 'h/day=*')).toEqual(WHOLE)
  })

  test('parts that disagree in type keep every digit', async () => {
    const folder = await temporaryFolder()
    const connection = await (await DuckDBInstance.create()).connect()
    await mkdir(join(folder, 'p'))
    for (const [k, sql] of [
      `SELECT 'a' AS "user", 9007199254740993 AS item`,
      `SELECT 'b', '007'`,
      `SELECT 'c', CAST(5 AS DOUBLE)`,
    ].entries())
      await connection.run(`COPY (SELECT * FROM (${sql}) t("user", item)) TO '${folder}/p/part-${k}.parquet' (FORMAT parquet)`)
    connection.closeSync()
    const { dataset } = await importFrom(folder, { path: 'p' })
    expect((await dataset.ids('item')).toSorted()).toEqual(['007', '5', '9007199254740993'])
  })

  test('a bad row is told by its part and line', async () => {
    const files = { 'p/part-0.csv': halves[0], 'p/part-1.csv': 'user,item,time\na,x,2024-01-01\na,,2024-01-02\n' }
    expect(await failure(files, { path: 'p' })).toMatch(/part-1\.csv:3 column "item"/)
    const long = { 'p/part-0.csv': halves[0], 'p/part-1.csv': 'user,item,time\na,x,2024-01-01,4\n' }
    expect(await failure(long, { path: 'p' })).toMatch(/part-1\.csv:2/)
  })

  test('files with numbers that are no parts stay apart', () => {
    expect(['u1.base', 'u.data', 'ratings.csv', 'ml-100k', 'x1.csv'].map(partPattern)).toEqual([null, null, null, null, null])
    expect(partPattern('part-00000-2f1e6c1a-0000-4000-8000-00000000000a-c000.snappy.parquet')).toBe(
      partPattern('part-00001-9b1e6c1a-0000-4000-8000-00000000000b-c000.snappy.parquet'),
    )
    expect(partPattern('train-00000-of-00002.parquet')).not.toBe(partPattern('test-00000-of-00002.parquet'))
  })
})

function reordered(csv: string): string {
  return csv
    .trim()
    .split('\n')
    .map((line) => `${line.split(',').toReversed().join(',')}\n`)
    .join('')
}

test('what is not read is named, with the way out', async () => {
  const of = (bytes: Uint8Array | string, name = 'data.bin'): Promise<string> => failure({ [name]: bytes }, { path: name })
  const binary = (...bytes: number[]): Buffer => Buffer.concat([Buffer.from(bytes), Buffer.alloc(64)])
  const tar = Buffer.alloc(600)
  tar.write('ustar', 257)
  expect({
    pickle: await of(binary(0x80, 0x04, 0x95), 'plain.pkl'),
    hdf5: await of(binary(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)),
    orc: await of('ORC\0\0\0\0'),
    avro: await of('Obj\x01\0\0'),
    rar: await of('Rar!\x1a\x07\x01\0'),
    sevenZip: await of(binary(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)),
    xls: await of(binary(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)),
    tar: await of(gzipSync(tar), 'data.tar.gz'),
    html: await of('<!DOCTYPE html><html></html>', 'data.csv'),
    noise: await of(Buffer.from([1, 0, 200, 3, 0, 255, 17, 0, 0, 254, 9])),
    half: await of(gzipSync(CSV).subarray(0, 60), 'half.csv.gz'),
    halfZst: await of(zstdCompressSync(CSV).subarray(0, 60), 'half.csv.zst'),
    halfBz2: await of(fixture('plain.csv.bz2').subarray(0, 100), 'half.csv.bz2'),
    halfZip: await of(fixture('plain.zip').subarray(0, 300), 'half.zip'),
    halfArrow: await of(fixture('plain.feather').subarray(0, 1000), 'half.feather'),
    delta: await failure({ 'd/part-0.parquet': 'x', 'd/_delta_log/0.json': '{}' }, { path: 'd' }),
  }).toMatchInlineSnapshot(`
    {
      "avro": "bad-data DIR/data.bin: This is an Avro file, which Pylon does not read. Write it as Parquet or JSON Lines, with Spark or fastavro.",
      "delta": "bad-data DIR/d: This is a Delta Lake table, in which not every file counts, and Pylon does not read it. Write what it holds as Parquet.",
      "half": "bad-data DIR/half.csv.gz: This file does not unpack as gzip; is it complete?",
      "halfArrow": "bad-data half.feather: This Arrow file cannot be read: it is not whole. Write it again, or as Parquet.",
      "halfBz2": "bad-data DIR/half.csv.bz2: This file does not unpack as bzip2; is it complete?",
      "halfZip": "bad-data DIR/half.zip: This is no whole .zip (End of central directory record signature not found. Either not a zip file, or file is truncated.); get it again.",
      "halfZst": "bad-data DIR/half.csv.zst: This file does not unpack as zstd; is it complete?",
      "hdf5": "bad-data DIR/data.bin: This is an HDF5 file, which Pylon does not read. Write it with pandas as Parquet or CSV: pd.read_hdf(file).to_parquet("data.parquet").",
      "html": "bad-data DIR/data.csv: This is a page of HTML or XML, not a table: perhaps the answer of a site that wanted a login. Download it again.",
      "noise": "bad-data DIR/data.bin: This is neither text nor a file of a kind that Pylon reads. Write the table as CSV or Parquet.",
      "orc": "bad-data DIR/data.bin: This is an ORC file, which Pylon does not read. Write it as Parquet, with pyarrow or Spark.",
      "pickle": "bad-data DIR/plain.pkl: This is a Python pickle, which Pylon does not read. Write it with pandas as Parquet or CSV: df.to_parquet("data.parquet").",
      "rar": "bad-data DIR/data.bin: This is a RAR archive, which Pylon does not read. Unpack it and pass the folder.",
      "sevenZip": "bad-data DIR/data.bin: This is a 7z archive, which Pylon does not read. Unpack it and pass the folder.",
      "tar": "bad-data DIR/data.tar.gz: This is a tar archive, which Pylon does not read. Unpack it and pass the folder.",
      "xls": "bad-data DIR/data.bin: This is an old Excel or Office file (.xls), which Pylon does not read. Save it as .xlsx or CSV.",
    }
  `)
})

test('Zstandard frames in pieces of any size come whole; what ends early or goes on with other bytes is refused', async () => {
  const texts = [
    '',
    'one\n',
    Array.from({ length: 40_000 }, (_, k) => `row ${(k * 7919) % 10_007}\n`).join(''),
    'x'.repeat(300_000),
    'end\n',
  ]
  const sums = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
  const packed = Buffer.concat([OWN_FRAME, ...texts.flatMap((text, k) => [zstdCompressSync(text, k % 2 === 0 ? sums : {}), OWN_FRAME])])
  const unpack = async (bytes: Buffer, size: number): Promise<string> => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.subarray(k * size, (k + 1) * size))
    const out: Buffer[] = []
    await pipeline(Readable.from(pieces), cutAtFrames, createZstdDecompress(), async (stream: AsyncIterable<Buffer>) => {
      for await (const piece of stream) out.push(piece)
    })
    return Buffer.concat(out).toString()
  }
  for (const size of [packed.length, 65_536, 1000, 5]) expect(await unpack(packed, size)).toBe(texts.join(''))
  await expect(unpack(packed.subarray(0, -OWN_FRAME.length - 3), 1000)).rejects.toThrow()
  await expect(unpack(Buffer.concat([packed, Buffer.from('more')]), 1000)).rejects.toThrow('no Zstandard frame begins here')
})

test('a SQLite file without its last bytes is refused: SQLite reads zeros there', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'app.sqlite')
  const database = new Database(path)
  database.exec('CREATE TABLE events (user TEXT, item TEXT)')
  for (let k = 0; k < 400; k++) database.prepare('INSERT INTO events VALUES (?, ?)').run(`u${k % 7}`, `i${k % 11}`)
  database.close()
  const bytes = readFileSync(path)
  expect((await importFrom(folder, { interactions: 'app.sqlite' })).manifest.interactions).toBe(400)
  for (const less of [1, 26, 4096, 5000])
    expect(await failure({ 'app.sqlite': bytes.subarray(0, -less) }, { interactions: 'app.sqlite' })).toContain(
      'This SQLite file is cut off',
    )
})

needing('python').test('bzip2 against Python: any text, runs, several streams; a flipped byte never passes', async () => {
  const any = fc.sample(fc.uint8Array({ maxLength: 3000 }), { numRuns: 60, seed: 7 }).map((bytes) => Buffer.from(bytes))
  const texts = [...any, Buffer.alloc(1_000_000, 'a'), Buffer.from('aaaa'.repeat(3)), Buffer.from(CSV.repeat(3000))]
  const script = 'import bz2, sys\nfor line in sys.stdin: print(bz2.compress(bytes.fromhex(line.strip())).hex())'
  const input = texts.map((text) => `${text.toString('hex')}\n`).join('')
  const packed = execFileSync(findPython()!, ['-c', script], { input, maxBuffer: 2 ** 28 })
    .toString()
    .trim()
    .split('\n')
  const unpack = async (bytes: Buffer): Promise<Buffer> => {
    const pieces: Buffer[] = []
    const slices = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
    }
    for await (const piece of unpackBzip2(slices())) pieces.push(piece)
    return Buffer.concat(pieces)
  }
  for (const [k, text] of texts.entries()) {
    const bytes = Buffer.from(packed[k]!, 'hex')
    expect((await unpack(bytes)).equals(text)).toBe(true)
    expect((await unpack(Buffer.concat([bytes, bytes]))).equals(Buffer.concat([text, text]))).toBe(true)
    bytes[(k * 7919) % bytes.length]! ^= 0x11
    const damaged = await unpack(bytes).catch(() => null)
    expect(damaged === null || damaged.equals(text)).toBe(true)
  }
})

describe('lists and structures where ids stand', () => {
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const lists = lines([
    { user: 'a', items: ['x', 'y'] },
    { user: 'b', items: ['y'] },
    { user: 'c', items: [] },
  ])

  test('are refused, with the way to reshape them', async () => {
    expect(await failure({ 'l.jsonl': lists }, { interactions: 'l.jsonl' })).toMatch(/bad-input l\.jsonl column "items".*--unroll items/)
    const structures = lines([{ user: 'a', item: { id: 'x', at: 1 } }])
    expect(await failure({ 's.jsonl': structures }, { interactions: 's.jsonl' })).toMatch(/--unroll item .*--map item=item\.FIELD/)
    expect(await failure({ 'u.jsonl': lines([{ user: ['a'], item: 'x' }]) }, { interactions: 'u.jsonl' })).toMatch(/column "user".*lists/)
  })

  test.each<[string, string, string, string, string | undefined, number]>([
    ['lists', 'l.jsonl', lists, 'items', undefined, 3],
    ['lists as text', 'l.csv', 'user,items\na,"[""x"", ""y""]"\nb,y z\nc,x|y\n', 'items', undefined, 6],
    [
      'in step',
      'l.jsonl',
      lines([
        { user: 'a', item: ['x', 'y'], time: [1, 2] },
        { user: 'b', item: ['y'], time: [3] },
      ]),
      'item,time',
      undefined,
      3,
    ],
    [
      'structures',
      's.jsonl',
      lines([
        { user: 'a', item: { id: 'x', n: 1 } },
        { user: 'b', item: { id: 'y', n: 2 } },
      ]),
      'item',
      'item=item.id',
      2,
    ],
    [
      'lists of structures',
      's.jsonl',
      lines([
        { user: 'a', item: [{ id: 'x' }, { id: 'y' }] },
        { user: 'b', item: [{ id: 'y' }] },
      ]),
      'item',
      'item=item.id',
      3,
    ],
  ])('are unrolled when asked for: %s', async (_, name, content, unroll, map, interactions) => {
    const { manifest } = await importFrom(await filesIn({ [name]: content }), {
      interactions: name,
      unroll,
      ...(map !== undefined && { map }),
    })
    expect(manifest).toMatchObject({ interactions })
  })
})

test('lists of one row that differ in length are refused by its line; rows of empty ones are said', async () => {
  const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const whole = { user: 'a', item: ['x', 'y'], time: [1_700_000_000, 1_700_000_001] }
  const uneven = { user: 'b', item: ['x', 'z'], time: [1_700_000_000] }
  const files = { 'l.jsonl': lines(whole, uneven, { user: 'c', item: [], time: [] }) }
  const input = { interactions: 'l.jsonl', unroll: 'item,time' }
  expect(await failure(files, input)).toMatch(/^bad-data l\.jsonl:2: .*of different lengths \(item 2, time 1\).*--bad-rows skip/)
  const { dataset, said } = await importFiles(files, { ...input, badRows: 'skip' })
  expect((await dataset.ids('item')).toSorted()).toEqual(['x', 'y'])
  expect(dataset.interactions.user).toHaveLength(3)
  expect(said).toContain('l.jsonl: 1 row whose lists are empty is no interaction')
})

test('lines of Python literals are read as the JSON they are called', async () => {
  const lines = [
    `{'user': 'a', 'item': "it's", 'tags': ['x', ('y', None)], 'ok': True, 'n': -1.50, 'u': u'caf\\xe9 \\u6771', 'd': {}}`,
    `{'user': 'b', 'item': 'say "hi"\\n', 'tags': [], 'ok': False, 'n': 9007199254740993, 'u': 'x\\\\y', 'd': {'k': 1,},}`,
  ].join('\n')
  const { dataset, said } = await importFrom(await filesIn({ 'l.json': `${lines}\n` }), { interactions: 'l.json' })
  expect((await dataset.ids('item')).toSorted()).toEqual(["it's", 'say "hi"\n'])
  expect(said.join('\n')).toContain('l.json: read as lines of Python literals')
  expect(await failure({ 'l.json': `${lines}\n{'user': 'c', 'item': __import__('os')}\n` }, { interactions: 'l.json' })).toMatch(
    /bad-data .*l\.json:3: This line is neither JSON nor a Python literal at its character 23/,
  )
})

test('a damaged SQLite file is refused, its numbers need no decimal mark', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'app.sqlite')
  const database = new Database(path)
  database.exec('CREATE TABLE plays (user INTEGER, item TEXT, weight REAL, time INTEGER)')
  const insert = database.prepare('INSERT INTO plays VALUES (?, ?, ?, ?)')
  for (let k = 0; k < 900; k++) insert.run(k % 30, `item ${k % 50}`, k / 4, 1_700_000_000 + k)
  database.close()
  const { dataset } = await importFrom(folder, { path: 'app.sqlite', decimal: 'comma' })
  expect(Math.max(...dataset.interactions.weight!)).toBe(899 / 4)
  const bytes = readFileSync(path)
  bytes.fill(0xff, 5000, 9000)
  expect(await failure({ 'app.sqlite': bytes }, { path: 'app.sqlite' })).toMatch(/^bad-data .*app\.sqlite: .*SQLite/)
})

test('a list of objects behind a byte-order mark', async () => {
  const list = [...'aab'].map((user, k) => ({ user, item: `i${k}`, time: 1_700_000_000 + k }))
  const folder = await filesIn({ 'i.json': `\uFEFF${JSON.stringify(list)}` })
  expect((await importFrom(folder, { path: 'i.json' })).manifest).toMatchObject({ interactions: 3, users: 2, items: 3 })
})

test('a column of bytes in Parquet is said to be unused', async () => {
  const folder = await filesIn({ 'i.csv': 'user,item\na,p\na,q\nb,p\n' })
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT * FROM (VALUES ('p', 'one', '\\xAA'::BLOB), ('q', 'two', '\\xAB'::BLOB)) t(item, title, cover)) TO '${join(folder, 'items.parquet')}' (FORMAT parquet)`,
  )
  const { manifest, said } = await importFrom(folder, { interactions: 'i.csv', items: 'items.parquet' })
  expect(manifest.itemColumns.map(({ name, kind }) => [name, kind])).toEqual([
    ['title', 'text'],
    ['cover', 'ignore'],
  ])
  expect(said).toContain('items.parquet: the column "cover" holds bytes, which are no text: it is not used')
})

test('bytes in Parquet that are text throughout are text, as older Spark and Impala write it', async () => {
  const folder = await temporaryFolder()
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(
    `COPY (SELECT encode(u) AS user, encode(i) AS item FROM (VALUES ('Zoë', '007'), ('b', '东京'), ('b', '007')) t(u, i)) TO '${join(folder, 'i.parquet')}' (FORMAT parquet)`,
  )
  const { dataset, said } = await importFrom(folder, { interactions: 'i.parquet' })
  expect([await dataset.ids('user'), await dataset.ids('item')].map((ids) => ids.toSorted())).toEqual([
    ['Zoë', 'b'].toSorted(),
    ['007', '东京'],
  ])
  expect(said).toContain('i.parquet: the column "item" holds bytes that are text throughout: it is read as text')
})

test('columns of one name in Arrow, and zero bytes in names of a text, are columns of their own', async () => {
  const text = (cells: readonly string[]): Vector<Utf8> => vectorFromArray([...cells], new Utf8())
  const vectors = [text(['a', 'a', 'b']), text(['p', 'q', 'p']), text(['x', 'y', 'z'])]
  const schema = new Schema(['user', 'item', 'item'].map((name) => new Field(name, new Utf8(), true)))
  const data = makeData({ type: new Struct(schema.fields), length: 3, children: vectors.map((vector) => vector.data[0]!) })
  const bytes = tableToIPC(new Table([new RecordBatch(schema, data)]), 'file')
  const folder = await filesIn({ 'i.feather': bytes, 'i.csv': 'user,it\0em,o\0\na,p,1\na,q,2\nb,p,3\n' })
  for (const [path, map] of [
    ['i.feather', 'user=user,item=item_2'],
    ['i.csv', 'user=user,item=o'],
  ] as const)
    expect((await importFrom(folder, { path, map })).manifest).toMatchObject({ interactions: 3, users: 2, items: 3 })
})

test('a part with other names than the first is refused, one without names is read by those of the first', async () => {
  const first = 'user,item\nu1,i1\nu2,i2\nu1,i2\n'
  expect(await failure({ 'd/part-0.csv': first, 'd/part-1.csv': 'customer,product\nu3,i1\nu3,i2\n' }, { interactions: 'd' })).toMatch(
    /part-1\.csv.*looks like column names \(customer, product\), which are not those of the first part \(user, item\)/,
  )
  const { manifest } = await importFiles({ 'd/part-0.csv': first, 'd/part-1.csv': 'u3,i1\nu3,i2\n' }, { interactions: 'd' })
  expect(manifest.interactions).toBe(5)
})
