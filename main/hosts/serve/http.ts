/**
 * The HTTP server of a model, on loopback alone. Requests are answered one after the other: a tower's run holds the thread anyway, and in
 * turn each is as quick as can be. At most {@link Limits.waiting} wait; what comes beyond, or waits too long, is told to come again.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { PylonError, toErrorShape } from '../../contract/errors.ts'
import type { ServerStats } from '../../contract/shapes/serving.ts'
import { pylonVersion } from '../../engine/version.ts'
import { Meter } from './meter.ts'
import { openapi } from './openapi.ts'
import { type Route, routes } from './routes.ts'
import type { Versions } from './versions.ts'

export interface Limits {
  /** requests that may wait for their turn */
  readonly waiting: number
  /** milliseconds that one may wait */
  readonly patience: number
  /** bytes of a body */
  readonly body: number
}
export const LIMITS: Limits = { waiting: 512, patience: 2000, body: 1 << 20 }

/** A failure with a status of its own. */
class HttpError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const STATUS: Readonly<Record<string, number>> = {
  'bad-input': 400,
  'bad-data': 400,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  bug: 500,
  cancelled: 503,
}

export class ModelServer {
  readonly #server: Server
  readonly #versions: Versions
  readonly #token: string | null
  readonly #limits: Limits
  readonly #meter = new Meter()
  readonly #started = performance.now()
  #waiting = 0
  /** the end of the line: each request begins when the one before it has been answered */
  #line: Promise<unknown> = Promise.resolve()

  constructor(versions: Versions, token: string | null, limits: Limits = LIMITS) {
    this.#versions = versions
    this.#token = token
    this.#limits = limits
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 30_000 },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.maxConnections = 1024
  }

  /** @throws PylonError conflict where the port is taken */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE' ? new PylonError('conflict', `Port ${port} is taken: give another, or 0 for any.`, 'port') : error,
        ),
      )
      this.#server.listen(port, '127.0.0.1', () => resolve(this.url))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stats(): ServerStats {
    const { id, model } = this.#versions.current
    return {
      version: id,
      uptimeSeconds: (performance.now() - this.#started) / 1000,
      users: model.users,
      items: model.items,
      waiting: this.#waiting,
      memoryMb: process.memoryUsage.rss() / 2 ** 20,
      routes: this.#meter.stats(),
    }
  }

  /** Answers what is under way, then closes. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
    })
    await this.#line
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://server').pathname
    let route = 'other' // until it is known to be one: what is asked must not make the meter grow
    let at = performance.now()
    try {
      this.#admit(request)
      if (request.method === 'GET') {
        const answer = this.#read(path)
        route = path
        this.#tell(response, 200, answer, path === '/metrics' ? 'text/plain; version=0.0.4' : undefined)
      } else {
        const found = match(request.method ?? '', path)
        route = found.route.path
        const text = await body(request, this.#limits.body)
        at = performance.now()
        this.#tell(response, 200, await this.#inTurn(found.route, text, found.id))
      }
    } catch (error) {
      this.#fail(response, error)
      request.resume()
    }
    this.#meter.add(route, performance.now() - at, response.statusCode)
  }

  /** A page of another site must not reach this server through its user's browser. */
  #admit({ headers }: IncomingMessage): void {
    const host = (headers.host ?? '').replace(/:\d+$/, '')
    if (!['127.0.0.1', 'localhost'].includes(host))
      throw new HttpError(403, 'forbidden', 'This server answers on 127.0.0.1 and localhost alone.')
    if (headers.origin !== undefined && !/^https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.origin))
      throw new HttpError(403, 'forbidden', 'Pages of other sites may not ask this server.')
    if (this.#token !== null && !sameText(headers.authorization ?? '', `Bearer ${this.#token}`))
      throw new HttpError(401, 'unauthorised', 'Send the token of this server: "authorization: Bearer TOKEN".')
  }

  #read(path: string): object | string {
    const { id, name, model } = this.#versions.current
    const uptimeSeconds = (performance.now() - this.#started) / 1000
    switch (path) {
      case '/health':
        return { status: 'ok', version: id, name, users: model.users, items: model.items, dim: model.dim, uptimeSeconds }
      case '/openapi.json':
        return openapi(pylonVersion(), this.url, this.#token !== null)
      case '/metrics':
        return this.#meter.prometheus({
          pylon_items: ['Items that can be found.', model.items],
          pylon_users: ['Users that are known.', model.users],
          pylon_waiting: ['Requests that wait for their turn.', this.#waiting],
          pylon_memory_bytes: ['Resident memory of the process.', process.memoryUsage.rss()],
          pylon_uptime_seconds: ['Seconds since the start.', uptimeSeconds],
        })
      default:
        if (routes.some((route) => pattern(route).test(path)))
          throw new HttpError(405, 'method', `${path} is asked with ${methodsOf(path)}.`)
        throw new HttpError(404, 'not-found', `There is no ${path}; /openapi.json lists what there is.`)
    }
  }

  async #inTurn(route: Route, text: string, id: string): Promise<object> {
    if (route.guarded === true && this.#token === null)
      throw new HttpError(403, 'forbidden', `${route.path} needs a server with a token: start it with --token.`)
    const body = parse(route, text)
    // a swap loads for seconds: it stands outside the line, and only its last step changes what serves
    if (route.guarded === true) return route.answer(this.#versions, this.#versions.current, body as never, id)
    if (this.#waiting >= this.#limits.waiting)
      throw new HttpError(503, 'busy', `${this.#waiting} requests wait already: try again after a second.`)
    const since = performance.now()
    this.#waiting++
    const turn = this.#line.then(() => {
      this.#waiting--
      if (performance.now() - since > this.#limits.patience)
        throw new HttpError(503, 'busy', 'It waited too long for its turn: try again after a second.')
      return this.#versions.with((version) => route.answer(this.#versions, version, body as never, id))
    })
    this.#line = turn.catch(() => undefined)
    return turn
  }

  #tell(response: ServerResponse, status: number, answer: object | string, type = 'application/json'): void {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' })
    response.end(text)
  }

  #fail(response: ServerResponse, error: unknown): void {
    const shape = error instanceof HttpError ? { code: error.code, message: error.message } : toErrorShape(error)
    const status = error instanceof HttpError ? error.status : (STATUS[shape.code] ?? 500)
    if (status === 500) process.stderr.write(`${'stack' in shape ? shape.stack : shape.message}\n`)
    if (status === 503) response.setHeader('retry-after', '1')
    if (status === 413) response.setHeader('connection', 'close')
    if (status === 401) response.setHeader('www-authenticate', 'Bearer')
    const place = 'place' in shape ? (shape.place ?? null) : null
    this.#tell(response, status, {
      error: { code: shape.code, message: status === 500 ? 'A bug of the server; its log has more.' : shape.message, place },
    })
  }
}

const pattern = ({ path }: Route): RegExp => new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`)
const methodsOf = (path: string): string =>
  routes
    .filter((route) => pattern(route).test(path))
    .map(({ method }) => method)
    .join(', ')

function match(method: string, path: string): { route: Route; id: string } {
  const here = routes.filter((route) => pattern(route).test(path))
  const route = here.find((each) => each.method === method)
  if (route !== undefined) {
    const [, id = ''] = pattern(route).exec(path)!
    try {
      return { route, id: decodeURIComponent(id) }
    } catch {
      throw new HttpError(400, 'bad-input', `"${id}" is not percent-encoded as a path must be.`)
    }
  }
  if (here.length > 0 || ['/health', '/metrics', '/openapi.json'].includes(path))
    throw new HttpError(405, 'method', `${path} is asked with ${methodsOf(path) || 'GET'}.`)
  throw new HttpError(404, 'not-found', `There is no ${path}; /openapi.json lists what there is.`)
}

/** The whole body. What is beyond the limit is read and thrown away, so that the answer arrives; then the connection is closed. */
function body(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else reject(new HttpError(413, 'too-long', `A body may have ${limit} bytes.`))
    })
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.once('error', () => reject(new HttpError(400, 'bad-input', 'The body did not arrive whole.')))
  })
}

function parse(route: Route, text: string): unknown {
  if (route.request === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new HttpError(400, 'bad-input', `The body is no JSON: ${(error as Error).message}.`)
  }
  const parsed = route.request.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PylonError(
    'bad-input',
    z
      .prettifyError(parsed.error)
      .replaceAll('✖ ', '')
      .replaceAll(/\n\s*→ at /g, ' at '),
    issue!.path.join('.') || 'body',
  )
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
