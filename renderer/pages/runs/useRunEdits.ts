/** Actions on runs from the table: edited, pinned, deleted; each says how it went. */
import { textAt } from '@/stores/run-columns.ts'
import { engineWords } from '@/composables/engine-words.ts'
import { useCall } from '@/composables/useCall.ts'
import { confirm } from '@/composables/confirm.ts'
import { t } from '@/composables/texts.ts'
import { toast } from '@/composables/toast.ts'
import { useTrash } from '@/composables/useTrash.ts'
import { useRuns } from '@/stores/runs.ts'

export const EDITABLE = ['name', 'folder', 'tags', 'note'] as const
export type Editable = (typeof EDITABLE)[number]
export const isEditable = (column: string): column is Editable => (EDITABLE as readonly string[]).includes(column)

export type RunEdits = ReturnType<typeof useRunEdits>

/** Tags as they are typed: `cold, paper`. */
export const splitTags = (text: string): string[] => [...new Set(text.split(/[,，]/).map((tag) => tag.trim()))].filter((tag) => tag !== '')

export function useRunEdits() {
  const runs = useRuns()
  const { tell } = useCall()
  const trash = useTrash()

  /** The text of a cell as it is edited: tags are separated by commas. */
  function textOf(run: string, column: Editable): string {
    const page = runs.page
    const at = page?.place.get(run)
    if (page === null || at === undefined) return ''
    const text = textAt(page.columns[column], at) ?? ''
    return column === 'tags' && text !== '' ? (JSON.parse(text) as string[]).join(', ') : text
  }
  async function set(run: string, column: Editable, text: string): Promise<void> {
    const before = textOf(run, column)
    if (text.trim() === before || (column === 'name' && text.trim() === '')) return
    const change = (value: string): Promise<unknown> =>
      tell('runs.edit', {
        runs: [run],
        ...(column === 'tags' ? { tags: splitTags(value) } : { [column]: column === 'note' ? value : value.trim() }),
      })
    if ((await change(text)) !== null)
      toast.undo(t('runs.edited', { column: t(`runs.column.${column}`) }), t('common.undo'), () => void change(before))
  }
  /** Asks first. @returns whether they are gone */
  async function remove(ids: readonly string[]): Promise<boolean> {
    const sure = await confirm({
      title: t('runs.removeTitle', { n: ids.length }),
      text: t('runs.removeText'),
      action: t('runs.removeAction', { n: ids.length }),
    })
    if (!sure) return false
    const name = ids.length === 1 ? textOf(ids[0]!, 'name') : ''
    const answer = await tell('runs.remove', { runs: [...ids] })
    if (answer === null) return false
    if (answer.deleted.length > 0)
      trash.offerUndo(t('runs.removed', { n: answer.deleted.length }), answer.deleted, name === '' ? undefined : name)
    if (answer.kept.length > 0) toast.info(`${t('runs.kept', { n: answer.kept.length })} ${engineWords(answer.kept[0]!.reason)}`)
    return true
  }
  return {
    textOf,
    set,
    remove,
    tag: async (ids: readonly string[], tag: string, on: boolean) => {
      const tags = splitTags(tag)
      if (tags.length === 0) return
      const change = (add: boolean): Promise<unknown> => tell('runs.edit', { runs: [...ids], [add ? 'addTags' : 'removeTags']: tags })
      if ((await change(on)) !== null) toast.success(t(on ? 'runs.tagged' : 'runs.untagged', { n: ids.length, tag: tags.join(', ') }))
    },
    move: async (ids: readonly string[], folder: string) => {
      if ((await tell('runs.edit', { runs: [...ids], folder })) !== null)
        toast.success(t('runs.moved', { n: ids.length, folder: folder === '' ? t('runs.noFolder') : folder }))
    },
    pin: async (run: string, pinned: boolean) => {
      await tell('runs.pin', { run, pinned })
    },
  }
}
