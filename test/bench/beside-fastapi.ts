/**
 * `npm run bench:serve`: `pylon serve` beside FastAPI with Faiss, on the same vectors and questions in one run, both with one thread a search. What
 * each can do is found first; then both are asked at 80 % of the smaller of the two, at fixed times (an open loop). Sides alternate, and
 * medians count, as machines are seldom quiet; how long processors worked for an answer is told too (Linux), which other work changes least. Numbers as arguments are how many items there are (default 3000 and 100000); PYLON_BENCH_HOME
 * names a folder that keeps what was made.
 */
import { createHash } from 'node:crypto'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import os from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { beforeTest } from '../../main/engine/dataset/interactions.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { pythonEnvironment } from '../../main/engine/export/python.ts'
import type { Asked } from './ask.ts'
import { makeBundles } from './serving.ts'

const [USERS, K, TOKEN] = [5000, 20, 'a-token-of-the-bench']
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const SECONDS = Number(process.env['SECONDS'] ?? 5)
/** of the smaller capacity */
const SHARE = 0.8
/** items */
const LARGE = 200_000
/** users whose lists are compared */
const COMPARED = 200

interface Side {
  readonly name: string
  readonly url: string
  readonly process: ChildProcess
}

async function beside(items: number): Promise<void> {
  const kept = process.env['PYLON_BENCH_HOME']
  const root = kept === undefined ? await mkdtemp(join(os.tmpdir(), 'pylon-bench-')) : join(kept, String(items))
  const sides: Side[] = []
  try {
    // both of one training where another large index would take many minutes: versions differ, lists do not
    if (!existsSync(join(root, 'second'))) await makeBundles(root, { items, seeds: items > LARGE ? [1, 1] : [1, 2] })
    await writeSeen(root)
    const ours = await pylonSide(root)
    sides.push(ours)
    for (const workers of [1, 2]) sides.push(await fastapiSide(root, workers, items))
    console.log(`${items.toLocaleString('en-US')} items, d 64, k ${K}; ${os.availableParallelism()} cores, load ${load()}`)
    await compareLists(sides)
    for (const side of sides) await ask(side, 'closed', 2)
    const worked = new Map(sides.map((side) => [side, [] as number[]]))
    const capacities = await rounds(sides, async (side) => {
      const before = processorSeconds(side.process.pid!)
      const asked = await ask(side, 'closed', SECONDS)
      worked.get(side)!.push((1e6 * (processorSeconds(side.process.pid!) - before)) / (asked.answered + asked.refused))
      return asked
    })
    const capacity = (side: Side): number => median(capacities.get(side)!.map(({ goodput }) => goodput))
    for (const side of sides)
      console.log(
        `  ${side.name}: ${capacity(side).toFixed(0)}/s (${capacities
          .get(side)!
          .map(({ goodput }) => goodput.toFixed(0))
          .join(', ')}); ${median(worked.get(side)!).toFixed(0)} µs of a processor each`,
      )
    const theirs = sides.slice(1).toSorted((a, b) => capacity(b) - capacity(a))[0]!
    const rate = Math.floor(SHARE * Math.min(capacity(ours), capacity(theirs)))
    console.log(`  capacity ${(capacity(ours) / capacity(theirs)).toFixed(2)} of theirs (${theirs.name})`)
    for (const arrivals of ['even', 'random']) await openLoop([ours, theirs], rate, arrivals)
    await swap(ours, root, rate)
  } finally {
    for (const { process: server } of sides) await stopped(server)
    if (kept === undefined) await rm(root, { recursive: true, force: true })
  }
}

/** Both at one rate, in turn. */
async function openLoop(sides: readonly Side[], rate: number, arrivals: string): Promise<void> {
  const open = await rounds(sides, (side) => ask(side, rate, SECONDS, { ARRIVALS: arrivals }))
  console.log(`  open loop at ${rate}/s, ${arrivals === 'even' ? 'evenly' : 'as independent clients come'}; load ${load()}:`)
  const middle = (side: Side, of: 'p50' | 'p99' | 'lateP99'): number => median(open.get(side)!.map((asked) => asked[of] ?? Infinity))
  for (const side of sides) {
    const all = open.get(side)!
    const count = (of: 'refused' | 'lost'): number => all.reduce((sum, asked) => sum + asked[of], 0)
    const each = all.map(({ p99 }) => (p99 ?? Infinity).toFixed(1)).join(', ')
    console.log(
      `  ${side.name}: p50 ${middle(side, 'p50').toFixed(2)} ms, p99 ${middle(side, 'p99').toFixed(1)} ms (${each}); refused ${count('refused')}, lost ${count('lost')}; sent late by ${middle(side, 'lateP99').toFixed(1)}`,
    )
  }
  console.log(`  p99 ${(middle(sides[0]!, 'p99') / middle(sides[1]!, 'p99')).toFixed(2)} of theirs`)
}

function load(): string {
  return os.loadavg()[0]!.toFixed(1)
}

/** What a process and its children have used of processors, as Linux tells it; elsewhere 0. */
function processorSeconds(pid: number): number {
  if (process.platform !== 'linux') return 0
  const read = (path: string): string => readFileSync(`/proc/${pid}/${path}`, 'utf8')
  const fields = read('stat').split(') ').at(-1)!.split(' ')
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => read(`task/${task}/children`).trim().split(' ').filter(Boolean))
  const own = (Number(fields[11]) + Number(fields[12])) / 100
  return children.reduce((sum, child) => sum + processorSeconds(Number(child)), own)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** Each side in turn, so that what else the machine does hits all. */
async function rounds(sides: readonly Side[], once: (side: Side) => Promise<Asked>): Promise<Map<Side, Asked[]>> {
  const found = new Map(sides.map((side) => [side, [] as Asked[]]))
  for (let round = 0; round < ROUNDS; round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) found.get(side)!.push(await once(side))
  return found
}

function ask({ url }: Side, mode: 'closed' | number, seconds: number, more: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const env = { ...process.env, TOKEN, USERS: String(USERS), K: String(K), ...more }
  const args = [resolve(import.meta.dirname, 'ask.ts'), url, String(mode), String(seconds)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  return new Promise((done) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.once('close', () => done(JSON.parse(text) as Asked))
  })
}

async function pylonSide(root: string): Promise<Side> {
  const args = ['serve', '--bundle', join(root, 'first'), '--port', '0', '--json', '--home', join(root, 'other')]
  const server = spawn(process.execPath, [resolve(import.meta.dirname, '../../main/cli.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYLON_SERVE_TOKEN: TOKEN },
  })
  const url = await new Promise<string>((done) => {
    server.stdout.setEncoding('utf8').once('data', (text: string) => done((JSON.parse(text) as { url: string }).url))
  })
  return { name: 'pylon serve', url, process: server }
}

async function fastapiSide(root: string, workers: number, items: number): Promise<Side> {
  const port = await freePort()
  const uvicorn = ['-m', 'uvicorn', 'fastapi_app:app', '--port', String(port), '--workers', String(workers), '--no-access-log']
  const server = spawn(benchPython(), [...uvicorn, '--log-level', 'warning'], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit'],
    // exact search where pylon's is, which compares up to 4,096 items with every query
    env: { ...process.env, BUNDLE: join(root, 'first'), SEEN: join(root, 'seen.json'), TOKEN, INDEX: items <= 4096 ? 'flat' : 'hnsw' },
  })
  const side = { name: `FastAPI, ${workers} worker${workers === 1 ? '' : 's'}`, url: `http://127.0.0.1:${port}`, process: server }
  for (let tries = 0; tries < 2400; tries++) {
    if (server.exitCode !== null) throw new Error(`FastAPI ended with exit code ${server.exitCode}.`)
    const up = await fetch(`${side.url}/openapi.json`).catch(() => null)
    if (up?.ok === true) return side
    await new Promise((turn) => setTimeout(turn, 250))
  }
  throw new Error('FastAPI did not start within ten minutes.')
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => done(port))
    })
  })
}

/** The interpreter of an environment that has what {@link ./requirements-serve.txt} lists; it is made where there is none. */
function benchPython(): string {
  const [list, folder] = [resolve(import.meta.dirname, 'requirements-serve.txt'), join(dirname(pythonEnvironment()), 'python-serve')]
  const [python, made] = [join(folder, 'bin', 'python'), join(folder, 'requirements-serve.txt')]
  if (existsSync(made) && readFileSync(made, 'utf8') === readFileSync(list, 'utf8')) return python
  mkdirSync(dirname(folder), { recursive: true })
  const run = (command: string, ...args: string[]): void => {
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`)
  }
  run('python3', '-m', 'venv', '--clear', folder)
  run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list)
  copyFileSync(list, made)
  return python
}

/** What each user has seen, which both sides leave out. */
async function writeSeen(root: string): Promise<void> {
  const { interactions, manifest } = await openDataset(join(root, 'first', 'dataset'), null)
  const before = beforeTest(interactions)
  const seen = Array.from({ length: manifest.users }, (_, user) => [...before.distinctItemsOf(user)])
  writeFileSync(join(root, 'seen.json'), JSON.stringify(seen))
}

/** The list of a user, by a server. */
async function listOf({ url }: Pick<Side, 'url'>, user: number, more: object = {}): Promise<{ version: string; items: string[] }> {
  const name = `U${String(1 + ((user * 17) % USERS)).padStart(5, '0')}`
  const answer = await fetch(`${url}/recommend`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ user: name, k: K, ...more }),
  })
  const { version, items } = (await answer.json()) as { version: string; items: { item: string }[] }
  return { version, items: items.map(({ item }) => item) }
}

/** How much of the exact lists each finds: who finds less has less to do. */
async function compareLists(sides: readonly Side[]): Promise<void> {
  const found = sides.map(() => 0)
  for (let user = 0; user < COMPARED; user++) {
    const exact = new Set((await listOf(sides[0]!, user, { exact: true })).items)
    for (const [i, side] of sides.entries()) found[i]! += (await listOf(side, user)).items.filter((item) => exact.has(item)).length
  }
  console.log(
    `  of the exact ${K} best: ${sides.map(({ name }, i) => `${name} ${((100 * found[i]!) / K / COMPARED).toFixed(1)} %`).join(', ')}`,
  )
}

/** Goes over to another bundle while it is asked: each answer must be that of its version, and none may be lost. */
async function swap(ours: Side, root: string, rate: number): Promise<void> {
  const all = async (): Promise<Map<string, string>> => {
    const lists = new Map<string, string>()
    for (let user = 0; user < COMPARED; user++) {
      const name = `U${String(1 + ((user * 17) % USERS)).padStart(5, '0')}`
      const { version, items } = await listOf(ours, user)
      lists.set(`${version} ${name}`, items.join(' '))
    }
    return lists
  }
  const before = await all()
  const under = ask(ours, rate, 3 * SECONDS, { ASKED: String(COMPARED), LISTS: '1' })
  await new Promise((turn) => setTimeout(turn, SECONDS * 1000))
  const started = performance.now()
  const swapped = await fetch(`${ours.url}/swap`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ bundle: join(root, 'second') }),
  })
  const took = (performance.now() - started) / 1000
  const { answered, refused, lost, p99, lists } = await under
  const expected = new Map([...before, ...(await all())])
  const digest = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 16)
  const wrong = Object.entries(lists).filter(([key, digests]) => digests.some((each) => each !== digest(expected.get(key) ?? '')))
  const versions = new Set(Object.keys(lists).map((key) => key.split(' ')[0]))
  console.log(
    `  swap at ${rate}/s (${swapped.status}, ${took.toFixed(1)} s): answered ${answered}, refused ${refused}, lost ${lost}, p99 ${(p99 ?? Infinity).toFixed(1)} ms; ${versions.size} versions, ${Object.keys(lists).length} lists, ${wrong.length} not those of their version`,
  )
}

function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return Promise.resolve()
  return new Promise((done) => {
    server.once('close', () => done())
    server.kill('SIGINT')
  })
}

const sizes = process.argv.slice(2).map(Number)
for (const items of sizes.length === 0 ? [3000, 100_000] : sizes) await beside(items)
