/** Text into the clipboard, said with a toast. */
import { useTexts } from '@/composables/useTexts.ts'
import { useToast } from '@/composables/useToast.ts'

export function useCopy(): (text: string) => Promise<void> {
  const { t } = useTexts()
  const toast = useToast()
  return async (text) => {
    try {
      await navigator.clipboard.writeText(text)
      toast.success(t('common.copied'))
    } catch (error) {
      toast.error(error)
    }
  }
}
