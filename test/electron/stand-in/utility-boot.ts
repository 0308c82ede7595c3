/** The first thing a utility process runs: makes its `process` look like one of Electron, then runs the module it was forked for. */
import { EventEmitter } from 'node:events'
import { pathToFileURL } from 'node:url'

class RemotePort extends EventEmitter {
  readonly #id: number
  readonly #kept: unknown[] = []
  #started = false
  constructor(id: number) {
    super()
    this.#id = id
  }
  postMessage(data: unknown): void {
    process.send?.({ kind: 'port', id: this.#id, data })
  }
  start(): void {
    this.#started = true
    for (const data of this.#kept.splice(0)) this.emit('message', { data, ports: [] })
  }
  close(): void {
    process.send?.({ kind: 'port-close', id: this.#id })
  }
  arrive(data: unknown): void {
    if (this.#started) this.emit('message', { data, ports: [] })
    else this.#kept.push(data)
  }
}

type FromMain =
  { kind: 'message'; data: unknown; ports: number[] } | { kind: 'port'; id: number; data: unknown } | { kind: 'port-close'; id: number }

const ports = new Map<number, RemotePort>()
const parentPort = Object.assign(new EventEmitter(), { postMessage: (data: unknown) => process.send?.({ kind: 'message', data }) })
const early: FromMain[] = []
let listening = false

function hear(message: FromMain): void {
  if (message.kind === 'port') ports.get(message.id)?.arrive(message.data)
  else if (message.kind === 'port-close') {
    ports.get(message.id)?.emit('close')
    ports.delete(message.id)
  } else {
    for (const id of message.ports) ports.set(id, new RemotePort(id))
    parentPort.emit('message', { data: message.data, ports: message.ports.map((id) => ports.get(id)) })
  }
}

process.on('message', (message: FromMain) => (listening ? hear(message) : early.push(message)))
process.on('disconnect', () => process.exit(0))
Object.defineProperty(process, 'parentPort', { value: parentPort })
Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: 'stand-in' } })
process.argv.splice(1, 1)

await import(pathToFileURL(process.argv[1]!).href)
listening = true
early.forEach(hear)
