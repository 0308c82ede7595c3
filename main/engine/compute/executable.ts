/** A program made ready for some executor. */
import type { Feeds, Fetches, Sizes } from './graph-session.ts'

export interface Executable {
  /** @throws Error naming an input that is missing or has the wrong length */
  run(feeds: Feeds, sizes?: Sizes): Promise<Fetches>
  dispose(): Promise<void>
}
