/**
 * What a server tells whoever keeps its log, on stderr: faults, and as JSON each request too, a line each. Never a body, a token or an
 * address. Lines are gathered for a moment, as to write a pipe is to wait for it.
 */
export type LogFormat = 'text' | 'json'

/** One request, as it is logged. */
export interface LoggedRequest {
  readonly method: string
  /** a row of the table of routes, or `other`; never the path that was asked for */
  readonly route: string
  readonly status: number
  /** milliseconds from its arrival to its answer */
  readonly ms: number
  /** of the model that answered; where none did, of the one that serves */
  readonly version: string
  /** how many items were asked for; null where the route has no such */
  readonly k: number | null
  /** ids of the request that the model does not have */
  readonly unknown: readonly string[]
  /** sentences of what else the model does not know; they are counted */
  readonly warnings: number
  /** the code of the failure; null: none */
  readonly error: string | null
}

const FLUSH_MS = 50
const FLUSH_CHARACTERS = 1 << 16
/** Unknown ids that are named, and characters of each. */
const [NAMED, LONGEST] = [20, 80]

export class ServerLog {
  readonly #format: LogFormat
  readonly #write: (text: string) => void
  #gathered = ''
  #timer: NodeJS.Timeout | null = null

  constructor(format: LogFormat, write: (text: string) => void = (text) => void process.stderr.write(text)) {
    this.#format = format
    this.#write = write
  }

  /** Whether requests are told of: else nobody need gather what is said of them. */
  get tellsRequests(): boolean {
    return this.#format === 'json'
  }

  request({ ms, unknown, ...rest }: LoggedRequest): void {
    if (!this.tellsRequests) return
    const named = unknown.slice(0, NAMED).map((id) => id.slice(0, LONGEST))
    this.#line({
      level: rest.status >= 500 ? 'error' : 'info',
      event: 'request',
      ...rest,
      ms: Number(ms.toFixed(3)),
      unknown: named,
      unknowns: unknown.length,
    })
  }

  /** @param fault a message, with a stack where there is one */
  fault(fault: string): void {
    if (this.#format === 'text') this.#write(`${fault}\n`)
    else {
      const [message = '', ...stack] = fault.split('\n')
      this.#line({ level: 'error', event: 'fault', message, stack: stack.map((line) => line.trim()) })
      this.flush() // it may be the last that is heard
    }
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const text = this.#gathered
    this.#gathered = ''
    if (text !== '') this.#write(text)
  }

  #line(value: object): void {
    this.#gathered += `${JSON.stringify({ time: new Date().toISOString(), ...value })}\n`
    if (this.#gathered.length > FLUSH_CHARACTERS) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS)
  }
}
