/** The window's title: the page that is shown, and before it how far the work is, so that a tab in the background tells it. */
import { shallowRef } from 'vue'

/** The title of the page that is shown. */
export const shownTitle = shallowRef('')

/** @param work such as `42% · mf-softmax`; null where nothing is under way */
export const windowTitle = (page: string, work: string | null): string => [work, page, 'Pylon'].filter(Boolean).join(' · ')
