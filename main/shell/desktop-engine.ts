/** The engine of a workspace: a utility process that is kept alive, and a port of its own for each page that asks. */
import { resolve } from 'node:path'
import { MessageChannelMain, utilityProcess, type WebContents } from 'electron'
import type { EngineOptions } from '../hosts/engine-options.ts'
import type { FromEngine } from '../hosts/engine-server.ts'
import { EngineSupervisor, type EngineProcess } from '../hosts/engine-supervisor.ts'
import type { Log } from './log.ts'

interface UtilityEngine extends EngineProcess {
  connect(port: Electron.MessagePortMain): void
}

export class DesktopEngine {
  readonly #keeper: EngineSupervisor
  #process: UtilityEngine | null = null

  /** `send` reaches the workspace's page, where it has one. */
  constructor(home: string | null, send: (channel: string, fact: unknown) => void, log: Log) {
    const options: EngineOptions = { home, confined: null }
    this.#keeper = new EngineSupervisor(() => (this.#process = fork(options, log)), {
      fact: (fact) => send('engine:fact', fact),
      died: (how) => log(`The engine ended: ${how}.`),
    })
  }

  /** Gives a page a port to the engine, or the fact that there is none; it hears when there is. */
  connect(page: WebContents): void {
    if (this.#keeper.process === null) return page.send('engine:fact', this.#keeper.fact)
    const { port1, port2 } = new MessageChannelMain()
    this.#process!.connect(port1)
    page.postMessage('engine:port', null, [port2])
  }

  stop(): Promise<void> {
    return this.#keeper.stop()
  }
}

function fork(options: EngineOptions, log: Log): UtilityEngine {
  const child = utilityProcess.fork(resolve(import.meta.dirname, 'engine.js'), [JSON.stringify(options)], {
    serviceName: 'Pylon engine',
    stdio: 'pipe',
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()))
  return {
    post: (message) => child.postMessage(message),
    connect: (port) => child.postMessage(null, [port]),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => void child.on('exit', (code) => listener(`exit code ${code}`)),
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
  }
}
