import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replaceFolder, sha256File, withAtomic, writeFileAtomic } from '../../../main/engine/files/atomic.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

test('a file is replaced whole, and a failed one leaves the old and nothing beside it', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'new/a.json')
  await writeFileAtomic(path, 'old')
  const failed = withAtomic(path, async (file) => {
    await file.write(Buffer.from('half'))
    throw new Error('disk full')
  })
  await expect(failed).rejects.toThrow('disk full')
  expect([await readFile(path, 'utf8'), await readdir(join(folder, 'new'))]).toEqual(['old', ['a.json']])
  await writeFileAtomic(path, Uint8Array.of(110, 101, 119))
  expect([await readFile(path, 'utf8'), await readdir(join(folder, 'new'))]).toEqual(['new', ['a.json']])
})

test('a view into a larger buffer writes only its own bytes', async () => {
  const folder = await temporaryFolder()
  await writeFileAtomic(join(folder, 'a'), new Int32Array([1, 2, 3, 4]).subarray(1, 3))
  expect([...(await readFile(join(folder, 'a')))]).toEqual([2, 0, 0, 0, 3, 0, 0, 0])
})

test('a folder takes the place of another, or of none', async () => {
  const folder = await temporaryFolder()
  for (const content of ['first', 'second']) {
    await mkdir(join(folder, 'part'))
    await writeFile(join(folder, 'part', content), content)
    await replaceFolder(join(folder, 'part'), join(folder, 'final'))
    expect([await readdir(folder), await readdir(join(folder, 'final'))]).toEqual([['final'], [content]])
  }
  await expect(replaceFolder(join(folder, 'absent'), join(folder, 'final'))).rejects.toThrow('ENOENT')
  expect([await readdir(folder), await readdir(join(folder, 'final'))]).toEqual([['final'], ['second']])
})

/** Expected: `printf abc | sha256sum`, the example of FIPS 180-2. */
test('sha256 of a file', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'abc'), 'abc')
  expect(await sha256File(join(folder, 'abc'))).toEqual({
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  })
  await expect(sha256File(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' })
})
