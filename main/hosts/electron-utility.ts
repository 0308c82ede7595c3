/** The engine's end of an Electron utility process: its parent port, seen without importing Electron. */
import type { Channel } from '../contract/channel.ts'
import type { ElectronPort } from './message-ports.ts'

/** What is used of Electron's ParentPort. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronPort[] }) => void): unknown
  postMessage(message: unknown): void
}

/** The parent port; null where this is no utility process. */
export const utilityParent = (): ParentPort | null => (process as { parentPort?: ParentPort }).parentPort ?? null

/** The channel to the main process. It never closes: Electron ends its utility processes itself. */
export const utilityChannel = (parent: ParentPort): Channel => ({
  post: (message) => parent.postMessage(message),
  listen: (listener) => void parent.on('message', ({ data, ports }) => (ports.length === 0 ? listener(data) : undefined)),
  onClose: () => undefined,
  close: () => undefined,
})
