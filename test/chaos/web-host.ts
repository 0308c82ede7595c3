/**
 * A web host under nonsense: raw requests, headers, frames of its socket and messages of the contract, each from a seed. Whatever comes,
 * it answers or closes within seconds, never with a 5xx, its engine lives on, and its page and its verbs are there afterwards.
 */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import type { Channel } from '../../main/contract/channel.ts'
import type { EngineFact } from '../../main/contract/host.ts'
import { createClient } from '../../main/contract/rpc.ts'
import { encodeFrame } from '../../main/contract/wire.ts'
import { startWebHost, type WebHost } from '../../main/hosts/web.ts'
import { openSocket, signIn, socketChannel } from '../helpers/socket-channel.ts'
import { headers, requests, type Asked, type Input } from './web-inputs.ts'
import { frames, messages } from './web-messages.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly count: number
}

export interface FuzzResult {
  /** inputs of each kind */
  readonly inputs: Readonly<Record<Input['kind'], number>>
  /** how they ended: an HTTP status, a close code, an error code of the contract, `closed`, and how often */
  readonly ends: Readonly<Record<string, number>>
  /** what must not be: the input, and what happened; at most 20 */
  readonly faults: readonly string[]
}

/** How long anything may take. Verbs that fork a process queue behind each other. */
const PATIENCE_MS = 30_000
/** After so long without a byte the end of the input is sent. */
const QUIET_MS = 100
const AT_ONCE = 24
const MAX_FAULTS = 20

interface Target extends Asked {
  readonly host: WebHost
  /** a socket of its own for messages of the contract */
  readonly channel: Channel
  readonly waiting: Map<number, (end: string) => void>
}

/** Runs `count` inputs against a host of its own, with the real engine. Some 100 inputs a second. */
export async function fuzzWebHost({ seed, count }: FuzzOptions): Promise<FuzzResult> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'pylon-fuzz-')))
  const facts: EngineFact[] = []
  const said: string[] = []
  const data = join(base, 'data')
  for (const folder of ['page', 'data']) await mkdir(join(base, folder))
  await writeFile(join(base, 'page', 'index.html'), '<!doctype html>')
  await writeFile(join(data, 'seen.csv'), 'user,item\na,1\na,2\nb,1\n')
  await symlink('/etc', join(data, 'etc'))
  const host = await startWebHost({
    ...{ home: join(base, 'home'), page: join(base, 'page'), roots: [data], uploadLimit: 1 << 20 },
    log: (text) => void said.push(text),
  })
  const inputs = { request: 0, header: 0, frame: 0, message: 0 }
  const ends: Record<string, number> = {}
  const faults: string[] = []
  try {
    const { channel } = await openSocket(host, (fact) => facts.push(fact))
    const waiting = new Map<number, (end: string) => void>()
    channel.listen((message) => {
      const { id, kind, error } = message as { id?: number; kind: string; error?: { code: string } }
      if (kind === 'event') return
      waiting.get(id ?? -1)?.(error?.code ?? kind)
    })
    const target: Target = {
      ...{ host, channel, waiting, data, home: join(base, 'home'), port: host.port },
      cookie: await signIn(host),
      origin: `http://127.0.0.1:${host.port}`,
    }
    const next = fc.sample(inputsOf(target), { seed, numRuns: count })[Symbol.iterator]()
    const work = async (): Promise<void> => {
      for (const input of next) {
        if (faults.length >= MAX_FAULTS) return
        inputs[input.kind]++
        const end = await within(send(target, input))
        ends[`${input.kind} ${end}`] = (ends[`${input.kind} ${end}`] ?? 0) + 1
        if (isFault(end)) faults.push(`${end}: ${inspect(input, { depth: 9 }).slice(0, 2000)}`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    faults.push(...(await aftermath(target, facts, said)))
  } finally {
    await host.close()
    await rm(base, { recursive: true, force: true, maxRetries: 3 })
  }
  return { inputs, ends: Object.fromEntries(Object.entries(ends).toSorted(([a], [b]) => a.localeCompare(b))), faults }
}

/** Inputs of every kind. */
function inputsOf(target: Asked): fc.Arbitrary<Input> {
  return fc.oneof(
    { weight: 3, arbitrary: requests(target) },
    { weight: 3, arbitrary: headers(target) },
    { weight: 2, arbitrary: frames(target) },
    { weight: 3, arbitrary: messages(target) },
  )
}

const isFault = (end: string): boolean => /^5|^bug$|^hang$/.test(end)

/** The host as it is afterwards: page, verbs, and that its engine never died. */
async function aftermath({ host, cookie, origin }: Target, facts: readonly EngineFact[], said: readonly string[]): Promise<string[]> {
  const faults = facts.filter(({ engine }) => engine === 'lost').map(({ reason }) => `the engine died: ${reason ?? ''}`)
  faults.push(...said.map((text) => `the host said: ${text}`))
  const page = await fetch(origin, { headers: { cookie } }).then(({ status }) => status, String)
  if (page !== 200) faults.push(`afterwards the page is ${page}`)
  const client = createClient((await openSocket(host)).channel)
  const listed = await within(client.call('datasets.list', {}).then(() => 'answer', String))
  if (listed !== 'answer') faults.push(`afterwards datasets.list is ${listed}`)
  client.close()
  return faults
}

function within(end: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout
  const hang = new Promise<string>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, 'hang')))
  return Promise.race([end, hang]).finally(() => clearTimeout(timer))
}

let nextId = 1

function send(target: Target, input: Input): Promise<string> {
  if (input.kind === 'request' || input.kind === 'header') return sendBytes(target, input.bytes)
  if (input.kind === 'frame') return input.raw ? sendBytes(target, handshake(target) + input.body) : sendFrame(target, input)
  const id = nextId++
  return new Promise<string>((resolve) => {
    target.waiting.set(id, resolve)
    target.channel.post({ ...(input.message as object), id })
  }).finally(() => target.waiting.delete(id))
}

/** The first status that is not `100 Continue`, or the first that is a fault. */
function statusOf(answer: string): string {
  const statuses = [...answer.matchAll(/^HTTP\/1\.\d (\d{3}) /gm)].map(([, status]) => status!).filter((status) => status !== '100')
  return statuses.find(isFault) ?? statuses[0] ?? 'closed'
}

/** The status of the answer; `closed` where the host closed without one. */
function sendBytes({ port }: Target, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const quiet = setTimeout(() => socket.end(), QUIET_MS) // what is incomplete gets nothing more
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part
      quiet.refresh()
    })
    socket.on('error', () => undefined) // a host may reset what it does not read; the close comes all the same
    socket.on('close', () => {
      clearTimeout(quiet)
      resolve(statusOf(answer))
    })
    socket.write(text, 'latin1')
  })
}

const handshake = ({ port, cookie, origin }: Target): string =>
  [
    ...[
      'GET /engine HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      `origin: ${origin}`,
      `cookie: ${cookie}`,
      'upgrade: websocket',
      'connection: upgrade',
    ],
    ...['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ].join('\r\n')

/** A well-formed frame of anything, on a socket of its own: how the host answers, or closes. */
async function sendFrame({ cookie, origin }: Target, { body, binary }: Extract<Input, { kind: 'frame' }>): Promise<string> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, { headers: { cookie, origin } })
  const closed = new Promise<string>((resolve) => {
    socket.on('close', (code) => resolve(String(code)))
  })
  try {
    const channel = await socketChannel(socket)
    const answered = new Promise<string>((resolve) => {
      channel.listen((message) => {
        const { kind, error } = message as { kind: string; error?: { code: string } }
        if (kind !== 'event') resolve(error?.code ?? kind)
      })
    })
    socket.send(binary ? Buffer.from(body, 'latin1') : Buffer.from(body), { binary })
    // what is no call may go unanswered; a call after it may not
    socket.send(encodeFrame({ kind: 'call', id: 7, verb: 'datasets.list', input: {} }))
    return await Promise.race([answered, closed])
  } finally {
    socket.close()
    await closed
  }
}
