/** The serving processes of an engine: started, asked, swapped, stopped. They end with the engine. */
import { randomBytes } from 'node:crypto'
import { type ErrorShape, fromErrorShape, notFound, unavailable } from '../contract/errors.ts'
import type { EventListener } from '../contract/rpc.ts'
import type { ServerInfo, StartedServer } from '../contract/verbs/serving.ts'
import type { ServerStats } from '../contract/shapes/serving.ts'
import type { JobProcess } from './queue/queue.ts'
import type { FromServer, ServeSource, ToServer } from './serving/server-messages.ts'

type Question = ToServer extends infer Q ? (Q extends { id: number } ? Omit<Q, 'id'> : never) : never
type Answer = Extract<FromServer, { kind: 'done' }>['value']

interface Running {
  readonly process: JobProcess
  info: ServerInfo
  readonly pending: Map<number, { resolve: (value: Answer) => void; reject: (error: Error) => void }>
  next: number
  /** its death, once it is dead */
  ended: ErrorShape | null
  /** resolves when the process is gone, and its temporary folder with it */
  readonly gone: PromiseWithResolvers<void>
}

export interface ServingProcessesOptions {
  readonly fork: (() => JobProcess) | null
  readonly announce: EventListener
  /** a new empty folder, and its removal */
  readonly temporary: () => string
  readonly remove: (folder: string) => void
}

export interface StartOptions {
  readonly port: number
  /** what every request must bear; null: one is made up */
  readonly token: string | null
  readonly openProbes: boolean
  readonly threads: number
  readonly log: { readonly folder: string; readonly use: 'replay' | 'carry' | 'discard' } | null
  readonly told: 'text' | 'json'
  readonly record: { readonly path: string; readonly bytes: number } | null
}

/** Bytes of a token that is made up: 192 bits, as 32 characters. */
const TOKEN_BYTES = 24
/** How long a server may take to end: its own limit for the answers under way, and a second. */
const STOP_MS = 6_000

/** How a source is told to people. */
const described = (source: ServeSource): string => (source.kind === 'bundle' ? source.path : `run ${source.run} (${source.name})`)

export class ServingProcesses {
  readonly #options: ServingProcessesOptions
  readonly #running = new Map<string, Running>()

  constructor(options: ServingProcessesOptions) {
    this.#options = options
  }

  /** Starts a process and waits until it listens. @throws PylonError unavailable where the host cannot; whatever loading it throws */
  async start(source: ServeSource, { token: given, ...options }: StartOptions): Promise<StartedServer> {
    if (this.#options.fork === null) throw unavailable('This host cannot start servers: use pylon serve.')
    const server = randomBytes(4).toString('hex')
    const token = given ?? randomBytes(TOKEN_BYTES).toString('base64url')
    const temp = this.#options.temporary()
    const process = this.#options.fork()
    const info: ServerInfo = { server, url: '', token, source: described(source), startedAt: new Date().toISOString() }
    const running: Running = { process, info, pending: new Map(), next: 1, ended: null, gone: Promise.withResolvers() }
    process.channel.listen((message) => settleAnswer(running, message as FromServer))
    process.channel.onClose((reason) => {
      this.#options.remove(temp)
      this.#ended(running, reason)
      running.gone.resolve()
    })
    try {
      const { url, changes = null } = await ask(running, { kind: 'start', source, token, temp, ...options })
      running.info = { ...info, url: url! }
      this.#running.set(server, running)
      return { ...running.info, changes }
    } catch (error) {
      process.kill()
      throw error
    }
  }

  async list(): Promise<(ServerInfo & { stats: ServerStats })[]> {
    const asked = [...this.#running.values()].map(async (running) => {
      const { stats } = await ask(running, { kind: 'stats' })
      return { ...running.info, stats: stats! }
    })
    // one that ends while it is asked is not there any more
    return (await Promise.allSettled(asked)).flatMap((settled) => (settled.status === 'fulfilled' ? settled.value : []))
  }

  async swap(server: string, source: ServeSource): Promise<ServerInfo & { version: string }> {
    const running = this.#find(server)
    const { version } = await ask(running, { kind: 'swap', source })
    running.info = { ...running.info, source: described(source) }
    return { ...running.info, version: version! }
  }

  /**
   * One request over HTTP, with the server's token. The path is the server's own: nothing else can be reached.
   * @throws PylonError unavailable where no answer comes
   */
  async request(
    server: string,
    { method, path, body }: { method: string; path: string; body: string | null },
  ): Promise<{ status: number; ms: number; text: string }> {
    const { url, token } = this.#find(server).info
    const at = performance.now()
    try {
      const response = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(body !== null && { body }),
        signal: AbortSignal.timeout(30_000),
      })
      const text = await response.text()
      return { status: response.status, ms: performance.now() - at, text }
    } catch (error) {
      const { message, cause } = error as Error
      const reason = cause instanceof Error ? cause.message : message
      throw unavailable(`The server gave no answer: ${reason}. If it has ended, start it anew.`, 'server', {
        cause: error,
      })
    }
  }

  async stop(server: string): Promise<void> {
    const running = this.#find(server)
    this.#running.delete(server)
    const limit = setTimeout(() => running.process.kill(), STOP_MS)
    await ask(running, { kind: 'stop' }).catch(() => undefined)
    await running.gone.promise
    clearTimeout(limit)
  }

  /** Ends them all, when what they were asked is answered. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((server) => this.stop(server)))
  }

  /** Whoever waits for an answer of a dead server hears of it; where nobody had asked for its end, so does everyone. */
  #ended(running: Running, reason: string): void {
    const { server, url } = running.info
    const printed = running.process.printed().trim()
    const message = `The process of the server${url === '' ? '' : ` at ${url}`} ended (${reason}).`
    running.ended = { code: 'unavailable', message: `${message} ${printed.slice(-400)}`.trim() }
    for (const { reject } of running.pending.values()) reject(fromErrorShape(running.ended))
    running.pending.clear()
    if (this.#running.delete(server))
      this.#options.announce('serving.ended', { server, error: { code: 'bug', message, stack: printed || 'It printed nothing.' } })
  }

  #find(server: string): Running {
    const running = this.#running.get(server)
    if (running === undefined) throw notFound(`There is no server "${server}" under way.`, 'server')
    return running
  }
}

function ask(running: Running, question: Question): Promise<Answer> {
  if (running.ended !== null) return Promise.reject(fromErrorShape(running.ended))
  const id = running.next++
  return new Promise((resolve, reject) => {
    running.pending.set(id, { resolve, reject })
    running.process.channel.post({ ...question, id })
  })
}

function settleAnswer({ pending }: Running, answer: FromServer): void {
  const asked = pending.get(answer.id)
  pending.delete(answer.id)
  if (answer.kind === 'done') asked?.resolve(answer.value)
  else asked?.reject(fromErrorShape(answer.error))
}
