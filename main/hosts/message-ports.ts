/** Channels over MessagePorts: Node's own and Electron's, which differ only in what their events carry. */
import type { MessagePort } from 'node:worker_threads'
import type { Channel } from '../contract/channel.ts'

/** What is used of Electron's MessagePortMain. */
export interface ElectronPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
  close(): void
}

export const electronPortChannel = (port: ElectronPort): Channel => channelOf(port, (event) => (event as { data: unknown }).data)

export const nodePortChannel = (port: MessagePort): Channel => channelOf(port, (message) => message)

function channelOf(port: ElectronPort, dataOf: (event: unknown) => unknown): Channel {
  const closers: ((reason: string) => void)[] = []
  let ended: string | null = null
  const end = (reason: string): void => {
    if (ended !== null) return
    ended = reason
    for (const closer of closers) closer(reason)
  }
  port.on('close', () => end('the other side is gone'))
  return {
    post: (message) => {
      if (ended === null) port.postMessage(message)
    },
    listen: (listener) => {
      port.on('message', (event) => listener(dataOf(event)))
      port.start() // what arrived before waits until now
    },
    onClose: (closer) => (ended === null ? void closers.push(closer) : closer(ended)),
    close: () => {
      end('closed')
      port.close()
    },
  }
}
