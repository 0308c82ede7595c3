/** Asks before something is destroyed: `if (await confirm({ title, text, action })) …`. One question at a time. */
import { shallowRef } from 'vue'

export interface ConfirmQuestion {
  readonly title: string
  readonly text: string
  /** the word on the button that does it */
  readonly action: string
  readonly danger?: boolean
}

/** What is being asked, for the host component. */
export const asked = shallowRef<(ConfirmQuestion & { readonly answer: (yes: boolean) => void }) | null>(null)

export function confirm(question: ConfirmQuestion): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
