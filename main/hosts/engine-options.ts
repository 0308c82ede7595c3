/** The options that a host starts an engine's process with, as its one argument. */
import type { PathPolicy } from '../engine/files/path-guard.ts'

/** What pages of a browser host may name, and where their uploads lie. */
export interface PageAccess {
  readonly paths: PathPolicy
  /** read, and removed when they are imported; absolute and free of links */
  readonly uploads: string
}

export interface EngineOptions {
  /** null: the usual one of this system */
  readonly home: string | null
  /** null: any path, as on the user's own desktop */
  readonly confined: PageAccess | null
}
