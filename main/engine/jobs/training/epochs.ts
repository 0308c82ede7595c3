/**
 * Keeps the vectors of a run's epochs while it is trained, within its budget. An epoch's are written before its checkpoint, so that no
 * checkpoint is of an epoch whose vectors are missing; what a killed run has written beyond its checkpoint goes when it is resumed, and
 * is made again. They are recorded at the end of the pass.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  epochBytes,
  epochFile,
  epochsIn,
  epochsToKeep,
  type EpochVectors,
  isWholeEpoch,
  removeEpochs,
  writeEpoch,
} from '../../model/epoch-vectors.ts'
import type { JobFact, TrainJob } from '../../queue/job-types.ts'
import { warning } from './fit-facts.ts'
import { artefact } from './write.ts'

export class EpochKeeper {
  readonly #folder: string
  readonly #budget: number
  readonly #dim: number
  #first = 1

  /** @param behind the epochs that a resumed state has behind it; null: it begins */
  constructor({ runFolder, epochBudget = 0 }: Pick<TrainJob, 'runFolder' | 'epochBudget'>, dim: number, behind: number | null) {
    this.#folder = runFolder
    this.#budget = epochBudget
    this.#dim = dim
    removeEpochs(runFolder, (epoch) => behind !== null && epoch <= behind)
    if (epochsIn(runFolder)[0] === 0) this.#first = 0
  }

  get keeps(): boolean {
    return this.#budget > 0
  }

  /** Writes the vectors after an epoch, or of the start (epoch 0), where they are to stay, and lets go what then has no place. */
  async keep(epoch: number, best: number, vectors: EpochVectors | null): Promise<void> {
    if (!this.keeps || vectors === null) return
    if (epoch === 0) this.#first = 0
    const kept = epochsToKeep(this.#first, epoch, best, Math.floor(this.#budget / epochBytes(vectors)))
    removeEpochs(this.#folder, (each) => kept.has(each))
    if (kept.has(epoch)) await writeEpoch(this.#folder, epoch, vectors, this.#dim)
  }

  /**
   * Tells of the files that stay; what lay in their place meanwhile and is not theirs goes. The best epoch's are written where they are
   * missing: another budget, or an earlier checkpoint, was gone on from.
   */
  async *finish(best: number, vectors: EpochVectors | null): AsyncGenerator<JobFact, void> {
    if (!this.keeps) return
    const damaged = new Set<number>()
    for (const epoch of epochsIn(this.#folder)) if (!(await isWholeEpoch(this.#folder, epoch))) damaged.add(epoch)
    removeEpochs(this.#folder, (epoch) => !damaged.has(epoch))
    for (const epoch of damaged)
      yield warning(`${epochFile(epoch)} is not what was written: the run goes without the vectors of that epoch.`)
    if (vectors !== null && !existsSync(join(this.#folder, epochFile(best)))) {
      const last = Math.max(best, ...epochsIn(this.#folder))
      const kept = epochsToKeep(this.#first, last, best, Math.floor(this.#budget / epochBytes(vectors)))
      removeEpochs(this.#folder, (each) => kept.has(each))
      if (kept.has(best)) await writeEpoch(this.#folder, best, vectors, this.#dim)
    }
    for (const epoch of epochsIn(this.#folder)) yield await artefact(this.#folder, epochFile(epoch))
  }
}
