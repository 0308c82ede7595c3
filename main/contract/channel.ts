/** The one thing a host has to provide: a way to post plain data and to hear it. Memory, child process, MessagePort and WebSocket are adapters of it. */
export interface Channel {
  post(message: unknown): void
  /** at most one listener; messages that arrive before it is set are kept */
  listen(listener: (message: unknown) => void): void
  /** called once when the other side is gone */
  onClose(listener: (reason: string) => void): void
  close(): void
}
