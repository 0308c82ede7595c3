/** Archives that would become more than they say, or more than the disk holds, are refused before anything of them is on it. */
import { createWriteStream } from 'node:fs'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32, deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { readZip, type ZipListing } from '../../../main/engine/export/bundle/zip.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

interface Said {
  readonly name: string
  readonly packed: number
  readonly unpacked: number
}

/** An archive whose entries all share the packed bytes of one, and say of themselves what is given here. */
function archive(body: Buffer, content: Buffer, entries: readonly Said[]): [Buffer, Buffer] {
  const sizes = ({ packed, unpacked }: Said): Buffer => Buffer.from(new Uint32Array([crc32(content), packed, unpacked]).buffer)
  const local = Buffer.concat([
    Buffer.from('504b0304140000000800000000000000', 'hex').subarray(0, 14),
    sizes(entries[0]!),
    words(1, 0),
    Buffer.from('x'),
    body,
  ])
  const central = entries.map((entry) =>
    Buffer.concat([
      Buffer.from('504b01021403140000000800', 'hex'),
      Buffer.alloc(4),
      sizes(entry),
      words(Buffer.byteLength(entry.name), 0, 0, 0, 0),
      Buffer.from(new Uint32Array([0, 0]).buffer),
      Buffer.from(entry.name),
    ]),
  )
  const directory = Buffer.concat(central)
  return [local, directory]
}

const words = (...values: number[]): Buffer => Buffer.from(new Uint16Array(values).buffer)
const end = (entries: number, size: number, at: number): Buffer =>
  Buffer.concat([
    Buffer.from('504b050600000000', 'hex'),
    words(entries, entries),
    Buffer.from(new Uint32Array([size, at]).buffer),
    words(0),
  ])

/** Writes it; `hole` bytes that take no room stand between its bytes and its directory. */
async function write(path: string, entries: readonly Said[], content: Buffer, hole = 0): Promise<void> {
  const [local, directory] = archive(deflateRawSync(content), content, entries)
  const file = await open(path, 'w')
  const at = local.length + hole
  await file.write(local, 0, local.length, 0)
  await file.write(directory, 0, directory.length, at)
  const last = end(entries.length, directory.length, at)
  await file.write(last, 0, last.length, at + directory.length)
  await file.close()
}

async function unpacking(path: string, check: (listing: ZipListing) => Promise<void> = async () => undefined): Promise<string> {
  const to = await temporaryFolder()
  try {
    await readZip(path, to, { first: 'bundle.json', firstBytes: 1000, check })
    return `unpacked ${(await readdir(to)).sort().join(' ')}`
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    const said = message.replace(path, '').replace(/(has |from |archive of |at least )[\d,]+(?= MB free|\. got|\)|\.$)/g, '$1N')
    return `${code} ${said}, left: ${(await readdir(to)).join(' ')}`
  }
}

test('what it claims to become is held against what it is, against the disk, and against what comes out', async () => {
  const path = join(await temporaryFolder(), 'a.zip')
  const zeros = Buffer.alloc(1_000_000)
  const packed = deflateRawSync(zeros).length
  const outcomes: string[] = []
  const tried = async (entries: readonly Said[], hole = 0): Promise<void> => {
    await write(path, entries, zeros, hole)
    outcomes.push(await unpacking(path))
  }
  await tried([{ name: 'a', packed, unpacked: zeros.length }])
  // one entry out of proportion; many that share their bytes; less said than comes, more said than comes
  await tried([{ name: 'a', packed, unpacked: 4_000_000_000 }])
  await tried(Array.from({ length: 900 }, (_, i) => ({ name: `a${i}`, packed, unpacked: zeros.length })))
  await tried([{ name: 'a', packed, unpacked: 1000 }])
  await tried([{ name: 'a', packed, unpacked: 1_000_001 }])
  await tried([{ name: 'bundle.json', packed, unpacked: zeros.length }])
  await tried(Array.from({ length: 1001 }, (_, i) => ({ name: `a${i}`, packed, unpacked: 1 })))
  // plausible in proportion (the archive has a hole of 4 GB), and larger than any disk here
  await tried(
    Array.from({ length: 1000 }, (_, i) => ({ name: `a${i}`, packed: 4_000_000, unpacked: 4_200_000_000 })),
    4_000_000_000,
  )
  expect(outcomes).toMatchInlineSnapshot(`
    [
      "unpacked a",
      "bad-data : The entry a claims to become 4000000000 bytes from N., left: ",
      "bad-data : Its entries claim to become 900000000 bytes from an archive of N., left: ",
      "bad-data : It is no whole .zip (too many bytes in the stream. expected 1000. got at least N): get it again., left: a",
      "bad-data : It is no whole .zip (not enough bytes in the stream. expected 1000001. got only 1000000): get it again., left: a",
      "bad-data : The entry bundle.json has 1000000 bytes; it has fewer than 1000., left: ",
      "bad-data : It has 1001 entries; a bundle has fewer than 1000., left: ",
      "unavailable : Unpacked it has 4005433 MB; the disk of the workspace has N MB free., left: ",
    ]
  `)
})

test('what its first entry does not vouch for is not unpacked', async () => {
  const path = join(await temporaryFolder(), 'a.zip')
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from('big'), 'other')
  zip.addBuffer(Buffer.from('{}'), 'bundle.json')
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  const listings: ZipListing[] = []
  const check = async (listing: ZipListing): Promise<void> => {
    listings.push(listing)
    if (listings.length === 1) throw new Error('nothing of it')
  }
  expect(await unpacking(path, check)).toMatch(/nothing of it.*left: bundle\.json$/)
  expect(await unpacking(path, check)).toBe('unpacked bundle.json other')
  expect([...listings[0]!]).toEqual([
    ['other', 3],
    ['bundle.json', 2],
  ])
  await writeFile(path, '')
  expect(await unpacking(path)).toMatch(/no whole \.zip/)
})
