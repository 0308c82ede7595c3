/**
 * The page's engine: a client that stays while engines come and go. Listeners are kept across restarts; a call made while there is no
 * engine waits a little for the next one; a call in flight when the engine dies is rejected (code unavailable), never silently repeated.
 */
import './strict.ts'
import { EngineGone } from '@contract/errors.ts'
import type { EventName, Events } from '@contract/events.ts'
import { createClient, type Client } from '@contract/rpc.ts'
import { bridge } from './host.ts'
import type { LinkListener, LostReason } from './link.ts'
import { openPort } from './port-link.ts'
import { openSocket } from './socket-link.ts'

export type { LostReason } from './link.ts'

/** How long a call waits for an engine before it fails. */
const PATIENCE_MS = 10_000

/** `connecting` only before the first engine; afterwards ready or lost. `detail`: the host's own sentence, in English. */
export interface EngineStatus {
  readonly state: 'connecting' | 'ready' | 'lost'
  readonly reason: LostReason | null
  readonly detail: string | null
  /** engines so far: a higher number at `ready` means another engine, so what is shown should be asked for again */
  readonly life: number
}

export interface EngineConnection extends Client {
  readonly status: EngineStatus
  /** Hears the present status at once and every change. @returns a function that stops listening */
  onStatus(listener: (status: EngineStatus) => void): () => void
}

let connection: EngineConnection | null = null

/** The one connection of this page; made by the first who asks. */
export const connectEngine = (): EngineConnection => (connection ??= connect(openLink))

const openLink = (listener: LinkListener): { close(): void } => (bridge === null ? openSocket(listener) : openPort(bridge, listener))

type AnyListener = (payload: never) => void

export function connect(open: (listener: LinkListener) => { close(): void }): EngineConnection {
  let status: EngineStatus = { state: 'connecting', reason: null, detail: null, life: 0 }
  let client: Client | null = null
  let closed = false
  let waiting: { go: (client: Client) => void; fail: (error: Error) => void }[] = []
  const watchers = new Set<(status: EngineStatus) => void>()
  const listeners = new Map<EventName, Map<AnyListener, (() => void) | null>>()

  const tell = (next: Partial<EngineStatus>): void => {
    status = { ...status, ...next }
    for (const watcher of [...watchers]) watcher(status)
  }
  const attach = (to: Client, event: EventName, listener: AnyListener): (() => void) =>
    to.on(event, listener as (payload: Events[EventName]) => void)

  const unavailable = (): EngineGone =>
    new EngineGone(
      status.reason === 'session'
        ? 'The host does not know this page: open its link again.'
        : status.reason === 'refused' && status.detail !== null
          ? status.detail
          : 'The engine cannot be reached.',
    )

  const link = open({
    up: (channel) => {
      const next = (client = createClient(channel))
      for (const [event, of] of listeners) for (const listener of of.keys()) of.set(listener, attach(next, event, listener))
      tell({ state: 'ready', reason: null, detail: null, life: status.life + 1 })
      for (const { go } of waiting.splice(0)) go(next)
    },
    down: (reason, detail) => {
      client = null
      tell({ state: status.life === 0 && reason === 'engine' ? 'connecting' : 'lost', reason, detail })
      if (reason === 'refused') for (const { fail } of waiting.splice(0)) fail(unavailable())
    },
  })

  /** The engine, or the next one if it comes soon. */
  const engine = (): Promise<Client> => {
    if (closed || status.reason === 'session' || status.reason === 'refused') return Promise.reject(unavailable())
    if (client !== null) return Promise.resolve(client)
    return new Promise((resolve, reject) => {
      const entry = {
        go: (next: Client) => {
          clearTimeout(timer)
          resolve(next)
        },
        fail: (error: Error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      const timer = setTimeout(() => {
        waiting = waiting.filter((other) => other !== entry)
        reject(unavailable())
      }, PATIENCE_MS)
      waiting.push(entry)
    })
  }

  return {
    get status() {
      return status
    },
    onStatus: (watcher) => {
      watchers.add(watcher)
      watcher(status)
      return () => watchers.delete(watcher)
    },
    call: async (verb, input) => (await engine()).call(verb, input),
    on: (event, listener) => {
      const of = listeners.get(event) ?? new Map<AnyListener, (() => void) | null>()
      listeners.set(event, of)
      of.get(listener)?.()
      of.set(listener, client === null ? null : attach(client, event, listener))
      return () => {
        of.get(listener)?.()
        of.delete(listener)
      }
    },
    close: () => {
      closed = true
      client?.close()
      client = null
      link.close()
      for (const { fail } of waiting.splice(0)) fail(unavailable())
    },
  }
}
