/**
 * Runs that other trackers have told of: `tracked/ID.json` each, and no row of the database, as nothing is ranked or decided by them. A
 * source that is brought in again takes the place of what it told before.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { badInput, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import { trackedSummary, type TrackedSummary } from '../../contract/verbs/tracked.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { newId } from '../files/ids.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { entryNames, PRIVATE_MODE, safeFolderName } from './marker.ts'
import type { Workspace } from './workspace.ts'

export const TRACKED = 'tracked'

const fileSchema = z.strictObject({
  version: z.literal(1),
  run: trackedSummary,
  /** steps and values by metric; null where there was no number */
  curves: z.record(z.string(), z.strictObject({ steps: z.array(z.number()), values: z.array(z.number().nullable()) })),
})
type TrackedFile = z.infer<typeof fileSchema>
export type NewTracked = Omit<TrackedSummary, 'tracked' | 'importedAt'> & { readonly curves: TrackedFile['curves'] }

export class TrackedRuns {
  readonly #workspace: Workspace

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** @returns how many took the place of an earlier one of the same source */
  add(runs: readonly NewTracked[]): { added: TrackedSummary[]; replaced: number } {
    this.#workspace.checkWritable()
    mkdirSync(this.#root, { recursive: true, mode: PRIVATE_MODE })
    const before = new Map(this.list().map((each) => [sourceOf(each), each.tracked]))
    const importedAt = new Date().toISOString()
    let replaced = 0
    const added = runs.map(({ curves, ...run }) => {
      let id = before.get(sourceOf(run))
      if (id !== undefined) replaced++
      else
        do id = newId()
        while (existsSync(this.#file(id)))
      const summary = { ...run, tracked: id, importedAt }
      writeFileAtomicSync(this.#file(id), `${JSON.stringify({ version: 1, run: summary, curves } satisfies TrackedFile)}\n`)
      return summary
    })
    return { added, replaced }
  }

  /** Newest first. */
  list(dataset?: string): TrackedSummary[] {
    const names = existsSync(this.#root) ? entryNames(this.#root) : []
    return names
      .flatMap((name) => (name.endsWith('.json') ? (this.#read(name.slice(0, -5))?.run ?? []) : []))
      .filter((each) => dataset === undefined || each.dataset === dataset)
      .sort((a, b) => b.importedAt.localeCompare(a.importedAt) || a.name.localeCompare(b.name) || a.tracked.localeCompare(b.tracked))
  }

  /** By id, name (the newest) or the beginning of an id. @throws PylonError not-found, or bad-input where several begin so */
  resolve(text: string): TrackedFile {
    const all = this.list()
    const exact = all.find(({ tracked }) => tracked === text) ?? all.find(({ name }) => name === text)
    const found = exact === undefined ? (text === '' ? [] : all.filter(({ tracked }) => tracked.startsWith(text.toLowerCase()))) : [exact]
    if (found.length > 1)
      throw badInput(`Several tracked runs begin with "${text}": ${found.map(({ tracked }) => tracked).join(', ')}. Give more of the id.`)
    const names = all.flatMap(({ tracked, name }) => [tracked, name])
    if (found.length === 0) throw notFound(`There is no tracked run "${text}": ${didYouMean(text, names)}see pylon tracked.`)
    return this.#read(found[0]!.tracked)!
  }

  /** For good: where it came from it still is. @returns its id */
  remove(text: string): string {
    const { tracked } = this.resolve(text).run
    this.#workspace.checkWritable()
    rmSync(this.#file(tracked), { force: true })
    return tracked
  }

  get #root(): string {
    return join(this.#workspace.home, TRACKED)
  }

  #file(id: string): string {
    return join(this.#root, `${safeFolderName(id)}.json`)
  }

  #read(id: string): TrackedFile | null {
    return readJsonFileSync(this.#file(id), fileSchema)
  }
}

const sourceOf = ({ dataset, kind, from }: Pick<TrackedSummary, 'dataset' | 'kind' | 'from'>): string =>
  JSON.stringify([dataset, kind, from])
