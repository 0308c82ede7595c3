/**
 * A cell that somebody types in is read by the form of its column, as it was imported: the same by the command line, by the verb that the
 * page asks, and over HTTP from a bundle. Text that the form does not know is refused with the form.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServingCommand, servingCommand } from '../helpers/served.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

const ITEMS = 40
const TAGS = ['red', 'soft', 'new', 'wool', 'blue']
let root = ''
let home = ''
let server: ServingCommand

interface Hits {
  readonly hits?: readonly { readonly item: string; readonly score: number }[]
  readonly items?: readonly { readonly item: string; readonly score: number }[]
  readonly warnings?: readonly string[]
  readonly error?: { readonly message: string }
}

const must = (...args: string[]): Promise<object> => answerOf(args, { home })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-cells-'))
  home = join(root, 'home')
  const tags = (i: number): string => [TAGS[i % 5]!, TAGS[(i * 3 + 1) % 5]!].join(',')
  const price = (i: number): string =>
    `${i % 3 === 0 ? '1.' : ''}${String(100 + i * 17).padStart(3, '0')},${String(i % 100).padStart(2, '0')}`
  const items = Array.from(
    { length: ITEMS },
    (_, i) => `i${i},"${price(i)}","${tags(i)}",USD ${i + 5},${String((i % 28) + 1).padStart(2, '0')}.03.2024`,
  )
  const plays = Array.from({ length: 900 }, (_, n) => `u${n % 45},i${(n * 7 + Math.floor(n / 45) * 3) % ITEMS},${1_700_000_000 + n * 60}`)
  await writeFile(join(root, 'items.csv'), `item,price,tags,fee,added\n${items.join('\n')}\n`)
  await writeFile(join(root, 'plays.csv'), `user,item,time\n${plays.join('\n')}\n`)
  const kinds = 'price=number,tags=tags,fee=number,added=time'
  await must('import', '--name', 'd', '--interactions', join(root, 'plays.csv'), '--items', join(root, 'items.csv'), '--kinds', kinds)
  const features = [
    { kind: 'number', name: 'price', column: 'price' },
    { kind: 'tags', name: 'tags', column: 'tags', dim: 4 },
    { kind: 'number', name: 'fee', column: 'fee' },
    { kind: 'time', name: 'added', column: 'added' },
  ]
  const user = [{ kind: 'history', name: 'history', dim: 4 }]
  const small = [
    'training.batchSize=64',
    'training.epochs=1',
    `user.features=${JSON.stringify(user)}`,
    `item.features=${JSON.stringify(features)}`,
  ]
  await must('train', '--dataset', 'd', '--recipe', 'two-tower', '--name', 'first', ...small.flatMap((each) => ['--set', each]))
  await must('export', '--run', 'first', '--format', 'bundle', '--out', join(root, 'bundle'))
  server = await servingCommand(['--bundle', join(root, 'bundle'), '--home', join(root, 'other')])
}, 120_000)
afterAll(async () => {
  server.process.kill('SIGINT')
  await server.ended
  await rm(root, { recursive: true, force: true })
})

async function http(method: string, path: string, body: unknown): Promise<Hits> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.token}` },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Hits
}

const shown = (hits: Hits['items']): string => hits!.map(({ item, score }) => `${item} ${score.toFixed(4)}`).join(' ')

/** Items like a typed-in one by the command line, which asks the verb of the page; or why not. */
async function byCommand(features: Readonly<Record<string, unknown>>): Promise<string> {
  const { json, stderr } = await pylon(['similar', '--run', 'first', '--features', JSON.stringify(features), '--k', '5', '--json'], {
    home,
  })
  const hits = (json as Hits | null)?.hits
  return hits === undefined ? stderr : shown(hits)
}

/** The same over HTTP. */
async function byHttp(features: Readonly<Record<string, unknown>>): Promise<string> {
  const { items, error } = await http('POST', '/similar', { features, k: 5 })
  return items === undefined ? error!.message : shown(items)
}

test.each([
  [{ price: '1.500' }, { price: 1500 }],
  [{ price: '1.150,00' }, { price: 1150 }],
  [{ fee: 'USD 15' }, { fee: 15 }],
  [{ tags: 'red,soft,new' }, { tags: ['red', 'soft', 'new'] }],
  [{ added: '05.03.2024' }, { added: Date.UTC(2024, 2, 5) / 1000 }],
  [{ added: '2024-03-05' }, { added: Date.UTC(2024, 2, 5) / 1000 }],
  [{ price: ' n/a ', tags: '' }, {}],
])('%j is %j', async (typed, meant) => {
  const wanted = await byHttp(meant)
  expect(wanted).toMatch(/^i\d+ -?\d\.\d{4}( i\d+ -?\d\.\d{4}){4}$/)
  expect([await byCommand(typed), await byHttp(typed)]).toEqual([wanted, wanted])
})

test.each([
  [{ price: 'cheap' }, '"price" must be a number with a decimal comma, such as "1.150,50", not "cheap".'],
  [{ added: '03/05/2024' }, '"added" must be a date as DD.MM.YYYY, not "03/05/2024".'],
])('%j is refused', async (typed, message) => {
  expect(await byCommand(typed)).toContain(message)
  expect(await byHttp(typed)).toContain(message)
})

test('an item that is put is filtered by its cells as they would have been imported', async () => {
  await http('PUT', '/items', {
    items: [{ id: 'put', features: { price: '1.500', tags: 'red,plush', fee: 'USD 7', added: '05.03.2024' } }],
  })
  const found = async (filter: object): Promise<readonly string[]> =>
    (await http('POST', '/similar', { features: { price: 1500 }, k: 100, filter })).items!.map(({ item }) => item)
  expect(await found({ tags: 'plush' })).toEqual(['put'])
  expect(await found({ price: { min: 1499, max: 1501 } })).toEqual(['put'])
  const refused = await http('PUT', '/items', { items: [{ id: 'bad', features: { price: 'cheap' } }] })
  expect(refused.error!.message).toContain('"price" must be a number with a decimal comma')
})

test.each<[string, string, Readonly<Record<string, unknown>>, string[]]>([
  ['similar', '/similar', { tags: 'red,plush,puce' }, ['"tags": "plush", "puce" are unknown to this model.']],
  ['similar', '/similar', { tags: 'red', price: 3 }, []],
  ['similar', '/similar', {}, ['Nothing is said of this item: all of price, tags, fee, added are missing.']],
  ['recommend', '/recommend', { history: ['i3', 'gone'] }, ['"history": "gone" is unknown to this model.']],
  ['recommend', '/recommend', { history: ['i3'] }, []],
])('what the model does not know is said: %s %s %j', async (verb, path, features, warnings) => {
  const { json, stdout } = await pylon([verb, '--run', 'first', '--features', JSON.stringify(features), '--json'], { home })
  expect((json as Hits).warnings, stdout).toEqual(warnings)
  expect((await http('POST', path, { features })).warnings).toEqual(warnings)
})

test('a person reads the warnings below the table, and /metrics counts them by route', async () => {
  const { stdout } = await pylon(['similar', '--run', 'first', '--features', '{"tags":"puce"}'], { home })
  expect(stdout).toContain('warning: "tags": "puce" is unknown to this model.')
  const counted = async (route: string): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.token}` } })).text()
    return Number(new RegExp(`^pylon_warnings_total\\{route="${route}"\\} (\\d+)$`, 'm').exec(text)![1])
  }
  await http('POST', '/recommend', { history: ['i3'] })
  const before = await counted('/recommend')
  const gone = Array.from({ length: 7 }, (_, i) => `gone${i}`)
  const { warnings } = await http('POST', '/recommend', { history: gone, exclude: ['i3', 'nowhere'] })
  expect(warnings).toEqual([
    '"history": "gone0", "gone1", "gone2", "gone3", "gone4" and 2 more are unknown to this model.',
    '"exclude": "nowhere" is unknown to this model.',
  ])
  expect(await counted('/recommend')).toBe(before + 2)
  const put = await http('PUT', '/items', { items: [{ id: 'blank', features: {} }] })
  expect(put.warnings).toEqual(['Item "blank": Nothing is said of this item: all of price, tags, fee, added are missing.'])
  expect(await counted('/items')).toBeGreaterThan(0)
})
