/** Commands of the application menu, sent to the page when it is ready for them. */
import type { WebContents } from 'electron'
import type { MenuCommand } from '../contract/host.ts'

/** A command given before the page listens waits for it; of several the last, as only one of them can be seen. */
export class PageCommands {
  readonly #page: WebContents
  #listens = false
  #waiting: MenuCommand | null = null

  constructor(page: WebContents) {
    this.#page = page
    page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#listens = false
    })
  }

  send(command: MenuCommand): void {
    if (this.#listens) this.#page.send('menu', command)
    else this.#waiting = command
  }

  /** The page has said that it listens. */
  listens(): void {
    this.#listens = true
    const command = this.#waiting
    this.#waiting = null
    if (command !== null) this.send(command)
  }
}
