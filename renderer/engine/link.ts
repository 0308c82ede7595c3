/** A way to the engine that outlives engines: it brings a fresh channel for each life of the engine and says why one ended. */
import type { Channel } from '@contract/channel.ts'
import type { EngineFact } from '@contract/host.ts'

/**
 * Why there is no engine: `engine` it died and is being started again; `refused` it cannot open the workspace; `host`
 * the host cannot be reached; `session` the host does not know this page (it was started anew: its new link is needed).
 */
export type LostReason = 'engine' | 'refused' | 'host' | 'session'

/** What a host's fact that there is no engine means to a page. */
export const reasonOf = ({ engine }: EngineFact): LostReason => (engine === 'refused' ? 'refused' : 'engine')

export interface LinkListener {
  up(channel: Channel): void
  /** `detail` is a sentence of the host, where it gave one */
  down(reason: LostReason, detail: string | null): void
}

export interface Link {
  close(): void
}
