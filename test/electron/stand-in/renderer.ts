/**
 * The renderer's side, as text that runs in the page before its scripts: `electron` for the preload (contextBridge, ipcRenderer,
 * webUtils), and real MessagePorts at the end of the proxies. The preload runs in the page's own world here, not in one of its own.
 */
import { readFileSync } from 'node:fs'

interface PagePort {
  onmessage: ((event: { data: unknown }) => void) | null
  addEventListener(type: 'close', listener: () => void): void
  postMessage(data: unknown): void
  close(): void
}

/** The page's globals, of which this text needs few. `__electron(message)` is a binding of the stand-in. */
interface Scope {
  readonly location: { readonly origin: string }
  readonly MessageChannel: new () => { readonly port1: PagePort; readonly port2: PagePort }
  readonly __electron: (message: unknown) => Promise<unknown>
  __electronHear: (message: Heard) => void
}
type Heard =
  | { kind: 'send'; channel: string; args: unknown[]; ports: number[] }
  | { kind: 'port'; id: number; data: unknown }
  | { kind: 'port-close'; id: number }

/** Runs in the page: nothing but its arguments and the page's globals is within reach. */
function renderer(origin: string, platform: string, dropped: string, preload: (require: () => unknown, process: unknown) => void): void {
  const scope = globalThis as unknown as Scope
  if (scope.location.origin !== origin) return
  void scope.__electron({ kind: 'begin' })
  const listeners = new Map<string, ((event: unknown, ...args: unknown[]) => void)[]>()
  const ports = new Map<number, PagePort>()
  const open = (id: number): PagePort => {
    const { port1, port2 } = new scope.MessageChannel()
    port1.onmessage = ({ data }) => void scope.__electron({ kind: 'port', id, data })
    port1.addEventListener('close', () => void scope.__electron({ kind: 'port-close', id }))
    ports.set(id, port1)
    return port2
  }
  scope.__electronHear = (message) => {
    if (message.kind === 'port') ports.get(message.id)?.postMessage(message.data)
    else if (message.kind === 'port-close') ports.get(message.id)?.close()
    else for (const listener of listeners.get(message.channel) ?? []) listener({ ports: message.ports.map(open) }, ...message.args)
  }
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => Object.defineProperty(globalThis, name, { value: api }) },
    ipcRenderer: {
      on: (channel: string, listener: (event: unknown) => void) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      send: (channel: string, ...args: unknown[]) => void scope.__electron({ kind: 'send', channel, args }),
      invoke: (channel: string, ...args: unknown[]) => scope.__electron({ kind: 'invoke', channel, args }),
    },
    // a page of a plain Chromium is told no paths, but the name: the test says in which folder
    webUtils: { getPathForFile: (file: { name: string }) => `${dropped}/${file.name}` },
  }
  preload(() => electron, { platform })
}

/** The script for pages of `origin`, with the built preload in it. */
export const preloadScript = (origin: string, path: string): string =>
  `(${renderer.toString()})(${JSON.stringify(origin)}, ${JSON.stringify(process.platform)}, ${JSON.stringify(process.env['STAND_IN_DROPPED'])}, function (require, process) {\n${readFileSync(path, 'utf8')}\n})`
