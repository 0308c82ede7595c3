/** What the thread of the sockets and the thread of a model tell each other. */
import type { ErrorShape } from '../../contract/errors.ts'
import type { RowSchemas } from '../../engine/serving/row-schemas.ts'
import type { KnownIds } from '../../engine/serving/served.ts'
import type { ServeSource } from '../../engine/serving/server-messages.ts'
import type { UserEvents } from './changes.ts'

/** What a thread is started with: the model to load, the threads of one tower, and a folder for what is unpacked. */
export interface ModelThreadOptions {
  readonly source: ServeSource
  readonly threads: number
  readonly temp: string
}

export interface ModelInfo {
  readonly id: string
  readonly name: string
  readonly users: number
  readonly items: number
  readonly dim: number
  readonly known: KnownIds
}

/** Each question has a number; its answer bears it. */
export type ToModel = { readonly id: number } & (
  | { readonly kind: 'answer'; readonly route: string; readonly body: unknown; readonly events: UserEvents }
  | { readonly kind: 'absent'; readonly items: readonly string[] }
  | { readonly kind: 'schemas' }
  | { readonly kind: 'put'; readonly item: string; readonly row: Readonly<Record<string, unknown>> }
  | { readonly kind: 'remove'; readonly item: string }
  | { readonly kind: 'dispose' }
)

/**
 * `text`: an answer as JSON. `absent`: of the items that were asked about. `schemas`: of what requests may say.
 * `unknown`: ids of a request that are not here. `isNew`: of an item that was put. `warnings`: what of the request the model does not know.
 * The first message, number 0, says that the model is loaded.
 */
export type FromModel = { readonly id: number } & (
  | {
      readonly kind: 'done'
      readonly text?: string
      readonly isNew?: boolean
      readonly warnings?: readonly string[]
      readonly absent?: readonly string[]
      readonly unknown?: readonly string[]
      readonly schemas?: RowSchemas
      /** where they are others than those told last */
      readonly facts?: ModelInfo
    }
  | { readonly kind: 'failed'; readonly error: ErrorShape }
)
