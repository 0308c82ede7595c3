/** Saves a picture as a file of one kind; what goes wrong is said. */
import { savedName, useHost } from '@/composables/useHost.ts'
import { toast } from '@/composables/toast.ts'
import { useSettings } from '@/stores/settings.ts'
import type { ChartFile } from './leave.ts'
import { readTheme } from './theme.ts'

/** @param make the file's content; null where there is none yet */
export function useSaved(
  name: () => string,
  make: (as: ChartFile, background: string) => Blob | Promise<Blob | null> | null,
): (as: ChartFile) => Promise<void> {
  const host = useHost()
  const settings = useSettings()
  return async (as) => {
    try {
      const content = await make(as, readTheme(settings.dark).surface)
      if (content !== null) host.saveContent(`${savedName(name())}.${as}`, content)
    } catch (error) {
      toast.error(error)
    }
  }
}
