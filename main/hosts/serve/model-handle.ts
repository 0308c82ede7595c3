/** A model in a thread of its own, as the thread of the sockets has it: asked by messages, and let go when it is not wanted any more. */
import { Worker } from 'node:worker_threads'
import { fromErrorShape, unavailable } from '../../contract/errors.ts'
import type { RowSchemas } from '../../engine/serving/row-schemas.ts'
import type { FromModel, ModelInfo, ModelThreadOptions, ToModel } from './model-messages.ts'
import type { UserEvents } from './changes.ts'

type Question = ToModel extends infer Q ? (Q extends { id: number } ? Omit<Q, 'id'> : never) : never
type Done = Extract<FromModel, { kind: 'done' }>

interface Pending {
  readonly resolve: (done: Done) => void
  readonly reject: (error: Error) => void
}

export interface ModelHandleOptions extends ModelThreadOptions {
  /** the module that the thread runs: it calls {@link runModel} */
  readonly entry: URL
  /** hears of a thread that ended though nobody had asked it to: no question to it will be answered */
  readonly onDeath: (error: Error) => void
}

/** What a route answers, as JSON: of which version, with how many warnings, and ids that are not here. */
export interface RouteAnswer {
  readonly text: string
  readonly version: string
  readonly warnings: number
  readonly unknown: readonly string[]
}

/** What came of an item that was put. */
export interface PutResult {
  readonly isNew: boolean
  readonly warnings: readonly string[]
}

export class ModelHandle {
  readonly #worker: Worker
  /** by number; a number that is answered is given again. No Map: one that is filled and emptied all the time keeps what it held from dying young */
  readonly #pending: (Pending | null)[] = []
  readonly #free: number[] = []
  readonly #ended: Promise<void>
  #facts: ModelInfo | null = null
  #isDisposed = false

  private constructor({ entry, source, threads, temp, onDeath }: ModelHandleOptions) {
    this.#worker = new Worker(entry, { workerData: { source, threads, temp } satisfies ModelThreadOptions })
    let death: Error = unavailable('The thread of the model ended.')
    this.#worker.on('message', (message: FromModel) => this.#onMessage(message))
    this.#worker.on('error', (error: Error) => (death = error))
    this.#ended = new Promise((resolve) =>
      this.#worker.once('exit', () => {
        for (const asked of this.#pending.splice(0)) asked?.reject(death)
        if (this.#facts !== null && !this.#isDisposed) onDeath(death)
        resolve()
      }),
    )
  }

  /** Loads it. @throws whatever loading it throws; then the thread has ended */
  static async open(options: ModelHandleOptions): Promise<ModelHandle> {
    const handle = new ModelHandle(options)
    await handle.#answerOf(handle.#number())
    return handle
  }

  /** As of its last answer. */
  get facts(): ModelInfo {
    return this.#facts!
  }

  /** What a route of the table answers. @throws whatever it throws */
  async answer(route: string, body: unknown, events: UserEvents): Promise<RouteAnswer> {
    const { text, warnings = [], unknown = [] } = await this.#ask({ kind: 'answer', route, body, events })
    return { text: text!, version: this.facts.id, warnings: warnings.length, unknown }
  }

  /** The items that are not here, and which version says so. */
  async absent(items: readonly string[]): Promise<{ readonly version: string; readonly absent: string[] }> {
    const { absent = [] } = await this.#ask({ kind: 'absent', items })
    return { version: this.facts.id, absent: [...absent] }
  }

  /** What requests to this model may say of users and items, and filter by. */
  async schemas(): Promise<RowSchemas> {
    return (await this.#ask({ kind: 'schemas' })).schemas!
  }

  /** @returns whether the item is new, and warnings @throws PylonError where its features do not fit */
  async put(item: string, row: Readonly<Record<string, unknown>>): Promise<PutResult> {
    const { isNew, warnings = [] } = await this.#ask({ kind: 'put', item, row })
    return { isNew: isNew!, warnings }
  }

  /** @throws PylonError not-found */
  async remove(item: string): Promise<void> {
    await this.#ask({ kind: 'remove', item })
  }

  /** Ends the thread, when what it was asked is answered. */
  async dispose(): Promise<void> {
    if (!this.#isDisposed) {
      this.#isDisposed = true
      await this.#ask({ kind: 'dispose' }).catch(() => undefined)
    }
    await this.#ended
  }

  #ask(question: Question): Promise<Done> {
    const id = this.#number()
    const answer = this.#answerOf(id)
    this.#worker.postMessage({ ...question, id })
    return answer
  }

  /** One that no question bears; the first is 0. */
  #number(): number {
    return this.#free.pop() ?? this.#pending.length
  }

  #answerOf(id: number): Promise<Done> {
    return new Promise((resolve, reject) => (this.#pending[id] = { resolve, reject }))
  }

  #onMessage(message: FromModel): void {
    const asked = this.#pending[message.id]
    this.#pending[message.id] = null
    this.#free.push(message.id)
    if (message.kind === 'done' && message.facts !== undefined) this.#facts = message.facts
    if (message.kind === 'done') asked?.resolve(message)
    else asked?.reject(fromErrorShape(message.error))
  }
}
