/** The serving processes of an engine: started, asked, swapped, stopped. They end with the engine. */
import { randomBytes } from 'node:crypto'
import { fromErrorShape, PylonError } from '../contract/errors.ts'
import type { ServerInfo } from '../contract/verbs/serving.ts'
import type { ServerStats } from '../contract/shapes/serving.ts'
import type { JobProcess } from './queue.ts'
import type { FromServer, ServeSource, ToServer } from './serving/server-messages.ts'

type Question = ToServer extends infer Q ? (Q extends { id: number } ? Omit<Q, 'id'> : never) : never
type Answer = Extract<FromServer, { kind: 'done' }>['value']

interface Running {
  readonly process: JobProcess
  info: ServerInfo
  readonly pending: Map<number, { resolve: (value: Answer) => void; reject: (error: Error) => void }>
  next: number
}

export interface ServersOptions {
  readonly fork: (() => JobProcess) | null
  readonly temporary: () => string
}

/** How a source is told to people. */
const described = (source: ServeSource): string => (source.kind === 'bundle' ? source.path : `run ${source.run} (${source.name})`)

export class Servers {
  readonly #options: ServersOptions
  readonly #running = new Map<string, Running>()

  constructor(options: ServersOptions) {
    this.#options = options
  }

  /** Starts a process and waits until it listens. @throws PylonError unavailable where the host cannot; whatever loading it throws */
  async start(source: ServeSource, { port, token, threads }: { port: number; token: string | null; threads: number }): Promise<ServerInfo> {
    if (this.#options.fork === null) throw new PylonError('unavailable', 'This host cannot start servers: use pylon serve.')
    const server = randomBytes(4).toString('hex')
    const process = this.#options.fork()
    const info: ServerInfo = { server, url: '', token, source: described(source), startedAt: new Date().toISOString() }
    const running: Running = { process, info, pending: new Map(), next: 1 }
    process.channel.listen((message) => hear(running, message as FromServer))
    process.channel.onClose((reason) => {
      this.#running.delete(server)
      const error = new PylonError('unavailable', `The server's process ended (${reason}). ${process.printed().trim().slice(-400)}`.trim())
      for (const { reject } of running.pending.values()) reject(error)
    })
    try {
      const { url } = await ask(running, { kind: 'start', source, port, token, threads, temp: this.#options.temporary() })
      running.info = { ...info, url: url! }
      this.#running.set(server, running)
      return running.info
    } catch (error) {
      process.kill()
      throw error
    }
  }

  async list(): Promise<(ServerInfo & { stats: ServerStats })[]> {
    return Promise.all(
      [...this.#running.values()].map(async (running) => ({ ...running.info, stats: (await ask(running, { kind: 'stats' })).stats! })),
    )
  }

  async swap(server: string, source: ServeSource): Promise<ServerInfo & { version: string }> {
    const running = this.#find(server)
    const { version } = await ask(running, { kind: 'swap', source })
    running.info = { ...running.info, source: described(source) }
    return { ...running.info, version: version! }
  }

  /** One request over HTTP, with the server's token. The path is the server's own: nothing else can be reached. */
  async request(
    server: string,
    { method, path, body }: { method: string; path: string; body: string | null },
  ): Promise<{ status: number; ms: number; text: string }> {
    const { url, token } = this.#find(server).info
    const at = performance.now()
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      ...(body !== null && { body }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return { status: response.status, ms: performance.now() - at, text }
  }

  async stop(server: string): Promise<void> {
    const running = this.#find(server)
    this.#running.delete(server)
    await ask(running, { kind: 'stop' }).catch(() => undefined)
  }

  /** Ends them all. */
  close(): void {
    for (const { process } of this.#running.values()) process.kill()
    this.#running.clear()
  }

  #find(server: string): Running {
    const running = this.#running.get(server)
    if (running === undefined) throw new PylonError('not-found', `There is no server "${server}" under way.`, 'server')
    return running
  }
}

function ask(running: Running, question: Question): Promise<Answer> {
  const id = running.next++
  return new Promise((resolve, reject) => {
    running.pending.set(id, { resolve, reject })
    running.process.channel.post({ ...question, id })
  })
}

function hear({ pending }: Running, heard: FromServer): void {
  const asked = pending.get(heard.id)
  pending.delete(heard.id)
  if (heard.kind === 'done') asked?.resolve(heard.value)
  else asked?.reject(fromErrorShape(heard.error))
}
