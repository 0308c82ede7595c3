/**
 * Keeps an engine's process alive: starts it, says when it is ready, and when it dies starts another after a pause that grows while
 * engines die young. It knows neither how a process is forked nor what its frames mean.
 */
import type { EngineFact } from '../contract/host.ts'
import type { FromEngine, ToEngine } from './engine-server.ts'

/** A forked engine. Dead once `onExit` was called. */
export interface EngineProcess {
  post(message: ToEngine): void
  onMessage(listener: (message: FromEngine) => void): void
  /** `how`: `exit code 1`, `SIGKILL` */
  onExit(listener: (how: string) => void): void
  kill(): void
}

export interface SupervisorListener {
  fact(fact: EngineFact): void
  /** relayed for a connection */
  frame?(message: Extract<FromEngine, { kind: 'frame' }>): void
  /** a death that nobody asked for, for the log */
  died?(how: string): void
}

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000
/** an engine that lived this long may be started again without a long pause */
const STABLE_AFTER_MS = 20_000
/** how long an engine may take to stop its jobs and close */
const STOP_MS = 10_000

export class EngineSupervisor {
  readonly #start: () => EngineProcess
  readonly #listener: SupervisorListener
  #process: EngineProcess | null = null
  #fact: EngineFact = { kind: 'host', engine: 'starting', reason: null }
  #pause = FIRST_PAUSE_MS
  #timer: NodeJS.Timeout | undefined
  #stopping: (() => void) | null = null

  constructor(start: () => EngineProcess, listener: SupervisorListener) {
    this.#start = start
    this.#listener = listener
    this.#fork()
  }

  /** What is the case now. */
  get fact(): EngineFact {
    return this.#fact
  }

  /** The process, while the engine is ready. */
  get process(): EngineProcess | null {
    return this.#fact.engine === 'ready' ? this.#process : null
  }

  /** To the engine; lost where there is none. */
  post(message: ToEngine): void {
    this.process?.post(message)
  }

  /** Lets the engine stop its jobs and close, and ends it where it takes too long. No other is started. */
  stop(): Promise<void> {
    clearTimeout(this.#timer)
    const process = this.#process
    return new Promise((resolve) => {
      this.#stopping = resolve
      if (process === null) return resolve()
      const limit = setTimeout(() => process.kill(), STOP_MS)
      process.onExit(() => clearTimeout(limit))
      process.post({ kind: 'stop' })
    })
  }

  #fork(): void {
    const started = performance.now()
    let failure: string | null = null
    const process = (this.#process = this.#start())
    process.onMessage((message) => {
      if (message.kind === 'frame') this.#listener.frame?.(message)
      else if (message.kind === 'ready') this.#tell({ kind: 'host', engine: 'ready', reason: null })
      else failure = message.error.message
    })
    process.onExit((how) => {
      this.#process = null
      if (this.#stopping !== null) return this.#stopping()
      const reason = failure ?? `The engine ended (${how}) and is being started again.`
      this.#listener.died?.(failure ?? how)
      this.#tell({ kind: 'host', engine: failure === null ? 'lost' : 'refused', reason })
      if (performance.now() - started > STABLE_AFTER_MS) this.#pause = FIRST_PAUSE_MS
      this.#timer = setTimeout(() => this.#fork(), this.#pause)
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
    })
  }

  #tell(fact: EngineFact): void {
    this.#fact = fact
    this.#listener.fact(fact)
  }
}
