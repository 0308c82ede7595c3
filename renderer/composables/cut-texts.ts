/** A text that is cut for lack of room says itself where the pointer is: names and titles never vanish. */
import { useEventListener } from '@vueuse/core'

/** Begun once, for the whole page. What has words of its own at the pointer keeps them. */
export function tellCutTexts(): void {
  let told: HTMLElement | null = null
  useEventListener(document, 'mouseover', ({ target }) => {
    if (told !== null) told.removeAttribute('title')
    told = null
    const at = target instanceof Element ? target.closest<HTMLElement>('.ellipsis') : null
    // an element around it may tell more than its text
    if (at === null || at.scrollWidth <= at.clientWidth || at.closest('[title]') !== null) return
    at.title = at.textContent.trim()
    told = at
  })
}
