/** What has been trained, a JSON line each, so that a stopped command goes on where it was. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { TwoTowerSpec } from '../../../main/contract/shapes/spec.ts'
import type { Figures } from './train.ts'

export interface Result {
  /** of the dataset, the spec and its seed: cells of one spec are trained once, and a changed one anew */
  readonly hash: string
  /** for whoever reads the file */
  readonly label: string
  /** null: the loss became no number */
  readonly figures: Figures | null
}

export function hashOf(checksum: string, spec: TwoTowerSpec, shuffled: boolean): string {
  const hash = createHash('sha256').update(checksum).update(JSON.stringify(spec))
  return (shuffled ? hash.update('shuffled') : hash).digest('hex').slice(0, 16)
}

export class Results {
  readonly #path: string
  readonly #known = new Map<string, Figures | null>()

  constructor(path: string) {
    this.#path = path
    if (!existsSync(path)) return
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue
      const { hash, figures } = JSON.parse(line) as Result
      this.#known.set(hash, figures)
    }
  }

  /** undefined: not trained yet */
  get(hash: string): Figures | null | undefined {
    return this.#known.get(hash)
  }

  add(result: Result): void {
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`)
    this.#known.set(result.hash, result.figures)
  }
}
