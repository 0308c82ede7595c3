/** Verb handlers of the trash (list, restore, empty) and of backups of the workspace. */
import { setImmediate } from 'node:timers/promises'
import { resolve } from 'node:path'
import type { EngineContext, Handlers } from '../engine-context.ts'

export function workspaceVerbs({
  store,
  queue,
  announce,
}: EngineContext): Handlers<'trash.list' | 'trash.restore' | 'trash.empty' | 'workspace.backup'> {
  const { trash, workspace } = store
  return {
    'trash.list': async () => ({ entries: trash.list() }),

    'trash.restore': async ({ entry }) => {
      const taken = store.takeBack(entry)
      if (taken.kind === 'run') announce('runs.changed', { run: taken.what })
      if (taken.kind === 'dataset') announce('datasets.changed', { dataset: taken.what })
      return taken
    },

    'trash.empty': async ({ entries }) => {
      const ids = entries.length === 0 ? trash.ids() : entries.map((text) => trash.find(text).id)
      let bytes = 0
      for (const id of ids) {
        bytes += trash.empty([id]).bytes
        await setImmediate() // there may be thousands, and others ask meanwhile
      }
      return { removed: ids.length, bytes }
    },

    'workspace.backup': async ({ out }) =>
      queue.add({ job: 'copy', beside: true, input: () => ({ from: workspace.home, to: resolve(out) }) }),
  }
}
