/** What a term of the loss is fed: of each row of the batch, and of each block of candidates. */
import type { Numbers } from '../../compute/session.ts'
import { MASKED } from '../../towers/losses.ts'
import type { Correction } from '../candidates/correction.ts'
import { type MEMORY, rowInput } from './program.ts'

/** Buffers of a term for the rows of a batch, made once. */
export class Rows {
  /** [batch]: negatives that are left of a row, of the blocks counted since the last feeds */
  readonly open: Int32Array
  readonly #inverseCount: Float32Array
  readonly #bias: Float32Array
  readonly #correction: Correction
  readonly #term: typeof MEMORY | undefined

  constructor(batch: number, correction: Correction, term?: typeof MEMORY) {
    this.open = new Int32Array(batch)
    this.#inverseCount = new Float32Array(batch)
    this.#bias = new Float32Array(batch)
    this.#correction = correction
    this.#term = term
  }

  /** Adds a block's negatives of each row, those masked left out, at most the hardest. */
  count(pairs: Int32Array, candidates: number, hardest: number | null): void {
    const { open } = this
    const left = new Int32Array(open.length).fill(candidates)
    for (let p = 0; p < pairs.length; p += 2) left[pairs[p]!]!--
    const most = hardest ?? Infinity
    for (let row = 0; row < open.length; row++) open[row]! += Math.min(most, Math.max(0, left[row]!))
  }

  /** Feeds of the rows once all blocks are counted; counting begins anew. @param positives each row's item */
  feeds(positives: Int32Array, weight: Float32Array): Record<string, Numbers> {
    for (let row = 0; row < this.open.length; row++) {
      const open = this.open[row]!
      this.#inverseCount[row] = open === 0 ? 0 : 1 / open
      this.#bias[row] = this.#correction.positive(positives[row]!, open)
    }
    this.open.fill(0)
    return {
      [rowInput('positive_bias', this.#term)]: this.#bias,
      [rowInput('inverse_count', this.#term)]: this.#inverseCount,
      [rowInput('weight', this.#term)]: weight,
    }
  }
}

/** Feeds of a block of candidates. @param pairs (row, candidate) that are no negatives */
export function blockFeeds(name: string, bias: Float32Array, pairs: Int32Array): Record<string, Numbers> {
  return { [`bias:${name}`]: bias, [`masked:${name}`]: pairs, [`mask_value:${name}`]: new Float32Array(pairs.length / 2).fill(MASKED) }
}
