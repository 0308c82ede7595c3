/** The guard of the web host: which Host, Origin and session a request must have, and the headers of every answer. */
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Refusal } from '../../contract/host.ts'
import { pageHeaders } from '../page-headers.ts'
import type { Session } from './session.ts'

/**
 * Whether a Host header names this machine: a foreign page can point a name of its own at 127.0.0.1, but it cannot make the browser say
 * `localhost`. The port may be another one, that of a tunnel. A number is no name, so it is safe where more than loopback is bound.
 */
export function isOwnHost(header: string | undefined, loopback: boolean, names: readonly string[]): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(header ?? '')
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase()
  if (name === 'localhost' || name === '127.0.0.1' || name === '::1') return true
  return !loopback && (isIP(name) !== 0 || names.includes(name))
}

/** Whether the request comes from a page of ours: an Origin, where there is one, is that of the Host. */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false // `null` of a sandboxed page, or nonsense
  }
}

/**
 * The path and the query of a request's target, read this once. Null for a target that is no path: an absolute one, `*`, or one with
 * what a browser never sends (a fragment, a blank, a control character).
 */
export function targetOf(url: string | undefined): { readonly path: string; readonly query: URLSearchParams } | null {
  if (url === undefined || !/^\/[!"$-~]*$/.test(url)) return null
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: new URLSearchParams() } : { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) }
}

export interface GuardOptions {
  /** whether only loopback is bound */
  readonly loopback: boolean
  /** names of this machine, where more is bound */
  readonly names: readonly string[]
  readonly session: Session
}

/** Why a target that is no path is refused. */
export const NO_PATH = 'A request names a path of this host: GET /path.'

/** Checks every request before its route, exchanges the one-time token for the cookie, and gives every answer its headers. */
export function guardRequests(server: FastifyInstance, { loopback, names, session }: GuardOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    const { headers, headersDistinct, method, url } = request.raw
    const target = targetOf(url)
    if (!isOwnHost(headers.host, loopback, names)) {
      reply.headers(pageHeaders())
      return sendError(reply, 421, 'bad-input', `This host does not answer for the name ${JSON.stringify(headers.host ?? '')}.`)
    }
    reply.headers(pageHeaders([`ws://${headers.host!}`, `wss://${headers.host!}`]))
    const twice = (['host', 'origin'] as const).find((name) => (headersDistinct[name]?.length ?? 0) > 1)
    if (target === null || twice !== undefined)
      return sendError(reply, 400, 'bad-input', twice === undefined ? NO_PATH : `The header ${twice} occurs twice.`)
    const reads = method === 'GET' && headers.upgrade === undefined
    if (!isOwnOrigin(headers) || (!reads && headers.origin === undefined))
      return sendError(reply, 403, 'bad-input', 'Only pages of this host may ask this.')
    const token = method === 'GET' && target.path === '/' ? target.query.get('token') : null
    if (token !== null) {
      const cookie = session.exchange(token)
      if (cookie !== null) reply.header('set-cookie', cookie)
      // with a token that is not (or no longer) the one, the page without it says so, unless this browser is known already
      return reply.header('cache-control', 'no-store').redirect('/', 303)
    }
    if (session.knows(headers.cookie)) return
    if (wantsPage(request)) return reply.code(401).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(SIGN_IN)
    return sendError(reply, 401, 'unavailable', 'This page has no session with the host: open the link it printed.')
  })
}

/** An answer that is an error: `{ code, message }`. */
export const sendError = (reply: FastifyReply, status: number, code: ErrorCode, message: string): FastifyReply =>
  reply
    .code(status)
    .header('cache-control', 'no-store')
    .send({ code, message } satisfies Refusal)

const wantsPage = (request: FastifyRequest): boolean => (request.headers.accept ?? '').includes('text/html')

const SIGN_IN = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pylon</title>
<h1>Pylon does not know this browser</h1>
<p>The link that the terminal printed works once. Press Enter in that terminal for a new one, and open it here.</p>
</html>
`
