/**
 * The backtests of a workspace: `backtests/ID/backtest.json` says what was asked, how far it is and what was found; beside it `work/` keeps
 * what each fold found until the end, so that one whose process died goes on from there. A file is all there is: no row of the database.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { badInput, conflict, notFound } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import {
  backtestInput,
  backtestResult,
  type BacktestResult,
  type BacktestState,
  type BacktestSummary,
} from '../../contract/verbs/backtest.ts'
import { writeFileAtomicSync } from '../files/atomic.ts'
import { newId } from '../files/ids.ts'
import { readJsonFileSync } from '../files/json-file.ts'
import { entryNames, PRIVATE_MODE, safeFolderName } from './marker.ts'
import type { Trash } from './trash.ts'
import type { Workspace } from './workspace.ts'

export const BACKTESTS = 'backtests'
const FILE = 'backtest.json'
const WORK = 'work'

const fileSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-z]{1,32}$/),
  /** of the dataset as it was */
  checksum: z.string(),
  createdAt: z.string(),
  ask: backtestInput,
  /** resolved when it was asked for, so that another version goes on with the same */
  recipes: z.array(z.strictObject({ recipe: z.string(), spec: z.record(z.string(), z.unknown()) })),
  state: z.enum(['running', 'finished', 'cancelled', 'failed']),
  /** the engine that works on it */
  owner: z.string().nullable(),
  error: z.string().nullable(),
  result: backtestResult.nullable(),
})
type BacktestFile = z.infer<typeof fileSchema>
export type NewBacktest = Pick<BacktestFile, 'ask' | 'checksum' | 'recipes'> & { readonly owner: string }

export class Backtests {
  readonly #workspace: Workspace
  readonly #trash: Trash

  constructor(workspace: Workspace, trash: Trash) {
    this.#workspace = workspace
    this.#trash = trash
  }

  /** @returns its id */
  create({ ask, checksum, recipes, owner }: NewBacktest): string {
    let id = newId()
    while (existsSync(this.folder(id))) id = newId()
    mkdirSync(this.folder(id), { recursive: true, mode: PRIVATE_MODE })
    const createdAt = new Date().toISOString()
    this.#write({ version: 1, id, checksum, createdAt, ask, recipes, state: 'running', owner, error: null, result: null })
    return id
  }

  /** Newest first. */
  list(): BacktestSummary[] {
    const names = existsSync(this.#root) ? entryNames(this.#root) : []
    return names
      .flatMap((id) => this.#read(id) ?? [])
      .map((file) => this.summary(file))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.backtest.localeCompare(a.backtest))
  }

  /** The backtest of that id, or the beginning of one. @throws PylonError not-found, or bad-input where several begin so */
  resolve(text: string): BacktestFile {
    const ids = this.list().map(({ backtest }) => backtest)
    const found = ids.includes(text) ? [text] : text === '' ? [] : ids.filter((id) => id.startsWith(text.toLowerCase()))
    if (found.length > 1) throw badInput(`Several backtests begin with "${text}": ${found.join(', ')}. Give more of the id.`, 'backtest')
    if (found.length === 0) throw notFound(`There is no backtest "${text}": ${didYouMean(text, ids)}see pylon backtests.`)
    return this.#read(found[0]!)!
  }

  /** One whose engine is dead is interrupted. */
  stateOf({ state, owner }: Pick<BacktestFile, 'state' | 'owner'>): BacktestState {
    return state === 'running' && (owner === null || !this.#workspace.engines.isAlive(owner)) ? 'interrupted' : state
  }

  summary(file: BacktestFile): BacktestSummary {
    const { id, ask, createdAt, error, recipes } = file
    const state = this.stateOf(file)
    const total = recipes.length * ask.folds
    return {
      backtest: id,
      dataset: ask.dataset,
      recipes: recipes.map(({ recipe }) => recipe),
      metric: ask.metric,
      folds: ask.folds,
      state,
      createdAt,
      done: state === 'finished' ? total : this.#parts(id),
      total,
      error,
    }
  }

  /** Takes one over to go on with it. @throws PylonError conflict where it is finished, or somebody works on it */
  claim(file: BacktestFile, owner: string): void {
    const state = this.stateOf(file)
    if (state === 'finished' || state === 'running') throw conflict(`Backtest ${file.id} is ${state}: there is nothing to go on with.`)
    this.#write({ ...file, state: 'running', owner, error: null })
  }

  /** What was found is kept, and what it was found by goes. */
  finish(id: string, result: BacktestResult): void {
    this.#write({ ...this.resolve(id), state: 'finished', owner: null, result })
    rmSync(this.work(id), { recursive: true, force: true })
  }

  stop(id: string, state: 'cancelled' | 'failed', error: string | null): void {
    this.#write({ ...this.resolve(id), state, owner: null, error })
  }

  /** To the trash, or with `forever` away. @throws PylonError conflict while somebody works on it */
  remove(text: string, { forever }: { readonly forever: boolean }): string {
    const file = this.resolve(text)
    if (this.stateOf(file) === 'running') throw conflict(`Backtest ${file.id} is running: stop it first.`)
    this.#workspace.checkWritable()
    if (forever) rmSync(this.folder(file.id), { recursive: true, force: true })
    else
      this.#trash.put(
        { kind: 'backtest', name: `${file.ask.dataset}: ${file.ask.recipe.join(', ')}`, backtest: file.id },
        this.folder(file.id),
      )
    return file.id
  }

  folder(id: string): string {
    return join(this.#root, safeFolderName(id))
  }

  /** What folds have found so far, and the models that are trained further. */
  work(id: string): string {
    return join(this.folder(id), WORK)
  }

  get #root(): string {
    return join(this.#workspace.home, BACKTESTS)
  }

  #parts(id: string): number {
    return existsSync(this.work(id)) ? readdirSync(this.work(id)).filter((name) => name.endsWith('.json')).length : 0
  }

  #read(id: string): BacktestFile | null {
    return readJsonFileSync(join(this.folder(id), FILE), fileSchema)
  }

  #write(file: BacktestFile): void {
    writeFileAtomicSync(join(this.folder(file.id), FILE), `${JSON.stringify(file)}\n`)
  }
}
