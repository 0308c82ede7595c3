/** What the set-up knows of a tool that tests need. */
export interface Tool {
  /** as in the reason of a skipped test: `needs NAME` */
  readonly name: string
  /** parts of it that can be missing alone, each named in a reason of its own */
  readonly parts?: readonly string[]
  /** the tests that wait for it */
  readonly waiting: string
  /** projects of vitest that have such tests */
  readonly projects: readonly string[]
  /** Debian's packages that are missing here; asked before `ready` where that said no */
  readonly debian: () => Promise<string[]>
  /** whether it is there and works; well under a second where it is */
  readonly ready: () => Promise<boolean>
  /** the rest, after Debian's packages: from npm or PyPI. It tells what it does. */
  readonly install: () => Promise<unknown>
  /** one command that helps where nothing did */
  readonly remedy: string
}
