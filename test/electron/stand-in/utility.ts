/** utilityProcess: a child process of Node that finds a `process.parentPort`, ended when this process ends. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { onControl } from './control.ts'
import { Carried, type PortMessage, type StandInPort } from './ports.ts'

const BOOT = fileURLToPath(new URL('./utility-boot.ts', import.meta.url))

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess
  readonly #carried: Carried

  constructor(path: string, args: readonly string[]) {
    super()
    this.#child = fork(BOOT, [path, ...args], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#carried = new Carried((message) => this.#send(message))
    this.#child.on('message', (message: PortMessage | { kind: 'message'; data: unknown }) => {
      if (message.kind === 'port') this.#carried.hear(message.id, message.data)
      else if (message.kind === 'port-close') this.#carried.lost(message.id)
      else this.emit('message', message.data)
    })
    this.#child.on('exit', (code) => {
      this.#carried.lost()
      this.emit('exit', code ?? 9)
    })
  }
  get pid(): number | undefined {
    return this.#child.pid
  }
  get stdout(): Readable | null {
    return this.#child.stdout
  }
  get stderr(): Readable | null {
    return this.#child.stderr
  }
  postMessage(data: unknown, ports: readonly StandInPort[] = []): void {
    this.#send({ kind: 'message', data, ports: this.#carried.take(ports) })
  }
  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}

let last: UtilityProcess | null = null
onControl('engine.pid', () => last?.pid)

export const utilityProcess = {
  fork: (path: string, args: readonly string[] = []): UtilityProcess => (last = new UtilityProcess(path, args)),
}
