/**
 * The web host: serves the built page and the engine's contract to browsers of this machine. Everything but the exchange of the one-time
 * token asks for the session's cookie; Host and Origin are checked before anything else. The engine lives in a child process that all
 * sockets share; when it dies the pages are told and another is started.
 */
import { mkdirSync, realpathSync, statSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import fastify, { type FastifyInstance } from 'fastify'
import { badInput, conflict, unavailable } from '../contract/errors.ts'
import { FRAME_LIMIT } from '../contract/wire.ts'
import { realPath } from '../engine/files/path-guard.ts'
import { Workspace } from '../engine/store/workspace.ts'
import type { PageAccess, EngineOptions } from './engine-options.ts'
import { forkEngine } from './fork-engine.ts'
import { EngineSupervisor, type EngineProcess } from './engine-supervisor.ts'
import { Downloads } from './web/downloads.ts'
import { pageHeaders } from './page-headers.ts'
import { guardRequests, NO_PATH, sendError } from './web/request-guard.ts'
import { addRoutes } from './web/routes.ts'
import { Session } from './web/session.ts'
import { Sockets } from './web/sockets.ts'
import { Uploads } from './web/uploads.ts'

export interface WebHostOptions {
  /** the workspace */
  readonly home: string
  /** the built page */
  readonly page: string
  /** 127.0.0.1 unless the user named another, and was warned */
  readonly address?: string
  /** 0: any free one */
  readonly port?: number
  /** folders that pages may read files in */
  readonly roots?: readonly string[]
  /** whether pages may also name files in the roots that are run as code; they write into the roots no more then */
  readonly allowCode?: boolean
  /** largest upload in bytes */
  readonly uploadLimit?: number
  readonly fork?: (options: EngineOptions, log: (text: string) => void) => EngineProcess
  /** one line at a time: what the user of a terminal should know */
  readonly log?: (text: string) => void
}

export interface WebHost {
  readonly port: number
  /** A new link with a one-time token. */
  link(): string
  /** Closes the sockets, lets the engine stop its jobs, removes uploads and downloads. */
  close(): Promise<void>
}

const UPLOAD_LIMIT = 16 * 2 ** 30
const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/**
 * @throws PylonError bad-input for a root that is no folder, conflict for a port that is taken, unavailable for a page
 * that is not built
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const {
    home,
    page,
    address = '127.0.0.1',
    port = 0,
    roots = [],
    allowCode = false,
    uploadLimit = UPLOAD_LIMIT,
    fork = forkEngine,
    log = () => undefined,
  } = options
  const named = realFolders(roots)
  // the host's own folder for uploads lies in the workspace, so it has to be one
  const workspace = Workspace.open(home, 'host')
  const { downloads: downloadsFolder, roots: realRoots, ...confined } = confinement(workspace, named, allowCode)
  const session = new Session()
  let printed = ''
  const sockets = new Sockets()
  // the engine opens while the server does
  const keeper = (sockets.keeper = new EngineSupervisor(
    () => {
      printed = ''
      return fork({ home, confined }, (text) => (printed = (printed + text).slice(-8192)))
    },
    {
      fact: (fact) => sockets.fact(fact),
      frame: (message) => sockets.frame(message),
      died: (how) => log(`The engine ended: ${how}. It is being started again.${printed.trim() === '' ? '' : `\n${printed.trim()}`}`),
    },
  ))
  const server = fastify({
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    trustProxy: false,
    exposeHeadRoutes: false,
    // what has no route, so no hook looks at it: a path with a broken %-escape
    frameworkErrors: (_error, _request, reply) => void sendError(reply.headers(pageHeaders()), 400, 'bad-input', NO_PATH),
  })
  try {
    await register(server, page)
    guardRequests(server, { loopback: LOOPBACK.includes(address), names: [os.hostname().toLowerCase(), address.toLowerCase()], session })
    const [uploads, downloads] = [new Uploads(confined.uploads, uploadLimit), new Downloads(downloadsFolder)]
    addRoutes(server, { sockets, roots: realRoots, uploads, downloads })
    server.server.once('listening', () => (session.port = portOf(server)))
    await server.listen({ host: address, port })
  } catch (error) {
    await Promise.all([server.close(), keeper.stop()])
    workspace.close()
    throw listenError(error, address, port)
  }
  const name = LOOPBACK.includes(address) ? '127.0.0.1' : address === '0.0.0.0' || address === '::' ? os.hostname() : address
  return {
    port: session.port,
    link: () => `http://${name.includes(':') ? `[${name}]` : name}:${session.port}/?token=${session.newToken()}`,
    close: async () => {
      sockets.close()
      await Promise.all([server.close(), keeper.stop()])
      workspace.close()
    },
  }
}

/** The folders pages may use, made and free of links; uploads and downloads in this host's temporary folder. */
function confinement(
  workspace: Workspace,
  roots: readonly string[],
  allowCode: boolean,
): PageAccess & { readonly roots: readonly string[]; readonly downloads: string } {
  const hostFolder = workspace.temporary()
  const [uploads, downloads] = [join(hostFolder, 'uploads'), join(hostFolder, 'downloads')]
  for (const folder of [uploads, downloads]) mkdirSync(folder, { mode: 0o700 })
  const folders = { roots, uploads: realpathSync(uploads), downloads: realpathSync(downloads) }
  return {
    ...folders,
    paths: {
      read: [...roots, folders.uploads],
      // what a page can write, it cannot let run
      write: allowCode ? [folders.downloads] : [...roots, folders.downloads],
      code: allowCode ? roots : [],
      workspace: realpathSync(workspace.home),
    },
  }
}

/** Folders named by the user, free of links. @throws PylonError bad-input */
function realFolders(roots: readonly string[]): string[] {
  const real = roots.map((root) => {
    const path = realPath(root)
    if (path === null || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw badInput(`${root} is no folder.`, '--root')
    return path
  })
  return [...new Set(real)]
}

const portOf = (server: FastifyInstance): number => (server.server.address() as { port: number }).port

async function register(server: FastifyInstance, page: string): Promise<void> {
  if (!statSync(join(page, 'index.html'), { throwIfNoEntry: false })?.isFile())
    throw unavailable(`The page is not built (${page}): run "npm run build".`)
  await server.register(fastifyWebsocket, { options: { maxPayload: FRAME_LIMIT.down, perMessageDeflate: false } })
  await server.register(fastifyStatic, {
    root: page,
    index: 'index.html',
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) => {
      const hashed = path.startsWith(join(page, 'assets'))
      response.header('cache-control', hashed ? 'private, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

function listenError(error: unknown, address: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return conflict(`Port ${port} is taken: give another --port, or none.`, '--port')
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return badInput(`${address} is no address of this machine.`, '--host')
  if (code === 'EACCES') return badInput(`Port ${port} may not be opened by this user: give one above 1023.`, '--port')
  return error
}
