/** What a verb is on the command line of this workspace. */
import { commandLine } from '@contract/command-line.ts'
import type { VerbInput, VerbName } from '@contract/verbs.ts'
import { useWorkspace } from '@/stores/workspace.ts'

/** @returns a function to the line; undefined where the verb has no word for it, or the workspace is not known yet */
export function useCommandLine(): <V extends VerbName>(verb: V, input: VerbInput<V>) => string | undefined {
  const workspace = useWorkspace()
  return (verb, input) => {
    const home = workspace.about?.home
    return home === undefined ? undefined : (commandLine(verb, input, home) ?? undefined)
  }
}
