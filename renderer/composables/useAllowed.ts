/**
 * What a button, menu entry or field that calls a verb binds: `v-bind="allowed('runs.start', busy)"`. Where the verb changes the workspace
 * and that is open for reading only, it is off and says why; else it is off where it is told to be.
 */
import { changesWorkspace, type VerbName } from '@contract/verbs.ts'
import { useWorkspace } from '@/stores/workspace.ts'

export type Allowed = (verb: VerbName, off?: boolean) => { disabled: boolean; title?: string }

export function useAllowed(): Allowed {
  const workspace = useWorkspace()
  return (verb, off = false) => {
    const why = changesWorkspace(verb) ? workspace.viewed : null
    return why === null ? { disabled: off } : { disabled: true, title: why }
  }
}
