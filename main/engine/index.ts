/**
 * The engine: opens a workspace, holds its store and its job queue, answers verbs and announces events. One lives in the process of the
 * command line, in a desktop application's engine process, or behind a web host; the host gives it a way to fork job processes.
 */
import { availableParallelism } from 'node:os'
import type { EngineFace, EventListener } from '../contract/rpc.ts'
import type { VerbName } from '../contract/verbs.ts'
import type { EngineContext, Handlers } from './context.ts'
import { Opened } from './opened.ts'
import { Queue, type JobProcess } from './queue.ts'
import { ownerOf } from './store/owner.ts'
import { Servers } from './servers.ts'
import { Store } from './store/store.ts'
import { curveVerbs } from './verbs/curves.ts'
import { datasetVerbs } from './verbs/datasets.ts'
import { differenceVerbs } from './verbs/difference.ts'
import { entityVerbs } from './verbs/entities.ts'
import { indexVerbs } from './verbs/indexes.ts'
import { jobVerbs } from './verbs/jobs.ts'
import { mapVerbs } from './verbs/map.ts'
import { exportVerbs } from './verbs/exports.ts'
import { neighbourVerbs } from './verbs/neighbours.ts'
import { recipeVerbs } from './verbs/recipes.ts'
import { rerankVerbs } from './verbs/rerank.ts'
import { runJobVerbs } from './verbs/run-jobs.ts'
import { runVerbs } from './verbs/runs.ts'
import { runTableVerbs } from './verbs/runs-table.ts'
import { settingsVerbs } from './verbs/settings.ts'
import { servingVerbs } from './verbs/serving.ts'
import { specVerbs } from './verbs/specs.ts'
import { systemVerbs } from './verbs/system.ts'

export interface Engine extends EngineFace {
  /** ends the running job's process without letting it finish its step */
  kill(): void
  /** cancels what is under way, waits for it, and closes the store */
  close(): Promise<void>
}

/** What a host gives its engine. */
export interface EngineHost {
  readonly home: string
  readonly fork: () => JobProcess
  /** forks a process that serves a model; without it there is no serving */
  readonly forkServer?: () => JobProcess
}

/** Opens the workspace at `home`. @throws PylonError unavailable where it cannot be used */
export function openEngine({ home, fork, forkServer }: EngineHost): Engine {
  const store = new Store(home)
  const listeners = new Set<EventListener>()
  const announce: EventListener = (event, payload) => {
    for (const listener of listeners) listener(event, payload)
  }
  const queue = new Queue({
    fork,
    announce,
    temporary: () => store.workspace.temporary(),
    remove: (folder) => store.workspace.remove(folder),
  })
  const opened = new Opened(store)
  const servers = new Servers({ fork: forkServer ?? null, temporary: () => store.workspace.temporary() })
  const context: EngineContext = {
    store,
    queue,
    servers,
    opened,
    announce,
    owner: ownerOf(),
    get threads() {
      return store.settings.all().threads ?? availableParallelism()
    },
  }
  const handlers: Handlers<VerbName> = {
    ...datasetVerbs(context),
    ...runVerbs(context),
    ...runTableVerbs(context),
    ...settingsVerbs(context),
    ...runJobVerbs(context),
    ...curveVerbs(context),
    ...differenceVerbs(context),
    ...exportVerbs(context),
    ...neighbourVerbs(context),
    ...entityVerbs(context),
    ...indexVerbs(context),
    ...mapVerbs(context),
    ...jobVerbs(context),
    ...recipeVerbs(context),
    ...rerankVerbs(context),
    ...servingVerbs(context),
    ...specVerbs(context),
    ...systemVerbs(context),
  }
  return {
    call: (verb, input) => handlers[verb](input),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    kill: () => queue.kill(),
    close: async () => {
      servers.close()
      await queue.close()
      await opened.close()
      store.close()
    },
  }
}
