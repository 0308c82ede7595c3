/** What an engine and its serving process tell each other. */
import type { ErrorShape } from '../../contract/errors.ts'
import type { ChangeReport, ServerStats } from '../../contract/shapes/serving.ts'
import type { RunFolders } from '../model/run-files.ts'

/** What to serve: a bundle, which is verified first, or the folders of a run. */
export type ServeSource =
  { readonly kind: 'bundle'; readonly path: string } | ({ readonly kind: 'run'; readonly run: string; readonly name: string } & RunFolders)

/** Each question has a number; its answer bears it. */
export type ToServer = { readonly id: number } & (
  | {
      readonly kind: 'start'
      readonly source: ServeSource
      readonly port: number
      readonly token: string
      readonly openProbes: boolean
      readonly threads: number
      readonly temp: string
      /** where changes are kept for the next start, and what becomes of those that are there; null: nowhere */
      readonly log: { readonly folder: string; readonly use: 'replay' | 'carry' | 'discard' } | null
      /** what it writes to stderr */
      readonly told: 'text' | 'json'
      /** where ids and features of requests are kept; null: nowhere */
      readonly record: { readonly path: string; readonly bytes: number } | null
    }
  | { readonly kind: 'swap'; readonly source: ServeSource }
  | { readonly kind: 'stats' }
  | { readonly kind: 'stop' }
)

/** Whether a message is one of {@link ToServer}; what is in it was checked where it was made, by the contract. */
export function isToServer(message: unknown): message is ToServer {
  const { id, kind } = (typeof message === 'object' ? (message ?? {}) : {}) as { id?: unknown; kind?: unknown }
  return Number.isInteger(id) && ['start', 'swap', 'stats', 'stop'].includes(kind as string)
}

export type FromServer =
  | {
      readonly id: number
      readonly kind: 'done'
      readonly value: {
        readonly url?: string
        readonly version?: string
        readonly stats?: ServerStats
        readonly changes?: ChangeReport | null
      }
    }
  | { readonly id: number; readonly kind: 'failed'; readonly error: ErrorShape }
