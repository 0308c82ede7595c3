/**
 * The trash: `trash/<entry>/` holds what was deleted, as `content`; `entry.json` says what it was, and `rows.json` keeps the rows of a run
 * or segment.
 * What is in it can be taken back until the trash is emptied. An entry is called `<entry>.moving` until the database has let go of what
 * it holds: a crash in between leaves it so, and the next opening sees which of the two was last.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { badData, conflict, notFound } from '../../contract/errors.ts'
import { datasetManifestSchema } from '../../contract/shapes/dataset.ts'
import type { TrashEntry } from '../../contract/shapes/workspace.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { readUnlessAbsent } from '../files/error-code.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { sizeOf } from '../files/size.ts'
import { newId } from '../files/ids.ts'
import { entryNames, PRIVATE_MODE } from './marker.ts'
import { renameDurably, type Workspace } from './workspace.ts'

const ENTRY = 'entry.json'
const ROWS = 'rows.json'
const CONTENT = 'content'
const MOVING = '.moving'

const keptSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), name: z.string(), run: z.string() }),
  z.strictObject({ kind: z.literal('dataset'), name: z.string(), manifest: datasetManifestSchema }),
  /** `runs`: its trials that were deleted with it, each an entry of its own */
  z.strictObject({ kind: z.literal('search'), name: z.string(), search: z.string(), runs: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('backtest'), name: z.string(), backtest: z.string() }),
  z.strictObject({ kind: z.literal('segment'), name: z.string(), segment: z.string() }),
  /** something that no row of the database knew; `from` is where it lay in the workspace */
  z.strictObject({ kind: z.literal('stray'), name: z.string(), from: z.string() }),
])
export type TrashRecord = z.infer<typeof keptSchema>
const entrySchema = z.strictObject({ version: z.literal(1), deletedAt: z.string(), kept: keptSchema })

/** What an entry is known by: an id, a dataset's name, the place of a stray. */
export function whatOf(kept: TrashRecord): string {
  switch (kept.kind) {
    case 'run':
      return kept.run
    case 'dataset':
      return kept.name
    case 'search':
      return kept.search
    case 'backtest':
      return kept.backtest
    case 'segment':
      return kept.segment
    case 'stray':
      return kept.from
  }
}

export class Trash {
  readonly #workspace: Workspace
  readonly #folder: string

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.#folder = join(workspace.home, 'trash')
  }

  /**
   * Moves `path` into a new entry, fine where there is nothing at it or none, and calls `settle`, which makes the database let go of it; where
   * that throws, all is as before. @returns the entry's id
   */
  put(kept: TrashRecord, path: string | null, settle: () => void = () => undefined, rows: object | null = null): string {
    this.#workspace.checkWritable()
    return this.#workspace.whenFull(() => {
      const id = this.#freeId()
      const entryFolder = join(this.#folder, `${id}.${this.#workspace.engines.engine}${MOVING}`)
      mkdirSync(entryFolder, { mode: PRIVATE_MODE })
      let moved = false
      try {
        if (rows !== null) writeFileAtomicSync(join(entryFolder, ROWS), JSON.stringify(rows))
        writeFileAtomicSync(join(entryFolder, ENTRY), JSON.stringify({ version: 1, deletedAt: new Date().toISOString(), kept }))
        if (path !== null && existsSync(path)) {
          renameSync(path, join(entryFolder, CONTENT))
          moved = true
        }
        settle()
      } catch (error) {
        if (moved) renameSync(join(entryFolder, CONTENT), path!)
        rmSync(entryFolder, { recursive: true, force: true })
        throw error
      }
      renameSync(entryFolder, join(this.#folder, id))
      return id
    })
  }

  /** Entries whose putting was cut off by the death of its engine. */
  unsettled(): { entry: string; kept: TrashRecord | null; moved: boolean }[] {
    return entryNames(this.#folder)
      .filter((name) => name.endsWith(MOVING) && !this.#workspace.engines.isAlive(name.split('.')[1] ?? ''))
      .map((entry) => ({ entry, kept: this.#read(entry)?.kept ?? null, moved: existsSync(join(this.#folder, entry, CONTENT)) }))
  }

  /** Forgets an unsettled entry that nothing was moved into. */
  drop(entry: string): void {
    rmSync(join(this.#folder, entry), { recursive: true, force: true })
  }

  /** Ends the putting of an unsettled entry. */
  settle(entry: string): void {
    renameSync(join(this.#folder, entry), join(this.#folder, entry.split('.')[0]!))
  }

  /** Newest first. Costs a walk through all files, for their sizes. */
  list(): TrashEntry[] {
    return this.#entries().map((entry) => ({ ...entry, bytes: sizeOf(join(this.#folder, entry.id)) }))
  }

  /** Ids of all entries, newest first. */
  ids(): string[] {
    return this.#entries().map(({ id }) => id)
  }

  /** Newest first; what cannot be read as an entry is a stray, which can only be removed. */
  #entries(): Omit<TrashEntry, 'bytes'>[] {
    return entryNames(this.#folder)
      .filter((id) => !id.endsWith(MOVING))
      .map((id) => {
        const entry = this.#read(id)
        if (entry === null) {
          const deletedAt = lstatSync(join(this.#folder, id)).mtime.toISOString()
          return { id, kind: 'stray' as const, name: id, what: `trash/${id}`, deletedAt }
        }
        const { kept, deletedAt } = entry
        const what = whatOf(kept)
        return { id, kind: kept.kind, name: kept.name, what, deletedAt }
      })
      .sort((a, b) => b.deletedAt.localeCompare(a.deletedAt) || b.id.localeCompare(a.id))
  }

  /** The newest entry of that run; null where there is none. */
  entryOf(run: string): string | null {
    return this.#entries().find(({ kind, what }) => kind === 'run' && what === run)?.id ?? null
  }

  /** The entry of that id, or the newest that was the run, dataset or place of that name. @throws PylonError not-found */
  find(text: string): { id: string; kept: TrashRecord } {
    const found = this.#entries().find((entry) => [entry.id, entry.what, entry.name].includes(text))
    const entry = found === undefined ? null : this.#read(found.id)
    if (found === undefined || entry === null) throw notFound(`There is no "${text}" in the trash: see pylon trash.`)
    return { id: found.id, kept: entry.kept }
  }

  /**
   * Moves the content of an entry to `to`; the entry itself stays until it is emptied.
   * @throws PylonError conflict where something is there
   */
  takeOut(id: string, to: string): void {
    const content = join(this.#folder, id, CONTENT)
    if (existsSync(to)) throw conflict(`${to} is there already: move it away first, then take ${id} back.`)
    if (existsSync(content)) renameDurably(content, to)
  }

  /** The text of an entry whose content is a file; '' where it has none. */
  text(id: string): string {
    return readUnlessAbsent(() => readFileSync(join(this.#folder, id, CONTENT), 'utf8'), '')
  }

  /** The rows of what is in the trash. @throws PylonError bad-data where they cannot be read */
  rows<S extends z.ZodType>(id: string, schema: S): z.output<S> {
    const path = join(this.#folder, id, ROWS)
    const record = readJsonFileSync(path, schema)
    if (record === null) throw badData('Its rows cannot be read: what files it had are beside, in content.', path)
    return record
  }

  /** Removes entries for good, all unless some are named. @returns what that freed */
  empty(ids: readonly string[] = this.ids()): { removed: number; bytes: number } {
    this.#workspace.checkWritable()
    let bytes = 0
    for (const id of ids) {
      const place = join(this.#folder, basename(id))
      bytes += sizeOf(place)
      // the entry itself last: one that is half gone can still be emptied
      rmSync(join(place, CONTENT), { recursive: true, force: true })
      rmSync(place, { recursive: true, force: true })
    }
    return { removed: ids.length, bytes }
  }

  /** Never what another entry is known by: those have no `t` before them. */
  #freeId(): string {
    const taken = new Set(entryNames(this.#folder).map((name) => name.split('.')[0]))
    let id: string
    do id = `t${newId()}`
    while (taken.has(id))
    return id
  }

  #read(id: string): z.infer<typeof entrySchema> | null {
    const path = join(this.#folder, id, ENTRY)
    return readUnlessAbsent(() => statSync(path).isFile(), false) ? readJsonFileSync(path, entrySchema) : null
  }
}
