import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandsOf, linksOf, readChineseReadme, readReadme, scriptsOf, shellLines, withTables } from '../../readme.ts'

const ROOT = join(import.meta.dirname, '../../..')
const BOTH = [readReadme(), readChineseReadme()] as const

// formatting a whole README takes seconds on a busy machine
test(
  'the tables of verbs and of export formats in the README are those of the code (else: node test/readme.ts --write)',
  { timeout: 60_000 },
  async () => {
    expect(readReadme()).toBe(await withTables(readReadme()))
  },
)

test('the commands of the README are found, quotes and comments understood', () => {
  expect(commandsOf('```sh\npylon doctor   # what works\nls\npylon a --b \'{"c": 1}\' d\n```\npylon no')).toEqual([
    ['doctor'],
    ['a', '--b', '{"c": 1}', 'd'],
  ])
})

test('the Chinese README tells people to type the same as the English one, whose commands are run', () => {
  const [english, chinese] = BOTH.map(shellLines)
  expect(chinese).toEqual(english)
})

test('what the READMEs run and show is there, and the pictures are light', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  expect(BOTH.flatMap(scriptsOf).filter((name) => !(name in scripts))).toEqual([])
  const links = BOTH.flatMap(linksOf)
  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  const pictures = links.filter((path) => path.endsWith('.webp'))
  expect(pictures).toHaveLength(12)
  expect(pictures.reduce((sum, path) => sum + statSync(join(ROOT, path)).size, 0)).toBeLessThan(1.5e6)
})
