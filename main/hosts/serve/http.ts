/**
 * The HTTP server of a model, on loopback alone. A request is let in or refused when its head has come, before its body is
 * read; then it waits in one queue ({@link RequestQueue}). Nothing that a request does can throw past
 * {@link ModelServer}: it is answered, or its connection ends.
 *
 * This thread has the sockets and nothing else to do; models have threads of their own ({@link Versions}), so that reading and refusing
 * wait for no tower, and no scan or loading of the next model waits for them. A question costs some 20 µs more by that.
 *
 * It stands on node:http and not on fastify, which serves the page: what matters here is what happens before a framework's first hook,
 * to sockets that send half a head and to requests that are to be refused by the thousand.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { conflict } from '../../contract/errors.ts'
import type { ServerStats } from '../../contract/shapes/serving.ts'
import { pylonVersion } from '../../engine/files/version.ts'
import { parseBody, parseQuery, readBody } from './body.ts'
import { Connections } from './connections.ts'
import { AccessCheck, type Target, targetOf } from './access-check.ts'
import { failureOf, HttpError } from './failure.ts'
import { EventLoopDelay } from './event-loop-delay.ts'
import { type Limits, LIMITS } from './limits.ts'
import { BUSY, RequestQueue } from './request-queue.ts'
import { LatencyMeter } from './latency-meter.ts'
import type { RouteAnswer } from './model-handle.ts'
import { openapi } from './openapi.ts'
import type { RequestRecorder } from './request-recorder.ts'
import type { Answered } from './routes.ts'
import { ServerLog } from './server-log.ts'
import type { Versions } from './versions.ts'

export interface ModelServerOptions {
  readonly versions: Versions
  /** what every request must bear */
  readonly token: string
  /** whether GET /health and GET /metrics are answered without it */
  readonly openProbes: boolean
  readonly limits?: Limits
  /** default: faults as text */
  readonly log?: ServerLog
  /** keeps what is asked; default: nobody */
  readonly recorder?: RequestRecorder | null
}

/** How often node:http looks for requests whose time is over; its own figure, 30 s, lets half a request live that long. */
const LOOK_MS = 500

export class ModelServer {
  readonly #server: Server
  readonly #versions: Versions
  readonly #door: AccessCheck
  readonly #limits: Limits
  readonly #line: RequestQueue
  readonly #connections: Connections
  readonly #lateness = new EventLoopDelay()
  readonly #meter = new LatencyMeter()
  readonly #started = performance.now()
  readonly #openProbes: boolean
  readonly #log: ServerLog
  readonly #recorder: RequestRecorder | null
  /** the OpenAPI document, and of which version */
  #document = { version: '', text: '' }
  #closing: Promise<void> | null = null

  constructor({ versions, token, openProbes, limits = LIMITS, log = new ServerLog('text'), recorder = null }: ModelServerOptions) {
    this.#versions = versions
    this.#openProbes = openProbes
    ;[this.#log, this.#recorder] = [log, recorder]
    this.#door = new AccessCheck(token, openProbes)
    this.#limits = limits
    this.#line = new RequestQueue(limits)
    this.#connections = new Connections(limits.connections)
    this.#server = createServer(
      {
        headersTimeout: limits.head,
        requestTimeout: limits.whole,
        keepAliveTimeout: limits.keepAlive,
        connectionsCheckingInterval: Math.min(LOOK_MS, limits.head),
      },
      (request, response) => this.#serve(request, response),
    )
    this.#server.on('connection', (socket) => this.#connections.enter(socket))
  }

  /** @throws PylonError conflict where the port is taken */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? conflict(`Port ${port} is taken: give another, or 0 for any.`, 'port') : error),
      )
      this.#server.listen(port, '127.0.0.1', () => resolve(this.url))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stats(): ServerStats {
    const { id, users, items, known } = this.#versions.current
    return {
      version: id,
      uptimeSeconds: this.#uptime(),
      users,
      items,
      known,
      waiting: this.#line.waiting,
      memoryMb: process.memoryUsage.rss() / 2 ** 20,
      routes: this.#meter.stats(),
    }
  }

  /** Lets nobody in any more, answers what was let in, and ends what is not answered after {@link Limits.drain}. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const limit = setTimeout(() => this.#server.closeAllConnections(), this.#limits.drain)
      this.#server.close(() => {
        clearTimeout(limit)
        this.#log.flush()
        this.#lateness.stop()
        resolve()
      })
      this.#connections.closeIdle()
    })
    return this.#closing
  }

  /** Never throws. */
  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response).catch((error: unknown) => {
      this.#log.fault(failureOf(error).bug ?? String(error))
      response.destroy()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = this.#lateness.arrived()
    let route = 'other' // until it is known to be one: what is asked must not make the meter grow
    const asked: { body: unknown } = { body: null } // as it was parsed
    let [answer, failure]: [RouteAnswer | null, string | null] = [null, null]
    this.#connections.begins(request.socket, response)
    try {
      this.#door.check(request.method, request.url, request.headers)
      const target = targetOf(request.method, request.url)
      if (target.kind === 'read') {
        route = target.path
        const text = route === '/openapi.json' ? await this.#described() : this.#read(route)
        this.#tell(response, 200, text, route === '/metrics' ? { 'content-type': 'text/plain; version=0.0.4' } : {})
      } else {
        route = target.route.path
        answer = await this.#work(request, response, target, arrived, asked)
        this.#meter.warn(route, answer.warnings)
        this.#tell(response, 200, answer.text)
      }
    } catch (error) {
      const { status, headers, body, bug, code } = failureOf(error)
      if (bug !== null) this.#log.fault(bug)
      this.#tell(response, status, body, headers)
      request.resume()
      failure = code
    }
    const ms = performance.now() - arrived
    this.#meter.add(route, ms, response.statusCode)
    const version = answer?.version ?? this.#versions.current.id
    if (this.#log.tellsRequests) {
      const { method = '' } = request
      const { unknown = [], warnings = 0 } = answer ?? {}
      this.#log.request({ method, route, status: response.statusCode, ms, version, k: kOf(asked.body), unknown, warnings, error: failure })
    }
    if (asked.body !== null) this.#recorder?.record(route, version, response.statusCode, asked.body)
  }

  #read(path: string): string {
    const { id, name, users, items, dim } = this.#versions.current
    const uptimeSeconds = this.#uptime()
    if (path === '/health') return JSON.stringify({ status: 'ok', version: id, name, users, items, dim, uptimeSeconds })
    return this.#meter.prometheus({
      pylon_items: ['Items that can be found.', items],
      pylon_users: ['Users that are known.', users],
      pylon_waiting: ['Requests that wait for their turn.', this.#line.waiting],
      pylon_connections: ['Open connections.', this.#connections.size],
      pylon_memory_bytes: ['Resident memory of the process.', process.memoryUsage.rss()],
      pylon_uptime_seconds: ['Seconds since the start.', uptimeSeconds],
    })
  }

  /** The OpenAPI document of the version that serves. */
  #described(): Promise<string> {
    return this.#versions.with(async (model) => {
      const { id: version } = model.facts
      if (this.#document.version !== version) {
        const server = { version: pylonVersion(), url: this.url, openProbes: this.#openProbes }
        this.#document = { version, text: JSON.stringify(openapi(server, await model.schemas())) }
      }
      return this.#document.text
    })
  }

  /** What a route answers, as JSON: a question in the line, a change beside it, with turns in the line for its pieces. */
  async #work(
    request: IncomingMessage,
    response: ServerResponse,
    { route, id }: Extract<Target, { kind: 'route' }>,
    arrived: number,
    asked: { body: unknown },
  ): Promise<RouteAnswer> {
    if (this.#closing !== null) throw new HttpError(503, 'closing', 'This server is about to end.')
    if (route.always !== true && !this.#line.admits(arrived)) throw BUSY
    const text = await readBody(request, this.#limits.body)
    this.#connections.holds(request.socket)
    const body = route.method === 'GET' ? parseQuery(route, request.url!) : parseBody(route, text)
    if (route.always !== true) asked.body = body // what goes over to a bundle asks nothing of it
    const versions = this.#versions
    if (route.change !== undefined) {
      try {
        const answer = await route.change(versions, body as never, id, (task) => this.#line.again(task))
        return asText(answer)
      } finally {
        await versions.saved() // what was changed before one did not fit, too
      }
    }
    const events = versions.eventsOf(usersIn(body))
    // whoever took their time over the body is not told that we did: the wait counts from its last byte
    if (route.pieces === undefined)
      return this.#line.turn(
        performance.now(),
        () => versions.with((model) => model.answer(route.path, body, events)),
        () => !response.destroyed,
      )
    return versions.with(async (model) => {
      const answers: unknown[] = []
      for (const piece of route.pieces!.of(body as never, model.facts)) {
        if (response.destroyed) throw BUSY
        const answer = await this.#line.again(() => model.answer(route.path, piece, events))
        answers.push(JSON.parse(answer.text))
      }
      const joined = route.pieces!.join(answers as never)
      return asText(joined)
    })
  }

  #tell(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
    if (this.#closing !== null) response.shouldKeepAlive = false
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...headers,
    })
    response.end(text)
  }

  #uptime(): number {
    return (performance.now() - this.#started) / 1000
  }
}

const asText = (answer: Answered): RouteAnswer => ({
  text: JSON.stringify(answer),
  version: answer.version,
  warnings: answer.warnings?.length ?? 0,
  unknown: answer.unknown ?? [],
})

function kOf(body: unknown): number | null {
  const { k = null } = (body ?? {}) as { readonly k?: number | null }
  return k
}

/** The known users that a body names. */
function usersIn(body: unknown): readonly string[] {
  const { user, users = [] } = (body ?? {}) as { readonly user?: string; readonly users?: readonly string[] }
  return user === undefined ? users : [user]
}
