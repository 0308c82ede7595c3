/** The workspace's settings, asked for once a page, and how one of them is saved. */
import type { Settings } from '@contract/shapes/settings.ts'
import { useCall } from '@/composables/useCall.ts'
import { toast } from '@/composables/toast.ts'
import { useVerb } from '@/composables/useVerb.ts'

export type WorkspaceSettings = ReturnType<typeof useWorkspaceSettings>

export function useWorkspaceSettings() {
  const { tell } = useCall()
  const { data: settings, error, refresh } = useVerb('settings.get', {})
  /** `said` is told once it is kept */
  async function save(part: Partial<Settings>, said: string): Promise<void> {
    if ((await tell('settings.set', part)) === null) return
    await refresh()
    toast.success(said)
  }
  return { settings, error, save }
}
