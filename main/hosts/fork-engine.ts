/** An engine in a child process of Node: the web host's. */
import { fork } from 'node:child_process'
import { entryBeside } from './entry-beside.ts'
import { childChannel, childEnvironment } from './child.ts'
import type { EngineOptions } from './engine-options.ts'
import type { FromEngine } from './engine-server.ts'
import type { EngineProcess } from './engine-supervisor.ts'

/** `log` hears what it prints. */
export function forkEngine(
  options: EngineOptions,
  log: (text: string) => void,
  entry = entryBeside('./engine', import.meta.url),
): EngineProcess {
  const child = fork(entry, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: childEnvironment(),
  })
  child.stdout!.setEncoding('utf8').on('data', log)
  child.stderr!.setEncoding('utf8').on('data', log)
  const channel = childChannel(child)
  return {
    post: (message) => channel.post(message),
    onMessage: (listener) => channel.listen((message) => listener(message as FromEngine)),
    onExit: (listener) => channel.onClose(listener),
    kill: () => void child.kill('SIGKILL'),
  }
}
