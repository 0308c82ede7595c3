/** What every verb works with, and the shape of the verbs' tables. */
import type { EventListener } from '../contract/rpc.ts'
import type { VerbName, VerbOutput, VerbParsed } from '../contract/verbs.ts'
import type { Opened } from './opened.ts'
import type { Queue } from './queue.ts'
import type { Servers } from './servers.ts'
import type { Store } from './store/store.ts'

export interface EngineContext {
  readonly store: Store
  readonly queue: Queue
  /** datasets and models that questions are asked of */
  readonly opened: Opened
  /** processes that serve a model over HTTP */
  readonly servers: Servers
  readonly announce: EventListener
  /** this engine's name as an owner of runs */
  readonly owner: string
  /** threads of a job that asks for none: a setting, so it is read when the job is made */
  readonly threads: number
}

/** Handlers of some verbs. Inputs are validated already. */
export type Handlers<V extends VerbName> = { readonly [K in V]: (input: VerbParsed<K>) => Promise<VerbOutput<K>> }
