/** What people download: electron-builder's configuration is one that it understands, and the checksums are those of the files. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { releasedFiles, writeChecksums } from '../../../packaging/checksums.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const ROOT = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** What electron-builder says about a configuration, by its own schema. */
function complaints(configuration: object): string[] {
  const ajv = new Ajv({ allErrors: true, unknownFormats: 'ignore' })
  const isRight = ajv.compile(JSON.parse(read('node_modules/app-builder-lib/scheme.json')) as object)
  void isRight(configuration)
  return (isRight.errors ?? []).map(({ dataPath, message }) => `${dataPath}: ${message}`)
}

test("electron-builder.yml is valid by electron-builder's own schema", () => {
  const configuration = parse(read('electron-builder.yml')) as Record<string, object>
  expect(complaints(configuration)).toEqual([])
  expect(complaints({ ...configuration, mac: { ...configuration['mac'], notarise: true } })).toEqual([
    '.mac: should NOT have additional properties',
    '.mac: should be null',
    '.mac: should match some schema in anyOf',
  ])
})

test('the languages that are kept are those of the page, and English is one of them on every system', () => {
  const { electronLanguages } = parse(read('electron-builder.yml')) as { electronLanguages: string[] }
  expect(electronLanguages).toEqual(expect.arrayContaining(['en', 'en-US', 'zh_CN', 'zh-CN']))
})

test('nothing is signed, published or notarised with what stands in the repository', () => {
  const text = `${read('electron-builder.yml')}${read('package.json')}`
  expect(text).not.toMatch(/^\s*(publish|identity|certificateFile|certificatePassword|provisioningProfile):/m)
})

test('checksums are of what is to be downloaded, in the form that sha256sum reads', async () => {
  const folder = await temporaryFolder()
  for (const name of ['b.deb', 'a.tgz', 'builder-debug.yml', 'sbom.json']) writeFileSync(join(folder, name), name)
  expect(releasedFiles(folder)).toEqual(['a.tgz', 'b.deb', 'sbom.json'])
  writeChecksums(folder, releasedFiles(folder))
  const sum = (text: string): string => createHash('sha256').update(text).digest('hex')
  expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8').split('\n')).toEqual([
    ...['a.tgz', 'b.deb', 'sbom.json'].map((name) => `${sum(name)}  ${name}`),
    '',
  ])
})
