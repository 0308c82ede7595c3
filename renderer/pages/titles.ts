/** The text key of each page's title. */
import type { TextKey } from '@/composables/useTexts.ts'
import type { PageName } from '@/router.ts'

export const pageTitle = (page: PageName): TextKey => (page === 'new-run' ? 'newRun.title' : `${page}.title`)
