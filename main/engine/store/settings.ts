/** Settings of the workspace, one row a setting. What an older or newer Pylon wrote and this one cannot read counts as not set. */
import { settingsSchema, type Settings } from '../../contract/shapes/settings.ts'
import { tryParseJson } from '../files/json-file.ts'
import type { Database } from './database.ts'

const UNSET: Settings = { threads: null, executor: 'onnxruntime', epochVectorsMb: 500, updates: false }

export class WorkspaceSettings {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  all(): Settings {
    const rows = this.#database.all<{ name: string; value: string }>('SELECT name, value FROM settings')
    const readable = rows.flatMap(({ name, value }) => {
      const part = settingsSchema.partial().safeParse({ [name]: tryParseJson(value) })
      return part.success ? [part.data] : []
    })
    return Object.assign({ ...UNSET }, ...readable) as Settings
  }

  /** What is undefined stays as it is. */
  set(part: { readonly [S in keyof Settings]?: Settings[S] | undefined }): void {
    const given = Object.entries<unknown>(part).filter(([, value]) => value !== undefined)
    this.#database.transaction(() => {
      for (const [name, value] of given) this.#database.insert('settings', { name, value: JSON.stringify(value) }, 'REPLACE')
    })
  }
}
