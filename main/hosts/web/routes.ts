/** HTTP routes that the web host answers itself: the socket, uploads, the path browser and downloads. */
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { badInput, PylonError, toErrorShape } from '../../contract/errors.ts'
import { HOST_PATHS } from '../../contract/host.ts'
import { issueText } from '../../contract/issue.ts'
import { browseFolder } from './path-browser.ts'
import type { Downloads } from './downloads.ts'
import { sendError } from './request-guard.ts'
import type { Sockets } from './sockets.ts'
import type { Uploads } from './uploads.ts'

export interface RouteServices {
  readonly sockets: Sockets
  readonly roots: readonly string[]
  readonly uploads: Uploads
  readonly downloads: Downloads
}

const STATUS = { 'bad-input': 400, 'bad-data': 400, 'not-found': 404, conflict: 409, unavailable: 503, cancelled: 400, bug: 500 } as const

export function addRoutes(server: FastifyInstance, { sockets, roots, uploads, downloads }: RouteServices): void {
  server.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  server.setNotFoundHandler((_request, reply) => sendError(reply, 404, 'not-found', 'There is nothing here.'))
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof PylonError) return sendError(reply, STATUS[error.code], error.code, error.message)
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    if (statusCode < 500) return sendError(reply, statusCode, 'bad-input', message)
    process.stderr.write(`${toErrorShape(error).stack ?? message}\n`)
    return sendError(reply, 500, 'bug', 'The host failed; its terminal shows how.')
  })

  void server.register(async (inner) => {
    inner.get(HOST_PATHS.engine, { websocket: true }, (socket) => sockets.add(socket))
  })

  server.post(HOST_PATHS.upload, { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
    const { name, group } = parse(uploadQuery, request.query)
    const length = request.headers['content-length']
    reply.header('cache-control', 'no-store')
    return uploads.take(request.body as Readable, { name, group, bytes: length === undefined ? null : Number(length) })
  })

  server.get(HOST_PATHS.browse, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return browseFolder(parse(browseQuery, request.query).path ?? null, roots)
  })

  server.post(HOST_PATHS.place, async (request) => downloads.place(parse(placeBody, request.body).name))

  server.get(`${HOST_PATHS.download}/:id`, async (request, reply) => {
    const { name, type, body } = await downloads.fetch((request.params as { id: string }).id)
    reply.type(type).header('cache-control', 'no-store')
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    return reply.send(body)
  })
}

const name = z.string().min(1).max(1000)
const uploadQuery = z.strictObject({ name, group: z.string() })
const browseQuery = z.strictObject({ path: z.string().min(1).max(4096).optional() })
const placeBody = z.strictObject({ name })

function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const place = z.core.toDotPath(issue.path)
  throw badInput(issueText(issue), place === '' ? undefined : place)
}
