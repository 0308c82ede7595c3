/**
 * The package that people install: made, installed into an empty prefix without scripts, and used from another folder, by the Node that
 * is on the path there (any: the package brings its own). npm fetches the dependencies.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack } from '../../packaging/pack.ts'
import { pylonVersion } from '../../main/engine/files/version.ts'

const windows = process.platform === 'win32'
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pylon-test-')))
const [prefix, work] = [join(folder, 'prefix'), join(folder, 'work')]
const command = windows ? join(prefix, 'pylon.cmd') : join(prefix, 'bin', 'pylon')
let packed = ''

/** What npm run gives its children, and Node's cache of the tests, are not what a user has. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_COMPILE_CACHE|NODE_OPTIONS|VITEST)/i.test(name)),
)

const run = async (file: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(file, args, { cwd: work, env: { ...env, PYLON_HOME: join(folder, 'home') }, shell: windows, maxBuffer: 1e8 }))
    .stdout
const pylon = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await run(command, ...args, '--json')) as Record<string, unknown>

beforeAll(async () => {
  for (const each of [prefix, work]) mkdirSync(each)
  packed = await pack(join(folder, 'dist'))
  await run('npm', 'install', '--global', '--prefix', prefix, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', packed)
}, 600_000) // npm fetches some hundred MB where nothing is cached
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

test('its checksum stands beside it', () => {
  const sum = createHash('sha256').update(readFileSync(packed)).digest('hex')
  expect(readFileSync(join(folder, 'dist', 'SHA256SUMS'), 'utf8')).toBe(`${sum}  pylon-${pylonVersion()}.tgz\n`)
})

test('it says its version, and every library works', async () => {
  expect(await run(command, '--version')).toBe(`${pylonVersion()}\n`)
  const { libraries } = (await pylon('doctor')) as { libraries: { name: string; works: boolean; note: string }[] }
  expect(libraries.filter(({ works }) => !works)).toEqual([])
})

test('a file of the folder one stands in is imported and trained on', async () => {
  const rows = Array.from(
    { length: 400 },
    (_, i) => `u${i % 40},i${(i * 7 + (i % 40)) % 60},2024-01-01T00:${String(i % 60).padStart(2, '0')}:00Z`,
  )
  writeFileSync(join(work, 'plays.csv'), `user,item,at\n${rows.join('\n')}\n`)
  expect(await pylon('import', '--name', 'plays', '--interactions', 'plays.csv')).toMatchObject({ dataset: 'plays', users: 40 })
  const trained = await pylon('train', '--dataset', 'plays', '--recipe', 'two-tower', '--set', 'training.epochs=1')
  // one epoch on train, and one more on train + validation
  expect(trained).toMatchObject({ epochs: 2, bestEpoch: 1, protocol: { fittedOn: 'train+validation' } })
  await pylon('export', '--run', String(trained['run']), '--format', 'pytorch', '--out', 'out')
  expect(readdirSync(join(work, 'out'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.py'))).not.toEqual([])
})

test('the demo begins', async () => {
  const demo = started('demo')
  try {
    await heard(demo, /^([\d,]+ users, 3,000 listings)/m)
  } finally {
    await ended(demo)
  }
})

test('the page opens in a browser', async () => {
  const host = started('start', '--no-open', '--port', '0')
  try {
    const link = await heard(host, /Pylon is at (\S+)/)
    const page = await fetch(link, { redirect: 'manual' })
    const cookie = page.headers.getSetCookie().map((each) => each.split(';')[0]!)
    const again = await fetch(new URL('/', link), { headers: { cookie: cookie.join('; ') } })
    expect([again.status, await again.text()]).toEqual([200, expect.stringContaining('<div id="app">')])
  } finally {
    await ended(host)
  }
})

const started = (...args: string[]): ChildProcessWithoutNullStreams =>
  spawn(command, args, { cwd: work, env: { ...env, PYLON_HOME: join(folder, 'home') }, shell: windows })

/** The first group of the pattern in what a program prints. */
function heard(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  return new Promise((found, fail) => {
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        text += part.toString()
        const match = pattern.exec(text)
        if (match !== null) found(match[1]!)
      })
    child.once('exit', (code) => fail(new Error(`ended with ${code}: ${text}`)))
  })
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await gone
}
