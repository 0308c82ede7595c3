/** An engine in a child process of Node: the web host's. */
import { entryBeside } from './entry-beside.ts'
import { forkChild } from './child.ts'
import type { EngineOptions } from './engine-options.ts'
import type { FromEngine } from './engine-server.ts'
import type { EngineProcess } from './engine-supervisor.ts'

/** `log` hears what it prints. */
export function forkEngine(
  options: EngineOptions,
  log: (text: string) => void,
  entry = entryBeside('./engine', import.meta.url),
): EngineProcess {
  const { channel, kill } = forkChild(entry, [JSON.stringify(options)], log)
  return {
    post: (message) => channel.post(message),
    onMessage: (listener) => channel.listen((message) => listener(message as FromEngine)),
    onExit: (listener) => channel.onClose(listener),
    kill,
  }
}
