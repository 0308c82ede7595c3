/** Two channels of one process, linked. Messages are cloned and arrive in a later turn, as they would across a process border. */
import { type Channel, FedChannel } from '../contract/channel.ts'

/** @returns the two ends; closing one closes the other */
export function memoryChannels(): [Channel, Channel] {
  const end = (other: () => FedChannel): FedChannel =>
    new FedChannel(
      (message) => {
        const copy: unknown = structuredClone(message)
        setImmediate(() => other().receive(copy))
      },
      () => other().end('closed by the other side'),
    )
  const left: FedChannel = end(() => right)
  const right = end(() => left)
  return [left, right]
}
