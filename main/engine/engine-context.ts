/** What every verb's handler works with (store, queue, caches), and the type of a table of handlers. */
import type { EventListener } from '../contract/rpc.ts'
import type { VerbName, VerbOutput, VerbParsed } from '../contract/verbs.ts'
import type { PathGuard } from './files/path-guard.ts'
import type { ModelCache } from './model-cache.ts'
import type { Queue } from './queue/queue.ts'
import type { SearchDrivers } from './search-drivers.ts'
import type { ServingProcesses } from './serving-processes.ts'
import type { Store } from './store/store.ts'

export interface EngineContext {
  readonly store: Store
  readonly queue: Queue
  /** datasets and models that questions are asked of */
  readonly opened: ModelCache
  /** processes that serve a model over HTTP */
  readonly servers: ServingProcesses
  readonly searches: SearchDrivers
  readonly announce: EventListener
  /** which paths callers may name; inputs have been through it, a spec goes through it when it is resolved */
  readonly guard: PathGuard
  /** this engine's name as an owner of runs */
  readonly owner: string
  /** threads of a job that asks for none: a setting, so it is read when the job is made */
  readonly threads: number
}

/** Handlers of some verbs. Inputs are validated already, and their paths are absolute and allowed. */
export type Handlers<V extends VerbName> = { readonly [K in V]: (input: VerbParsed<K>) => Promise<VerbOutput<K>> }
