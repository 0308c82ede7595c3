/**
 * An engine without an opened workspace, for the verbs that work on one that is absent or cannot be opened: looking at it, repairing it,
 * restoring a backup to its place.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unavailable } from '../contract/errors.ts'
import type { EventListener } from '../contract/rpc.ts'
import type { VerbName } from '../contract/verbs.ts'
import type { Engine, EngineHost } from './index.ts'
import { Queue } from './queue/queue.ts'
import { systemVerbs } from './verbs/system.ts'

/** Opens nothing; `home` may be anything. */
export function openMaintenance({ home, fork }: Pick<EngineHost, 'home' | 'fork'>): Engine {
  const temp = mkdtempSync(join(tmpdir(), 'pylon-'))
  const listeners = new Set<EventListener>()
  const announce: EventListener = (event, payload) => {
    for (const listener of listeners) listener(event, payload)
  }
  const queue = new Queue({
    fork,
    announce,
    temporary: () => mkdtempSync(join(temp, 'job-')),
    remove: (folder) => rmSync(folder, { recursive: true, force: true }),
  })
  const handlers: Partial<Record<VerbName, (input: never) => Promise<unknown>>> = systemVerbs({ home, queue, store: null })
  return {
    call: async (verb, input) => {
      const handler = handlers[verb]
      if (handler === undefined) throw unavailable(`${verb} needs an opened workspace.`)
      return (await handler(input as never)) as never
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    kill: () => queue.kill(),
    close: async () => {
      await queue.close()
      rmSync(temp, { recursive: true, force: true })
    },
  }
}
