/** Access check of a served model's HTTP server, before a body is read: Host and Origin, the bearer token, the route. */
import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { HttpError } from './failure.ts'
import { type Route, routes } from './routes.ts'

/** What a probe of the machine asks; with `openProbes` it needs no token for these. */
const PROBES: readonly string[] = ['/health', '/metrics']
/** Asked with GET, besides the table of routes. */
const READS: readonly string[] = [...PROBES, '/openapi.json']

const digest = (text: string): Buffer => hash('sha256', text, 'buffer')

export class AccessCheck {
  readonly #expected: Buffer
  readonly #openProbes: boolean

  constructor(token: string, openProbes: boolean) {
    this.#expected = digest(`Bearer ${token}`)
    this.#openProbes = openProbes
  }

  /**
   * A page of another site must not reach this server through its user's browser, and another user of this machine not at all. Tokens are
   * compared by their digests, in the same time whatever is sent.
   * @throws HttpError 403, 401
   */
  check(method: string | undefined, url: string | undefined, headers: IncomingHttpHeaders): void {
    const host = (headers.host ?? '').replace(/:\d{1,5}$/, '').toLowerCase()
    if (host !== '127.0.0.1' && host !== 'localhost')
      throw new HttpError(403, 'forbidden', 'This server answers on 127.0.0.1 and localhost alone.')
    if (headers.origin !== undefined && !/^https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.origin))
      throw new HttpError(403, 'forbidden', 'Pages of other sites may not ask this server.')
    if (this.#openProbes && method === 'GET' && PROBES.includes(pathOf(url))) return
    if (!timingSafeEqual(digest(headers.authorization ?? ''), this.#expected))
      throw new HttpError(401, 'unauthorised', 'Send the token of this server: "authorization: Bearer TOKEN".')
  }
}

/** Without the query, and without the version of this API: its first and only one may be named or not. */
const pathOf = (url = ''): string => url.split('?', 1)[0]!.replace(/^\/v1(?=\/)/, '')

/** What a request is for: one of {@link READS}, or a row of the table and the part of its path that stands for an id. */
export type Target =
  { readonly kind: 'read'; readonly path: string } | { readonly kind: 'route'; readonly route: Route; readonly id: string }

/** Most paths are looked up: what is to be refused by the thousand is not matched with every route. */
const BY_PATH = new Map(
  routes
    .filter(({ path }) => !path.includes(':'))
    .map((route) => [`${route.method} ${route.path}`, { kind: 'route', route, id: '' } as const]),
)
const PATTERNS = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(/:\w+/g, '([^/]+)')}$`) }))

function methodNotAllowed(path: string, methods: readonly string[]): HttpError {
  const allow = methods.join(', ')
  return new HttpError(405, 'method', `${path} is asked with ${allow}.`, { allow })
}

/** @throws HttpError 400 where the target is no path, 404, 405 */
export function targetOf(method: string | undefined, url: string | undefined): Target {
  const path = pathOf(url)
  const route = BY_PATH.get(`${method} ${path}`)
  if (route !== undefined) return route
  if (!/^\/(?!\/)[^#]*$/.test(path)) throw new HttpError(400, 'bad-input', 'The target of a request is a path such as /recommend.')
  if (READS.includes(path)) {
    if (method !== 'GET') throw methodNotAllowed(path, ['GET'])
    return { kind: 'read', path }
  }
  const here = PATTERNS.filter(({ pattern }) => pattern.test(path))
  if (here.length === 0) throw new HttpError(404, 'not-found', `There is no ${path}; /openapi.json lists what there is.`)
  const found = here.find(({ route }) => route.method === method)
  if (found === undefined) {
    throw methodNotAllowed(
      path,
      here.map(({ route }) => route.method),
    )
  }
  const [, id = ''] = found.pattern.exec(path)!
  try {
    return { kind: 'route', route: found.route, id: decodeURIComponent(id) }
  } catch {
    throw new HttpError(400, 'bad-input', `"${id}" is not percent-encoded as a path must be.`)
  }
}
