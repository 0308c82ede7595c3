/**
 * The load of a server, from a process of its own: `TOKEN=… node test/bench/serve.ts URL closed|RATE SECONDS`. Half of
 * the requests name a known user, half bring a history. `closed`: 8 clients ask as fast as they are answered, which
 * shows what the server can do. A rate (requests a second) is an open loop: requests leave at fixed times whatever the
 * answers do, and a latency counts from the time a request was due, so that a slow answer hides nothing. USERS and
 * ITEMS say how many there are of `U00001…` and `L00001…`. It prints a {@link Load} as JSON. `npm run bench -- serve`
 * does all: it makes the model, starts the server and runs this.
 */
import { Agent, request } from 'node:http'

/** What came of it. Milliseconds are from when a request was due to its whole answer. */
export interface Load {
  /** sent a second, and answered with 200 a second */
  readonly offered: number
  readonly goodput: number
  readonly accepted: number
  /** 503 with a Retry-After */
  readonly refused: number
  /** anything else */
  readonly lost: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** the same from when it left this process: without our own lateness and the wait for one of our connections */
  readonly sentP99: number
  /** until a refusal is heard; null where none was */
  readonly refusedP99: number | null
  /** how late this process was in sending, so that its own trouble is not taken for the server's */
  readonly lateP99: number
  /** how many accepted answers came from each version of the model */
  readonly versions: readonly number[]
}

const CLIENTS = 8
const [url = 'http://127.0.0.1:8771', mode = 'closed', seconds = '10'] = process.argv.slice(2)
const token = process.env['TOKEN'] ?? ''
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const users = Number(process.env['USERS'] ?? 5000)
const items = Number(process.env['ITEMS'] ?? 3000)
const versions = new Map<string, number>()
const [latencies, onTheWay, refusals, lateness]: [number[], number[], number[], number[]] = [[], [], [], []]
let [sent, lost] = [0, 0]

/** One request; its latency counts from the time it was due. */
function ask(due: number): Promise<void> {
  const n = sent++
  lateness.push(performance.now() - due)
  const history = Array.from({ length: 10 }, (_, i) => `L${String(1 + ((n * 31 + i * 97) % items)).padStart(5, '0')}`)
  const user = `U${String(1 + (n % users)).padStart(5, '0')}`
  const body = JSON.stringify(n % 2 === 0 ? { user, k: 100 } : { history, k: 100 })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: `Bearer ${token}`,
  }
  let left = performance.now()
  return new Promise((done) => {
    const asked = request(`${url}/recommend`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => {
        const version = response.statusCode === 200 ? /"version":"([^"]*)"/.exec(text)?.[1] : undefined
        const took = performance.now() - due
        if (version !== undefined) {
          latencies.push(took)
          onTheWay.push(performance.now() - left)
          versions.set(version, (versions.get(version) ?? 0) + 1)
        } else if (response.statusCode === 503 && response.headers['retry-after'] !== undefined) refusals.push(took)
        else lost++
        done()
      })
    })
    asked.once('finish', () => (left = performance.now()))
    asked.once('error', () => {
      lost++
      done()
    })
    asked.end(body)
  })
}

/** @returns seconds in which requests were sent */
async function closedLoop(): Promise<number> {
  const start = performance.now()
  const client = async (): Promise<void> => {
    while (performance.now() - start < Number(seconds) * 1000) await ask(performance.now())
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return (performance.now() - start) / 1000
}

/** @returns seconds in which requests were sent */
async function openLoop(rate: number): Promise<number> {
  const start = performance.now()
  const total = rate * Number(seconds)
  const pending: Promise<void>[] = []
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate))
    while (pending.length < due) pending.push(ask(start + (pending.length / rate) * 1000))
    await new Promise((turn) => setTimeout(turn, 1))
  }
  const took = (performance.now() - start) / 1000
  await Promise.all(pending)
  return took
}

const took = mode === 'closed' ? await closedLoop() : await openLoop(Number(mode))
const at = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN
const load: Load = {
  offered: sent / took,
  goodput: latencies.length / took,
  accepted: latencies.length,
  refused: refusals.length,
  lost,
  p50: at(latencies, 0.5),
  p99: at(latencies, 0.99),
  max: at(latencies, 1),
  sentP99: at(onTheWay, 0.99),
  refusedP99: refusals.length === 0 ? null : at(refusals, 0.99),
  lateP99: at(lateness, 0.99),
  versions: [...versions.values()],
}
console.log(JSON.stringify(load))
process.exit(0)
