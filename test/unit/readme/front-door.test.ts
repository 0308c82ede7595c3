/** The documents at the door say what is so: the changelog's version, the files and the code they name, the import table of the linter. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAY_IMPORT, OWNERS, STAGES } from '../../../import-table.ts'
import { pylonVersion } from '../../../main/engine/files/version.ts'
import { readChineseReadme, readReadme } from '../../readme.ts'

const ROOT = join(import.meta.dirname, '../../..')
const DOCUMENTS = ['LICENSE', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'] as const
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

test("the changelog's newest version is package.json's, the lock's and the Python client's", () => {
  expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(pylonVersion())
  expect((JSON.parse(read('package-lock.json')) as { version: string }).version).toBe(pylonVersion())
  expect(/^version = "(.*)"/m.exec(read('python/pyproject.toml'))?.[1]).toBe(pylonVersion())
})

test('the licence is the one that package.json names', () => {
  expect((JSON.parse(read('package.json')) as { license: string }).license).toBe('Apache-2.0')
  expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0, January 2004[^]+END OF TERMS AND CONDITIONS/)
})

test.each([readReadme(), readChineseReadme()])('both READMEs lead to all of them', (readme) => {
  expect(DOCUMENTS.filter((name) => !readme.includes(`](${name})`))).toEqual([])
})

test.each(DOCUMENTS.slice(1))('the paths that %s names are there', (name) => {
  const named = [...read(name).matchAll(/`((?:main|renderer|test|preload|packaging|docs)(?:\/[\w.{},-]+)*\/?)`/g)].map((match) => match[1]!)
  const real = named.filter((path) => !/[A-Z]{4,}\.ts$/.test(path)) // but kinds/NAME.ts
  expect(real.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).toEqual([])
})

describe("SECURITY.md's answers to Electron's checklist", () => {
  const rows = read('SECURITY.md')
    .split('\n')
    .filter((line) => /^\| \d+ /.test(line))
  const sources = globSync(['main/**/*.ts', 'preload/*.ts', 'renderer/**/*.{ts,vue}'], { cwd: ROOT }).map(
    (path) => [path, read(path)] as const,
  )

  test('are to all 20 points', () => {
    expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  test.each(rows.map((row) => [row.split('|')[2]!.trim(), row]))('%s', (_, row) => {
    const quotes = [...row.matchAll(/`([^`]+)`: `([^`]+)`/g)]
    const absent = [...row.matchAll(/nowhere: `([^`]+)`/g)]
    expect(quotes.length + absent.length).toBeGreaterThan(0)
    expect(quotes.filter(([, path, code]) => !existsSync(join(ROOT, path!)) || !read(path!).includes(code!)).map(([all]) => all)).toEqual(
      [],
    )
    expect(absent.flatMap(([, word]) => sources.flatMap(([path, text]) => (text.includes(word!) ? [`${path}: ${word!}`] : [])))).toEqual([])
  })
})

test('ARCHITECTURE.md shows the import table: its rows, the stages in their order, the owners of libraries', () => {
  const architecture = read('ARCHITECTURE.md')
  expect(architecture.replaceAll(/\s+/g, ' ')).toContain(`The stages in their order: ${STAGES.join(', ')};`)
  const cells = architecture.split('\n').map((line) =>
    line
      .replaceAll('`', '')
      .replaceAll(/[\s|]+/g, ' ')
      .trim(),
  )
  const short = (paths: readonly string[]): string => paths.map((path) => path.replace('main/engine/', '…/')).join(', ')
  const stages = STAGES.map((stage) => `main/engine/${stage}`)
  const pages = Object.keys(MAY_IMPORT).filter((folder) => folder.startsWith('renderer/pages/'))
  for (const [folder, may] of Object.entries(MAY_IMPORT)) {
    if (stages.includes(folder) || pages.slice(1).includes(folder)) continue
    const all = stages.every((stage) => may.includes(stage)) ? ['every stage', ...may.filter((path) => !stages.includes(path))] : may
    const some = pages.every((page) => all.includes(page)) ? ['every page', ...all.filter((path) => !pages.includes(path))] : all
    expect(cells).toContain(`${folder === pages[0] ? 'a page' : short([folder])} ${short(some) || '–'}`)
  }
  for (const [library, owners] of Object.entries(OWNERS)) expect(cells).toContain(`${library} ${owners.join(', ')}`)
})
