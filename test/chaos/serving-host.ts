/**
 * A real `pylon serve` under seeded inputs, each on a connection of its own. It must not die, must not answer with a 5xx of its own fault,
 * must let go of every connection, and must answer as before when all is over.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledMarket, servingCommand, type ServingCommand } from '../helpers/served.ts'
import { servingInputs } from './serving-inputs.ts'

export interface FuzzReport {
  readonly inputs: number
  /** how many were answered with each status; 0: the connection ended without one */
  readonly statuses: Readonly<Record<number, number>>
  /** what should not have been, with the input that did it: empty where all is well */
  readonly failures: readonly string[]
}

/** Connections at a time: few enough that none is refused for the load. */
const AT_ONCE = 32
/** Milliseconds without a word after which we say no more, either. */
const QUIET_MS = 150
/** Milliseconds after that within which the connection must be over. */
const HANG_MS = 10_000
/** Attempts of an input that was refused because there was too much to do. */
const ATTEMPTS = 20

/** @throws where the model cannot be made, or the server does not start */
export async function fuzzServing({ seed, count }: { seed: number; count: number }): Promise<FuzzReport> {
  const root = await mkdtemp(join(tmpdir(), 'pylon-fuzz-'))
  try {
    await bundledMarket(root, ['bundle'])
    const server = await servingCommand(['--bundle', join(root, 'bundle'), '--home', join(root, 'other')])
    try {
      return await attack(server, seed, count)
    } finally {
      server.process.kill('SIGTERM')
      await server.ended
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function attack(server: ServingCommand, seed: number, count: number): Promise<FuzzReport> {
  const port = Number(new URL(server.url).port)
  const before = await topTen(server)
  const statuses: Record<number, number> = {}
  const failures: string[] = []
  const inputs = servingInputs({ seed, count, token: server.token })
  const worker = async (): Promise<void> => {
    for (let input = inputs.pop(); input !== undefined && server.process.exitCode === null; input = inputs.pop()) {
      const { status, isOver } = await sent(port, input)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status >= 500 && status !== 505) failures.push(`${status} for ${shown(input)}`)
      if (!isOver) failures.push(`no end of ${shown(input)}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (server.process.exitCode !== null) failures.push(`it ended with ${server.process.exitCode}: ${server.stderr().slice(-2000)}`)
  else {
    const after = await topTen(server)
    if (after !== before) failures.push(`the top ten were ${before} and are ${after}`)
  }
  if (server.stderr() !== '') failures.push(`it wrote ${server.stderr().slice(-2000)}`)
  return { inputs: count, statuses, failures }
}

/** The best ten of the items that the fuzzer has left as they are. */
async function topTen({ url, token }: ServingCommand): Promise<string> {
  const response = await fetch(`${url}/recommend`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ user: 'u7', k: 1000 }),
  })
  const { items = [] } = (await response.json()) as { items?: { item: string; score: number }[] }
  const own = items.filter(({ item }) => /^i\d+$/.test(item))
  return JSON.stringify([response.status, own.slice(0, 10)])
}

/** Sends an input; where it is refused for the load alone, again. */
async function sent(port: number, input: Buffer): Promise<{ status: number; isOver: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(port, input)
    if (answer.status !== 503 || attempt === ATTEMPTS) return answer
    await new Promise((pause) => setTimeout(pause, 100))
  }
}

function once(port: number, input: Buffer): Promise<{ status: number; isOver: boolean }> {
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  let quiet: NodeJS.Timeout
  let hang: NodeJS.Timeout
  return new Promise((done) => {
    const over = (isOver: boolean): void => {
      clearTimeout(quiet)
      clearTimeout(hang)
      socket.destroy()
      done({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(heard.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''))?.[1] ?? 0), isOver })
    }
    const wait = (): void => {
      clearTimeout(quiet)
      quiet = setTimeout(() => socket.end(), QUIET_MS)
    }
    hang = setTimeout(() => over(false), HANG_MS)
    socket.once('connect', () => socket.write(input))
    socket.setEncoding('latin1').on('data', (part: string) => {
      heard += part
      wait()
    })
    socket.once('close', () => over(true))
    socket.once('error', () => undefined) // it is closed next
    wait()
  })
}

const shown = (input: Buffer): string => JSON.stringify(input.toString('latin1').slice(0, 400))
