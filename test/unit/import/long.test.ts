/** Lines of megabytes: judged as they come, in slices, and never held whole. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { WHOLE_LINES, MAX_RECORD_BYTES, scanFile } from '../../../main/engine/import/delimited-records.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, importFiles } from './imported.ts'

test('a character that a slice of the file cuts is no broken one, wherever it is cut', { timeout: 60_000 }, async () => {
  for (const shift of [0, 1, 2, 3]) {
    const long = `${'a'.repeat(shift)}${'数😀é'.repeat(300_000)}`
    const { dataset, said } = await importFiles(
      { 'i.csv': 'user,item\nu,1\nu,2\n', 'm.csv.gz': gzipSync(`id,title\n1,${long}\n2,b\n`) },
      { interactions: 'i.csv', items: 'm.csv.gz', map: 'itemId=id,title=title' },
    )
    expect([await dataset.rows('item', [0]), said.filter((text) => text.includes('read as'))]).toEqual([[{ id: '1', title: long }], []])
  }
})

test('a broken one at a cut is found', async () => {
  const text = Buffer.concat([
    Buffer.from('user,item\n'),
    Buffer.alloc(2 ** 20 - 12, 'x'),
    Buffer.from([0xe6, 0x95]),
    Buffer.from(',数数数\n'),
  ])
  expect(await failure({ 'i.csv': text }, { interactions: 'i.csv' })).toMatch(/0x95 is no valid UTF-8|0xe6 is no valid UTF-8/)
})

test('a quote that is never closed is told by its line, and the rest of the file is not read for it', { timeout: 60_000 }, async () => {
  const path = join(await temporaryFolder(), 'i.csv')
  await writeFile(path, `user,item\nu,1\nu,"2\n${'x\n'.repeat(MAX_RECORD_BYTES)}`)
  const seen: { line: number; fault: string | null; bytes: number }[] = []
  scanFile(path, { ...WHOLE_LINES, delimiter: ',', quote: '"' }, (record) => {
    seen.push({ line: record.line, fault: record.fault, bytes: Buffer.byteLength(record.cells().join('')) })
    return true
  })
  expect(seen.map(({ line, fault }) => [line, fault])).toEqual([
    [1, null],
    [2, null],
    [3, 'unclosed quote'],
  ])
  expect(seen.at(-1)!.bytes).toBeLessThan(2 * MAX_RECORD_BYTES)
})
