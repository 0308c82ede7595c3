/**
 * The load of a server from a process of its own: `node test/bench/serve.ts URL [requests a second] [seconds] [token]`. Requests leave at fixed times whatever the
 * answers do (an open loop), so that a slow answer delays none of the measured ones. Made for 100,000 items: see README, "Serving".
 */
import { Agent, request } from 'node:http'

const [url = 'http://127.0.0.1:8771', perSecond = '1000', seconds = '10', token] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const total = Number(perSecond) * Number(seconds)
const users = Number(process.env['USERS'] ?? 5000)
const latencies: number[] = []
let failed = 0

/** One request; its latency counts from the time it was due. */
function ask(n: number, due: number): Promise<void> {
  const history = Array.from({ length: 10 }, (_, i) => `L${String(1 + ((n * 31 + i * 97) % 2999)).padStart(5, '0')}`)
  const user = `U${String(1 + (n % users)).padStart(5, '0')}`
  const body = JSON.stringify(n % 2 === 0 ? { user, k: 100 } : { history, k: 100 })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return new Promise((done) => {
    const sent = request(`${url}/recommend`, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.once('end', () => {
        latencies.push(performance.now() - due)
        if (response.statusCode !== 200) failed++
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
await Promise.all(pending)
latencies.sort((a, b) => a - b)
const at = (share: number): string => (latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? NaN).toFixed(2)
console.log(`${total} requests at ${perSecond}/s, ${failed} failed; ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}`)
process.exit(failed === 0 ? 0 : 1)
