/** Asks before something is destroyed: `if (await confirm({ title, text, action })) …`. One question at a time. */
import { shallowRef, type ShallowRef } from 'vue'

export interface Question {
  readonly title: string
  readonly text: string
  /** the word on the button that does it */
  readonly action: string
  readonly danger?: boolean
}

const asked = shallowRef<(Question & { readonly answer: (yes: boolean) => void }) | null>(null)

export const useConfirm = (): ((question: Question) => Promise<boolean>) => (question) => {
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

/** For the host component. */
export const useAsked = (): Readonly<ShallowRef<(Question & { readonly answer: (yes: boolean) => void }) | null>> => asked
