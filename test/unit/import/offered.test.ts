/** What an import says to type is typed into a shell, and does what was said, whatever the columns are called. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { failure, importFiles } from './imported.ts'

const NAMES = [
  'what, thing',
  'two\nlines',
  'say "hi"',
  "it's",
  ' padded ',
  'a=b',
  'a b',
  '$1',
  '`ls`',
  'users.x',
  '那个',
  'none',
  'x'.repeat(300),
]
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The value of an option that a message offers, as a shell hands it over. */
function offered(message: string, option: string): string {
  const words = new RegExp(`--${option} ((?:'[^']*'|\\\\'|[^\\s'])+)`, 'g')
  const found = [...message.matchAll(words)].map(([, word]) => word!.replace(/\.$/, '')).find((word) => !word.endsWith('COLUMN'))
  expect(found, message).toBeDefined()
  return spawnSync('sh', ['-c', `printf '%s' ${found!}`], { encoding: 'utf8' }).stdout
}

test.each(NAMES)('a column that may be the user, called %j', async (name) => {
  const [users, items] = ['abacba', 'xyyxzz']
  const files = { 'i.csv': `${quoted(name)},β\n${[...users].map((user, k) => `${user},${items[k]!}`).join('\n')}\n` }
  const input = { interactions: 'i.csv', header: 'yes' } as const
  const { dataset } = await importFiles(files, { ...input, map: offered(await failure(files, input), 'map') })
  expect([await dataset.ids('user'), await dataset.ids('item')]).toEqual([
    ['a', 'b', 'c'],
    ['x', 'y', 'z'],
  ])
})

test.each(NAMES.filter((name) => name !== 'none'))('a column of lists or structures, called %j', async (name) => {
  const input = { interactions: 'i.jsonl' }
  const lists = { 'i.jsonl': ['a', 'b'].map((user) => `${JSON.stringify({ user, [name]: ['p', 'q'] })}\n`).join('') }
  const map = `user=1,item=2`
  const unroll = offered(await failure(lists, { ...input, map }), 'unroll')
  expect((await importFiles(lists, { ...input, map, unroll })).manifest.interactions).toBe(4)
  const structures = { 'i.jsonl': ['a', 'b'].map((user) => `${JSON.stringify({ user, [name]: [{ id: 'p' }, { id: 'q' }] })}\n`).join('') }
  const refused = await failure(structures, { ...input, map })
  const field = offered(refused, 'map').replace('FIELD', 'id')
  const { manifest } = await importFiles(structures, { ...input, map: `user=1,${field}`, unroll: offered(refused, 'unroll') })
  expect(manifest.interactions).toBe(4)
})

test.each(NAMES)('a column of items whose kind is doubtful, called %j', async (name) => {
  const files = {
    'i.csv': 'user,item\nu,i0\nu,i1\nv,i2\n',
    'items.csv': `item,${quoted(name)}\n${['1', '2', 'inf', '4', '5', '-Infinity'].map((cell, k) => `i${k},"${cell}"\n`).join('')}`,
  }
  const input = { interactions: 'i.csv', items: 'items.csv', map: 'itemId=item' }
  const { manifest } = await importFiles(files, input)
  const said = await importFiles(files, { ...input, kinds: offered(manifest.warnings[0]!, 'kinds') })
  expect(said.manifest.warnings).toEqual([])
})
