/**
 * Serving at scale: a two-tower over 100,000 items is trained, bundled, and served by a real `pylon serve`; another
 * process finds out what it can do, asks it at 0.5, 1, 2 and 4 times of that, then 1,000 times a second across a swap
 * to a second bundle. PYLON_BENCH_HOME names a folder that keeps what was made.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import { join, resolve } from 'node:path'
import { numbers } from '../helpers/numbers.ts'
import { pylon } from '../helpers/workspace.ts'
import type { Load } from './serve.ts'

const [USERS, ITEMS, EVENTS, WIDTH] = [5000, 100_000, 40, 16]
const [RATE, SECONDS] = [1000, 10]
/** of what it can do */
const SHARES = [0.5, 1, 2, 4]

const CONFIG = [
  'user.features=[{"kind":"id","dim":64},{"kind":"history","dim":64}]',
  'item.features=[{"kind":"vector","name":"content","column":"content"}]',
  'item.hidden=[128]',
  ...['user.output=64', 'item.output=64', 'training.epochs=3', 'training.earlyStopping=null', 'training.finalFit=false'],
]

export async function benchServing(): Promise<void> {
  const kept = process.env['PYLON_BENCH_HOME']
  const root = kept ?? (await mkdtemp(join(os.tmpdir(), 'pylon-bench-')))
  try {
    if (!existsSync(join(root, 'second'))) await makeBundles(root)
    const { probes } = JSON.parse(await readFile(join(root, 'first', 'probes.json'), 'utf8')) as { probes: unknown[] }
    console.log(`  ${ITEMS.toLocaleString('en-US')} items, d 64, ${os.availableParallelism()} cores, load ${os.loadavg()[0]!.toFixed(1)}`)
    const verified = await must(['verify', join(root, 'first'), '--json'], root)
    console.log(
      `  ${probes.length} probes; the index finds ${(100 * (verified['indexRecall'] as number)).toFixed(1)} % of the exact top ten`,
    )
    await measure(root)
    console.log(`  load ${os.loadavg()[0]!.toFixed(1)} after`)
  } finally {
    if (kept === undefined) await rm(root, { recursive: true, force: true })
  }
}

/** Starts the server and asks it: as fast as it can, then at shares of that, then while it goes over to another bundle. */
async function measure(root: string): Promise<void> {
  const args = ['serve', '--bundle', join(root, 'first'), '--port', '0', '--json', '--home', join(root, 'other')]
  const server = spawn(process.execPath, [resolve(import.meta.dirname, '../../main/cli.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const { url, token } = await new Promise<{ url: string; token: string }>((done) => {
      server.stdout.setEncoding('utf8').once('data', (text: string) => done(JSON.parse(text) as { url: string; token: string }))
    })
    const load = (mode: 'closed' | number): Promise<Load> => loaded(url, token, mode)
    await load('closed') // what is compiled and cached is so
    const capacity = Math.round((await load('closed')).goodput)
    console.log(`  answered as fast as can be: ${capacity}/s`)
    for (const share of SHARES) console.log(`  ${share} times that: ${told(await load(share * capacity))}`)
    console.log(`  ${RATE}/s: ${told(await load(RATE))}`)
    const swapping = load(RATE)
    await new Promise((pause) => setTimeout(pause, 2000))
    const started = performance.now()
    const swapped = await fetch(`${url}/swap`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ bundle: join(root, 'second') }),
    })
    const took = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`  ${RATE}/s across a swap (${swapped.status}, ${took} s): ${told(await swapping)}`)
  } finally {
    await ended(server)
  }
}

function told({ offered, goodput, accepted, refused, lost, p50, p99, max, sentP99, refusedP99, lateP99, versions }: Load): string {
  const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(1))
  return (
    `offered ${offered.toFixed(0)}/s; accepted ${accepted} (${goodput.toFixed(0)}/s, of ${versions.length} version(s)), refused ${refused}, ` +
    `lost ${lost}; ms: p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)} (p99 ${ms(sentP99)} from sending), refusals p99 ${ms(refusedP99)}; sent late by p99 ${ms(lateP99)}`
  )
}

function loaded(url: string, token: string, mode: 'closed' | number): Promise<Load> {
  const args = [resolve(import.meta.dirname, 'serve.ts'), url, String(mode), String(SECONDS)]
  const env = { ...process.env, TOKEN: token, USERS: String(USERS), ITEMS: String(ITEMS) }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  return new Promise((done) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.once('close', () => done(JSON.parse(text) as Load))
  })
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((done) => {
    server.once('close', () => done())
    server.kill('SIGINT')
  })
}

/**
 * Two bundles, `first` and `second`, of trainings by their seeds. Items have contents of 16 numbers; of 400 items by chance a user meets the 40
 * that fit their taste best.
 */
export async function makeBundles(
  root: string,
  { items = ITEMS, seeds = [1, 1] }: { items?: number; seeds?: readonly [number, number] } = {},
): Promise<void> {
  await mkdir(root, { recursive: true })
  const id = (letter: string, n: number): string => `${letter}${String(1 + n).padStart(5, '0')}`
  const contents = numbers(items * WIDTH, 1)
  const tastes = numbers(USERS * WIDTH, 2)
  const fit = (user: number, item: number): number => {
    let sum = 0
    for (let k = 0; k < WIDTH; k++) sum += tastes[user * WIDTH + k]! * contents[item * WIDTH + k]!
    return sum
  }
  await lines(join(root, 'items.jsonl'), items, (i) =>
    JSON.stringify({ item: id('L', i), content: Array.from(contents.subarray(i * WIDTH, (i + 1) * WIDTH), (x) => Number(x.toFixed(4))) }),
  )
  let met: number[] = []
  await lines(join(root, 'events.csv'), 1 + USERS * EVENTS, (line) => {
    if (line === 0) return 'user,item,time'
    const [user, k] = [Math.floor((line - 1) / EVENTS), (line - 1) % EVENTS]
    if (k === 0) {
      const offered = Array.from({ length: 400 }, (_, n) => (user * 7919 + n * 104_729) % items)
      const scored = offered.map((item) => ({ item, score: fit(user, item) })).sort((a, b) => b.score - a.score)
      met = scored.map(({ item }) => item)
    }
    return `${id('U', user)},${id('L', met[k]!)},${1_700_000_000 + k * 3600}`
  })
  const files = ['--interactions', join(root, 'events.csv'), '--items', join(root, 'items.jsonl'), '--kinds', 'content=vector']
  await must(['import', '--name', 'big', ...files], root)
  const set = CONFIG.flatMap((each) => ['--set', each])
  for (const seed of new Set(seeds))
    await must(['train', '--dataset', 'big', '--recipe', 'two-tower', '--name', `seed${seed}`, '--seed', String(seed), ...set], root)
  for (const [i, name] of ['first', 'second'].entries())
    await must(['export', '--run', `seed${seeds[i]}`, '--format', 'bundle', '--out', join(root, name)], root)
}

function lines(path: string, count: number, line: (n: number) => string): Promise<void> {
  return new Promise((done, fail) => {
    const file = createWriteStream(path).once('error', fail)
    for (let n = 0; n < count; n++) file.write(`${line(n)}\n`)
    file.end(() => done())
  })
}

async function must(args: readonly string[], root: string): Promise<Record<string, unknown>> {
  const { code, stderr, json } = await pylon(args, { home: join(root, 'home') })
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr.slice(-2000)}`)
  return json ?? {}
}
