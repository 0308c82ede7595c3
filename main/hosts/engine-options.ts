/** What an engine's process is started with. */

/** Folders that pages may name paths in; absolute and free of links. */
export interface Confinement {
  /** read from: the folders named by the user */
  readonly roots: readonly string[]
  /** uploaded files, read and then removed */
  readonly uploads: string
  /** written to */
  readonly downloads: string
}

export interface EngineOptions {
  /** null: the usual one of this system */
  readonly home: string | null
  /** null: any path, as on the user's own desktop */
  readonly confined: Confinement | null
}
