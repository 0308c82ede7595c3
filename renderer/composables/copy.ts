/** Text into the clipboard, said with a toast. */
import { t } from './texts.ts'
import { toast } from './toast.ts'

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast.success(t('common.copied'))
  } catch (error) {
    toast.error(error)
  }
}
