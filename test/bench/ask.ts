/**
 * The load of any server that answers POST /recommend of known users, from a process of its own: `TOKEN=… node test/bench/ask.ts URL closed|RATE
 * SECONDS`. It writes prepared bytes to plain sockets, so that it takes as little as can be of the machine that the server is measured on.
 * `closed`: 8 connections ask as fast as they are answered. A rate is an open loop: requests leave when they are due whatever the answers do
 * (evenly, or with ARRIVALS=random as those of independent clients come), on a connection that is free, and a latency counts from when a request was due; where this process was late itself (its timer, a processor that
 * others had) from when it was sent, as a client on another machine would not have been. A second of the same before is not counted. It prints
 * an {@link Asked} as JSON; USERS, ASKED say how many users there are, and how many of them are asked about in turn.
 */
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import os from 'node:os'

/** What came of it. Milliseconds are those to a whole answer; a request that was refused counts as never answered. */
export interface Asked {
  readonly offered: number
  /** answered with 200 a second */
  readonly goodput: number
  readonly answered: number
  /** 503 */
  readonly refused: number
  /** anything else, and connections that ended */
  readonly lost: number
  /** null: never */
  readonly p50: number | null
  readonly p99: number | null
  /** how late this process was in sending, where a connection was free */
  readonly lateP99: number
  /** digests of the lists that were answered, by `VERSION USER` */
  readonly lists: Readonly<Record<string, readonly string[]>>
}

const [CLIENTS, MOST] = [8, 256]
/** Seconds at a rate that are not counted: connections are opened, and this process is compiled. */
const BEFORE = 1
const [url = 'http://127.0.0.1:8771', mode = 'closed', seconds = '10'] = process.argv.slice(2)
const { hostname, port } = new URL(url)
const [users, asked] = [Number(process.env['USERS'] ?? 5000), Number(process.env['ASKED'] ?? 5000)]
const k = Number(process.env['K'] ?? 20)
const keepLists = process.env['LISTS'] === '1'

const names = Array.from({ length: asked }, (_, n) => `U${String(1 + ((n * 17) % users)).padStart(5, '0')}`)
const requests = names.map((user) => {
  const body = JSON.stringify({ user, k })
  return Buffer.from(
    `POST /recommend HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\nauthorization: Bearer ${process.env['TOKEN'] ?? ''}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
})

interface Connection {
  readonly socket: Socket
  due: number
  /** of the request on it */
  counts: boolean
  user: string
  chunks: Buffer[]
  /** bytes of the whole answer, once its head is there */
  length: number
  had: number
}
const [free, waiting]: [Connection[], { due: number; n: number }[]] = [[], []]
const [latencies, lateness]: [number[], number[]] = [[], []]
const lists = new Map<string, Set<string>>()
let [sent, answered, refused, lost, open, pending] = [0, 0, 0, 0, 0, 0]
/** requests that are not counted */
let before = 0
let whenFree: (connection: Connection) => void = () => {}

function opened(): Connection {
  open++
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  const connection: Connection = { socket, due: 0, counts: true, user: '', chunks: [], length: -1, had: 0 }
  socket.on('data', (chunk: Buffer) => arrived(connection, chunk))
  socket.on('error', () => {})
  socket.on('close', () => {
    open--
    const at = free.indexOf(connection)
    if (at >= 0) free.splice(at, 1)
    else ended('lost', connection)
  })
  return connection
}

function arrived(connection: Connection, chunk: Buffer): void {
  connection.chunks.push(chunk)
  connection.had += chunk.length
  if (connection.length < 0) {
    const text = Buffer.concat(connection.chunks)
    const head = text.indexOf('\r\n\r\n')
    if (head < 0) return
    const size = /content-length: (\d+)/i.exec(text.subarray(0, head).toString('latin1'))
    connection.length = head + 4 + Number(size?.[1] ?? 0)
  }
  if (connection.had < connection.length) return
  const [first] = connection.chunks as [Buffer]
  const status = first.subarray(9, 12).toString('latin1')
  if (status === '200') {
    if (keepLists) remember(connection)
    ended('answered', connection)
  } else ended(status === '503' ? 'refused' : 'lost', connection)
  ;[connection.chunks, connection.length, connection.had] = [[], -1, 0]
  whenFree(connection)
}

function remember({ chunks, user }: Connection): void {
  const text = Buffer.concat(chunks).toString('utf8')
  const { version, items } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as { version: string; items: { item: string }[] }
  const key = `${version} ${user}`
  const of = lists.get(key) ?? new Set()
  of.add(
    createHash('sha1')
      .update(items.map(({ item }) => item).join(' '))
      .digest('hex')
      .slice(0, 16),
  )
  lists.set(key, of)
}

function ended(how: 'answered' | 'refused' | 'lost', { due, counts }: Connection): void {
  pending--
  if (!counts) return
  if (how === 'answered') {
    answered++
    latencies.push(performance.now() - due)
  } else if (how === 'refused') {
    refused++
    latencies.push(Infinity) // which is null as JSON
  } else lost++
}

function send(connection: Connection, due: number, n: number): void {
  connection.due = due
  connection.counts = n >= before
  connection.user = names[n % names.length]!
  connection.socket.write(requests[n % requests.length]!)
}

async function closedLoop(): Promise<number> {
  const start = performance.now()
  const until = start + Number(seconds) * 1000
  const next = (connection: Connection): void => {
    if (performance.now() >= until) return void free.push(connection)
    pending++
    send(connection, performance.now(), sent++)
  }
  whenFree = next
  for (let i = 0; i < CLIENTS; i++) next(opened())
  while (performance.now() < until || pending > 0) await new Promise((turn) => setTimeout(turn, 5))
  return (performance.now() - start) / 1000
}

/** Milliseconds from one request to the next: always the same, or as those of many clients who know nothing of each other (exponential). */
function gapsOf(rate: number): () => number {
  if (process.env['ARRIVALS'] !== 'random') return () => 1000 / rate
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (-Math.log((state + 1) / 2 ** 32) * 1000) / rate
  }
}

async function openLoop(rate: number): Promise<number> {
  before = Math.round(rate * BEFORE)
  const total = before + Math.round(rate * Number(seconds))
  whenFree = (connection) => {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else send(connection, next.due, next.n)
  }
  const gap = gapsOf(rate)
  const start = performance.now()
  let at = start
  while (sent < total) {
    for (; sent < total && at <= performance.now(); at += gap()) {
      const n = sent++
      pending++
      const connection = free.pop() ?? (open < MOST ? opened() : undefined)
      if (connection === undefined) waiting.push({ due: at, n })
      else {
        const now = performance.now()
        if (n >= before) lateness.push(now - at)
        send(connection, now, n)
      }
    }
    await new Promise((turn) => setTimeout(turn, 1))
  }
  const took = (performance.now() - start) / 1000 - before / rate
  sent -= before
  while (pending > 0) await new Promise((turn) => setTimeout(turn, 5))
  return took
}

try {
  os.setPriority(-10) // it stands for clients that have processors of their own
} catch {
  // not everybody may
}
const took = mode === 'closed' ? await closedLoop() : await openLoop(Number(mode))
const at = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN
const result: Asked = {
  offered: sent / took,
  goodput: answered / took,
  answered,
  refused,
  lost,
  p50: at(latencies, 0.5),
  p99: at(latencies, 0.99),
  lateP99: at(lateness, 0.99),
  lists: Object.fromEntries([...lists].map(([key, of]) => [key, [...of]])),
}
console.log(JSON.stringify(result))
process.exit(0)
