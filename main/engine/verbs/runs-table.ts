/** Verb handlers of the runs table: read as columns, edited and deleted in numbers. */
import { toErrorShape } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { letGo } from './runs.ts'

export function runTableVerbs(context: EngineContext): Handlers<'runs.table' | 'runs.fields' | 'runs.edit' | 'runs.pin' | 'runs.remove'> {
  const { store, announce } = context
  const { runs, table, datasets, database } = store
  const changed = (ids: readonly string[]): void => {
    for (const run of ids) announce('runs.changed', { run })
  }
  return {
    'runs.table': async (question) => {
      if (question.dataset !== undefined) datasets.get(question.dataset)
      const columns = table.columns(question)
      return { columns, protocols: table.protocols(columns) }
    },

    'runs.fields': async () => table.fields(),

    'runs.edit': async ({ runs: asked, name, folder, note, tags, addTags, removeTags }) => {
      const ids = database.transaction(() => {
        const found = [...new Set(asked.map((text) => runs.resolveId(text)))]
        for (const id of found) {
          if (name !== undefined) table.rename(id, name)
          if (folder !== undefined) table.setFolder(id, folder)
          if (note !== undefined) runs.setNote(id, note)
          if (tags !== undefined) runs.setTags(id, tags)
          for (const tag of addTags) table.addTag(id, tag)
          for (const tag of removeTags) table.removeTag(id, tag)
        }
        return found
      })
      changed(ids)
      return { changed: ids.length }
    },

    'runs.pin': async ({ run, pinned }) => {
      const { id } = runs.resolve(run)
      table.pin(id, pinned)
      changed([id])
      return {}
    },

    'runs.remove': async ({ runs: asked, forever }) => {
      const deleted: string[] = []
      const kept: { run: string; reason: string }[] = []
      for (const text of new Set(asked)) {
        try {
          const id = runs.resolveId(text)
          await letGo(context, [id])
          store.removeRun(id, { forever })
          deleted.push(id)
        } catch (error) {
          kept.push({ run: text, reason: toErrorShape(error).message })
        }
      }
      changed(deleted)
      return { deleted, kept }
    },
  }
}
