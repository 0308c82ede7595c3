/**
 * The engine: opens a workspace, holds its store and its job queue, answers verbs and announces events. One lives in the process of the
 * command line, in a desktop application's engine process, or behind a web host; the host gives it a way to fork job processes.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { EngineApi, EventListener } from '../contract/rpc.ts'
import { changesWorkspace, verbs } from '../contract/verbs.ts'
import type { EngineContext } from './engine-context.ts'
import { ANY_PATH, type PathGuard } from './files/path-guard.ts'
import { createHandlers } from './handlers.ts'
import { ModelCache } from './model-cache.ts'
import { Queue, type JobProcess } from './queue/queue.ts'
import { SearchDrivers } from './search-drivers.ts'
import { RunRecordWriter } from './run-record-writer.ts'
import { ServingProcesses } from './serving-processes.ts'
import { Store } from './store/store.ts'
import type { OpenPurpose } from './store/workspace.ts'
import { watchWorkspace } from './workspace-watch.ts'

export interface Engine extends EngineApi {
  /** ends the running job's process without letting it finish its step */
  kill(): void
  /** cancels what is under way, lets servers answer what they were asked, waits for both, and closes the store */
  close(): Promise<void>
}

/** What a host gives its engine. */
export interface EngineHost {
  readonly home: string
  readonly fork: () => JobProcess
  /** forks a process that serves a model; without it there is no serving */
  readonly forkServer?: () => JobProcess
  /** which paths callers may name; default: any, as they act for their user */
  readonly guard?: PathGuard
  /** what for, which tells what happens on a full disk; default: to change something */
  readonly purpose?: OpenPurpose
}

/** Opens the workspace at `home`. @throws PylonError unavailable where it cannot be used */
export function openEngine({ home, fork, forkServer, guard = ANY_PATH, purpose = 'change' }: EngineHost): Engine {
  const store = new Store(home, { purpose })
  const records = new RunRecordWriter(store)
  const listeners = new Set<EventListener>()
  const tellListeners: EventListener = (event, payload) => {
    for (const listener of listeners) listener(event, payload)
  }
  const announce: EventListener = (event, payload) => {
    records.listener(event, payload)
    tellListeners(event, payload)
  }
  store.workspace.onViewed = (viewed) => announce('workspace.viewed', { viewed })
  const queue = new Queue({
    fork,
    announce,
    temporary: () => store.workspace.temporary(),
    remove: (folder) => store.workspace.discard(folder),
  })
  const opened = new ModelCache(store)
  const searches = new SearchDrivers()
  const servers = new ServingProcesses({
    fork: forkServer ?? null,
    announce,
    temporary: () => store.workspace.temporary(),
    remove: (folder) => store.workspace.discard(folder),
  })
  const context: EngineContext = {
    store,
    queue,
    servers,
    searches,
    opened,
    announce,
    guard,
    owner: store.workspace.engines.engine,
    get threads() {
      return store.settings.all().threads ?? availableParallelism()
    },
  }
  const handlers = createHandlers(context)
  const copying = copyLater(store, queue)
  const stopWatching = purpose === 'stay' && store.workspace.viewed === null ? watchWorkspace(store, tellListeners) : () => undefined
  return {
    call: async (verb, input) => {
      if (changesWorkspace(verb)) store.workspace.checkWritable()
      return handlers[verb](guard.input(verbs[verb].input, input))
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    kill: () => queue.kill(),
    close: async () => {
      stopWatching()
      await Promise.all([searches.close(), servers.close(), queue.close(), copying.stop()])
      await opened.close()
      records.flush()
      store.close()
    },
  }
}

/** An engine that stays a while makes the day's copy of a database too large to copy at the opening, in a process of its own. */
const COPY_AFTER_MS = 5_000

function copyLater(store: Store, queue: Queue): { stop(): Promise<void> } {
  if (!store.copies.due()) return { stop: async () => undefined }
  let copying: Promise<void> = Promise.resolve()
  const copy = async (): Promise<void> => {
    const folder = store.workspace.temporary()
    try {
      const made = await queue.aside('copy-database', { from: store.workspace.database, to: join(folder, 'copy.sqlite') })
      if (store.copies.due()) store.copies.take(made)
    } finally {
      store.workspace.discard(folder)
    }
  }
  // a copy that fails is tried again at the next opening
  const timer = setTimeout(() => void (copying = copy().catch(() => undefined)), COPY_AFTER_MS).unref()
  return {
    stop: () => {
      clearTimeout(timer)
      return copying
    },
  }
}
