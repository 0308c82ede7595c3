/** Deletions that can be taken back: what was moved to the trash is said with an Undo for a while, and stays in the trash after that. */
import { useCall } from './useCall.ts'
import { t } from './texts.ts'
import { toast } from './toast.ts'

export function useTrash() {
  const { tell } = useCall()

  /**
   * Takes entries back, by id or by what they were, one after the other. Failures are said; those after one are tried all the same.
   * @param name what a single one is called, where that is not what it is deleted by: the name of a run
   */
  async function takeBack(entries: readonly string[], name?: string): Promise<void> {
    const back: string[] = []
    for (const entry of entries) {
      const taken = await tell('trash.restore', { entry })
      if (taken !== null) back.push(taken.what)
    }
    if (back.length === 1) toast.success(t('common.trash.takenBack', { what: name ?? back[0]! }))
    else if (back.length > 1) toast.success(t('common.trash.takenBackMany', { n: back.length }))
  }
  return {
    takeBack,
    /** Says that runs or datasets, by id or name, were moved to the trash. `name` as above. */
    offerUndo: (text: string, entries: readonly string[], name?: string) =>
      toast.undo(text, t('common.undo'), () => void takeBack(entries, name)),
  }
}
