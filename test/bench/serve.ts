/**
 * The load of a server, from a process of its own: `node test/bench/serve.ts URL [requests a second] [seconds] [token]`. Half of the requests
 * name a known user, half bring a history. They leave at fixed times whatever the answers do (an open loop), and a latency counts from the
 * time a request was due, so that a slow answer hides nothing. USERS and ITEMS say how many there are of `U00001…` and `L00001…`.
 * `npm run bench -- serve` does all: it makes the model, starts the server and runs this.
 */
import { Agent, request } from 'node:http'

const [url = 'http://127.0.0.1:8771', perSecond = '1000', seconds = '10', token] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const total = Number(perSecond) * Number(seconds)
const users = Number(process.env['USERS'] ?? 5000)
const items = Number(process.env['ITEMS'] ?? 3000)
const versions = new Map<string, number>()
const latencies: number[] = []
let failed = 0

/** One request; its latency counts from the time it was due. */
function ask(n: number, due: number): Promise<void> {
  const history = Array.from({ length: 10 }, (_, i) => `L${String(1 + ((n * 31 + i * 97) % items)).padStart(5, '0')}`)
  const user = `U${String(1 + (n % users)).padStart(5, '0')}`
  const body = JSON.stringify(n % 2 === 0 ? { user, k: 100 } : { history, k: 100 })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return new Promise((done) => {
    const sent = request(`${url}/recommend`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => {
        latencies.push(performance.now() - due)
        const version = response.statusCode === 200 ? /"version":"([^"]*)"/.exec(text)?.[1] : undefined
        if (version === undefined) failed++
        else versions.set(version, (versions.get(version) ?? 0) + 1)
        done()
      })
    })
    sent.once('error', () => {
      failed++
      done()
    })
    sent.end(body)
  })
}

const start = performance.now()
const pending: Promise<void>[] = []
for (let n = 0; n < total;) {
  const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * Number(perSecond)))
  for (; n < due; n++) pending.push(ask(n, start + (n / Number(perSecond)) * 1000))
  await new Promise((turn) => setTimeout(turn, 1))
}
const sent = (performance.now() - start) / 1000
await Promise.all(pending)
latencies.sort((a, b) => a - b)
const at = (share: number): string => (latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? NaN).toFixed(2)
console.log(
  `${total} requests, ${(total / sent).toFixed(0)}/s of ${perSecond}/s wanted, ${failed} lost or failed; ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}; ${[...versions.values()].join(' + ')} answers of ${versions.size} version(s)`,
)
process.exit(failed === 0 ? 0 : 1)
