/** Latencies by route: a histogram that only grows, for Prometheus, and the last 10,000 for percentiles. Memory is fixed. */
import type { ServerStats } from '../../contract/shapes/serving.ts'

const KEPT = 10_000
const REFUSED = 503
/** Upper bounds of the buckets, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

class RouteMeter {
  readonly #last = new Float64Array(KEPT)
  readonly buckets = new Float64Array(BOUNDS.length + 1)
  readonly statuses = new Map<number, number>()
  count = 0
  /** without the refused ones, which have no latency to speak of */
  answered = 0
  failed = 0
  seconds = 0
  /** in answers: what of a request the model did not know */
  warnings = 0

  add(milliseconds: number, status: number): void {
    this.count++
    if (status >= 400) this.failed++
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    if (status === REFUSED) return
    this.#last[this.answered++ % KEPT] = milliseconds
    this.seconds += milliseconds / 1000
    const bucket = BOUNDS.findIndex((bound) => milliseconds / 1000 <= bound)
    this.buckets[bucket < 0 ? BOUNDS.length : bucket]!++
  }

  /** of the kept ones, in milliseconds */
  percentiles(shares: readonly number[]): number[] {
    const kept = this.#last.slice(0, Math.min(KEPT, this.answered)).sort()
    return shares.map((share) => kept[Math.min(kept.length - 1, Math.floor(share * kept.length))] ?? 0)
  }
}

export class LatencyMeter {
  readonly #routes = new Map<string, RouteMeter>()

  add(route: string, milliseconds: number, status: number): void {
    this.#meterOf(route).add(milliseconds, status)
  }

  /** Counts warnings of an answer. */
  warn(route: string, warnings: number): void {
    this.#meterOf(route).warnings += warnings
  }

  #meterOf(route: string): RouteMeter {
    const meter = this.#routes.get(route) ?? new RouteMeter()
    this.#routes.set(route, meter)
    return meter
  }

  stats(): ServerStats['routes'] {
    return [...this.#routes].map(([route, meter]) => {
      const [p50Ms, p95Ms, p99Ms, maxMs] = meter.percentiles([0.5, 0.95, 0.99, 1]) as [number, number, number, number]
      return { route, requests: meter.count, failed: meter.failed, p50Ms, p95Ms, p99Ms, maxMs }
    })
  }

  /** The text format of Prometheus (0.0.4). */
  prometheus(gauges: Readonly<Record<string, readonly [help: string, value: number]>>): string {
    const lines: string[] = []
    for (const [name, [help, value]] of Object.entries(gauges))
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`)
    lines.push('# HELP pylon_requests_total Requests by route and status.', '# TYPE pylon_requests_total counter')
    for (const [route, meter] of this.#routes)
      for (const [status, count] of meter.statuses) lines.push(`pylon_requests_total{route="${route}",status="${status}"} ${count}`)
    lines.push('# HELP pylon_warnings_total Unknown values of requests, by route.', '# TYPE pylon_warnings_total counter')
    for (const [route, { warnings }] of this.#routes) lines.push(`pylon_warnings_total{route="${route}"} ${warnings}`)
    lines.push(
      '# HELP pylon_request_seconds Time from the arrival of a request to its answer, refused ones left out.',
      '# TYPE pylon_request_seconds histogram',
    )
    for (const [route, meter] of this.#routes) {
      let sum = 0
      for (const [i, bound] of [...BOUNDS, '+Inf'].entries())
        lines.push(`pylon_request_seconds_bucket{route="${route}",le="${bound}"} ${(sum += meter.buckets[i]!)}`)
      lines.push(
        `pylon_request_seconds_sum{route="${route}"} ${meter.seconds}`,
        `pylon_request_seconds_count{route="${route}"} ${meter.answered}`,
      )
    }
    return `${lines.join('\n')}\n`
  }
}
