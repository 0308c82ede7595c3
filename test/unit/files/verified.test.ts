/** Files that are read only when they are what was recorded: every way to differ is told, and a file is looked at anew when it changed. */
import { copyFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256File } from '../../../main/engine/files/atomic.ts'
import { checksumOf, verifiedPath } from '../../../main/engine/files/verified.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

test('a file is given by its path where it is what was recorded, else refused with what differs and what to do', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'a.bin')
  await writeFile(path, 'abc')
  const records = [{ path: 'a.bin', ...(await sha256File(path)) }]
  const ask = (name = 'a.bin'): Promise<string> =>
    verifiedPath(folder, records, name, 'Do this.').catch((error: unknown) => String(error).replaceAll(folder, '~'))
  expect(await ask()).toBe(path)
  await writeFile(path, 'abd')
  const answers = [await ask()]
  await writeFile(path, 'abcd')
  answers.push(await ask())
  await writeFile(join(folder, 'b.bin'), 'abc')
  answers.push(await ask('b.bin'))
  await rm(path)
  answers.push(await ask())
  expect(answers).toMatchInlineSnapshot(`
    [
      "PylonError: ~/a.bin: The file is not the one that was written: its sha256 is a52d159f262b…, not ba7816bf8f01…. Do this.",
      "PylonError: ~/a.bin: The file is not the one that was written: it has 4 bytes, not 3. Do this.",
      "PylonError: ~/b.bin: The workspace has no checksum to check the file by. Do this.",
      "PylonError: ~/a.bin: The file is missing. Do this.",
    ]
  `)
})

test('a file that was replaced or changed is looked at anew, also with its old size and times', async () => {
  const folder = await temporaryFolder()
  const [path, other] = [join(folder, 'a'), join(folder, 'b')]
  const sum = async (): Promise<string> => (await checksumOf(path)).sha256.slice(0, 4)
  await writeFile(path, 'one')
  await writeFile(other, 'two')
  expect(await sum()).toBe('7692')
  const { atime, mtime } = await stat(path)
  await copyFile(other, path)
  await utimes(path, atime, mtime)
  expect(await sum()).toBe('3fc4')
  await writeFile(other, 'one')
  await utimes(other, atime, mtime)
  await rename(other, path)
  expect(await sum()).toBe('7692')
  const both = await Promise.all([checksumOf(path), checksumOf(path)])
  expect(both[0]).toBe(both[1])
  await rm(path)
  await expect(checksumOf(path)).rejects.toMatchObject({ code: 'not-found', place: path })
})
