/** The command palette's commands. A page registers its own while it is there; what is open everywhere is registered by the app. */
import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue'

export interface Command {
  readonly id: string
  readonly title: string
  /** stands beside the title, quieter */
  readonly hint?: string
  /** heading it stands under; none: those of this page */
  readonly group?: string
  /** keys that do the same, for show: `g r` */
  readonly keys?: string
  /** more words to find it by */
  readonly words?: string
  readonly run: () => unknown
}

const sources = shallowRef<readonly (() => readonly Command[])[]>([])

/** Registers commands; the function is called when the palette opens, so texts follow the language. */
export function useCommands(source: () => readonly Command[]): void {
  sources.value = [...sources.value, source]
  onScopeDispose(() => {
    sources.value = sources.value.filter((other) => other !== source)
  })
}

export const useAllCommands = (): ComputedRef<readonly Command[]> =>
  computed(() => sources.value.toReversed().flatMap((source) => source()))
