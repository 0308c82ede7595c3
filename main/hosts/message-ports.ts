/** Channels over MessagePorts: Node's own and Electron's, which differ only in what their events carry. */
import type { MessagePort } from 'node:worker_threads'
import { type Channel, FedChannel } from '../contract/channel.ts'

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
  const channel = new FedChannel(
    (message) => port.postMessage(message),
    () => port.close(),
  )
  port.on('message', (event) => channel.receive(dataOf(event)))
  port.on('close', () => channel.end('the other side is gone'))
  port.start()
  return channel
}
