/** What was done on this page, the newest first, so that it can be written into a script: actions alone, not questions. */
import { shallowRef } from 'vue'
import { commandLine } from '@contract/command-line.ts'
import { changesWorkspace, type VerbName } from '@contract/verbs.ts'
import { useWorkspace } from '@/stores/workspace.ts'
import { copy } from './copy.ts'
import { t } from './texts.ts'
import { useCommands } from './useCommands.ts'

export interface AskedAction {
  readonly verb: VerbName
  readonly input: Readonly<Record<string, unknown>>
}
const MOST = 12

export const askedActions = shallowRef<readonly AskedAction[]>([])

/** Keeps an action that a command line can say. */
export function noteAction(verb: VerbName, input: object): void {
  const action: AskedAction = { verb, input: input as AskedAction['input'] }
  const line = lineOf(action)
  if (!changesWorkspace(verb) || line === null) return
  askedActions.value = [action, ...askedActions.value.filter((other) => lineOf(other) !== line)].slice(0, MOST)
}
const lineOf = ({ verb, input }: AskedAction): string | null => commandLine(verb, input, '')

/** Offers them in the palette. */
export function offerAskedActions(): void {
  const workspace = useWorkspace()
  useCommands(() =>
    askedActions.value.flatMap(({ verb, input }, i) => {
      const line = commandLine(verb, input, workspace.about?.home ?? '')
      return line === null
        ? []
        : [{ id: `done.${i}`, title: t('common.palette.copyLine', { line }), group: t('common.palette.done'), run: () => copy(line) }]
    }),
  )
}
