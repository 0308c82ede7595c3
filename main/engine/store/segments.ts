/**
 * The segments of a workspace: items of a dataset under a name. They are kept by their ids, so that a segment means the same items when
 * its dataset was imported anew or taken back out of the trash. Each is also one JSON file in `segments`, from which its row can be made
 * anew; not in its dataset's folder, which goes to the trash when the dataset is replaced.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { conflict, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { SegmentSummary } from '../../contract/verbs/segments.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { newId } from '../files/ids.ts'
import { tryParseJson } from '../files/json-file.ts'
import type { Database } from './database.ts'
import { checkedCell } from './json-cell.ts'
import { PRIVATE_MODE, safeFolderName } from './marker.ts'
import type { Workspace } from './workspace.ts'

/** The folder of the files, one a segment. */
export const SEGMENTS = 'segments'

export const segmentRowSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-z]{1,32}$/),
  name: z.string(),
  dataset: z.string(),
  created_at: z.string(),
  /** JSON */
  tags: z.string(),
  /** how many items, which lists are told without reading them */
  count: z.int(),
  /** their ids, JSON */
  items: z.string(),
})
type SegmentRow = z.infer<typeof segmentRowSchema>
type Listed = Omit<SegmentRow, 'items'>
const LISTED = 'id, name, dataset, created_at, tags, count'

export class Segments {
  readonly #database: Database
  readonly #workspace: Workspace

  constructor(database: Database, workspace: Workspace) {
    this.#database = database
    this.#workspace = workspace
  }

  /** Newest first. */
  list(): SegmentSummary[] {
    return this.#all('').map(summary)
  }

  /** By id, else the newest of that name. @throws PylonError not-found, with the nearest name */
  resolve(text: string): SegmentSummary {
    const [row] = this.#all('WHERE id = ?', text).concat(this.#all('WHERE name = ?', text))
    if (row !== undefined) return summary(row)
    const names = this.#all('').map((each) => each.name)
    throw notFound(`There is no segment "${text}": ${didYouMean(text, names)}see pylon segments.`, 'segment')
  }

  /** Ids of its items. */
  items(id: string): string[] {
    return checkedCell(this.row(id).items, `items of segment ${id}`, z.array(z.string()))
  }

  /** @throws PylonError conflict where the dataset has a segment of that name */
  create({
    name,
    dataset,
    items,
    tags,
  }: Pick<SegmentSummary, 'name' | 'dataset' | 'tags'> & { readonly items: readonly string[] }): string {
    return this.#database.transaction(() => {
      this.#checkFree(dataset, name)
      let id = newId()
      while (this.has(id)) id = newId()
      const kept = { items: JSON.stringify(items), tags: JSON.stringify(distinct(tags)) }
      this.#database.insert('segments', { id, name, dataset, created_at: new Date().toISOString(), count: items.length, ...kept })
      this.#write(id)
      return id
    })
  }

  /** @throws PylonError conflict where another segment of its dataset has the name */
  edit(id: string, { name, tags }: { readonly name?: string | undefined; readonly tags?: readonly string[] | undefined }): void {
    this.#database.transaction(() => {
      const row = this.row(id)
      if (name !== undefined && name !== row.name) this.#checkFree(row.dataset, name)
      this.#database.run(
        'UPDATE segments SET name = ?, tags = ? WHERE id = ?',
        name ?? row.name,
        tags === undefined ? row.tags : JSON.stringify(distinct(tags)),
        id,
      )
      this.#write(id)
    })
  }

  has(id: string): boolean {
    return this.#database.get('SELECT 1 FROM segments WHERE id = ?', id) !== undefined
  }

  /** All that is known of one. */
  row(id: string): SegmentRow {
    return this.#database.get<SegmentRow>(`SELECT ${LISTED}, items FROM segments WHERE id = ?`, id)!
  }

  /** Puts one back as it was. @throws PylonError conflict where its name was given away meanwhile */
  restore(row: SegmentRow): void {
    if (this.has(row.id)) throw conflict(`There is a segment ${row.id} already.`)
    this.#checkFree(row.dataset, row.name)
    this.#database.insert('segments', row)
  }

  /** Makes the row of a segment anew from its file, where there is none. @returns why not; null where it is there now */
  restoreFile(text: string): string | null {
    const { data: row } = segmentRowSchema.safeParse(tryParseJson(text))
    if (row === undefined) return 'it is no file of a segment.'
    if (this.has(row.id)) return null
    if (this.#named(row.dataset, row.name) !== undefined) return `dataset ${row.dataset} has another segment "${row.name}".`
    this.#database.insert('segments', row)
    return null
  }

  /** Its row alone. */
  forget(id: string): void {
    this.#database.run('DELETE FROM segments WHERE id = ?', id)
  }

  /** All that a segment is. */
  file(id: string): string {
    return join(this.#workspace.home, SEGMENTS, `${safeFolderName(id)}.json`)
  }

  /** Writes the files that are not there: of version 0.13.0, which kept rows alone. */
  writeMissing(): void {
    for (const { id } of this.#all('')) if (!existsSync(this.file(id))) this.#write(id)
  }

  #write(id: string): void {
    mkdirSync(join(this.#workspace.home, SEGMENTS), { recursive: true, mode: PRIVATE_MODE })
    writeFileAtomicSync(this.file(id), `${JSON.stringify(this.row(id))}\n`)
  }

  #all(where: string, ...values: string[]): Listed[] {
    return this.#database.all<Listed>(`SELECT ${LISTED} FROM segments ${where} ORDER BY created_at DESC, id DESC`, ...values)
  }

  #named(dataset: string, name: string): { id: string } | undefined {
    return this.#database.get<{ id: string }>('SELECT id FROM segments WHERE dataset = ? AND name = ?', dataset, name)
  }

  #checkFree(dataset: string, name: string): void {
    const taken = this.#named(dataset, name)
    if (taken !== undefined)
      throw conflict(
        `Dataset ${dataset} has a segment "${name}" already (${taken.id}): give another name, or delete that one first.`,
        'name',
      )
  }
}

const distinct = (tags: readonly string[]): string[] => [...new Set(tags)].sort()

function summary({ id, name, dataset, created_at: createdAt, tags, count }: Listed): SegmentSummary {
  return { segment: id, name, dataset, tags: checkedCell(tags, `tags of segment ${id}`, z.array(z.string())), items: count, createdAt }
}
