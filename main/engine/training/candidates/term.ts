/** What a term of the loss is fed: of each row of the batch, and of each block of candidates. */
import type { Feeds } from '../../compute/graph-session.ts'
import { MASKED } from '../../towers/losses.ts'
import type { Correction } from './correction.ts'
import type { BlockPorts, RowPorts } from './ports.ts'

/** Buffers of a term for the rows of a batch, made once. */
export class RowFeeds {
  /** [batch]: negatives that are left of a row, of the blocks counted since the last feeds */
  readonly negativesLeft: Int32Array
  readonly #inverseCount: Float32Array
  readonly #bias: Float32Array
  readonly #correction: Correction
  readonly #ports: RowPorts

  constructor(batch: number, correction: Correction, ports: RowPorts) {
    this.negativesLeft = new Int32Array(batch)
    this.#inverseCount = new Float32Array(batch)
    this.#bias = new Float32Array(batch)
    this.#correction = correction
    this.#ports = ports
  }

  /** Adds a block's negatives of each row, those masked left out, at most the hardest. */
  count(pairs: Int32Array, candidates: number, hardest: number | null): void {
    const { negativesLeft } = this
    const ofBlock = new Int32Array(negativesLeft.length).fill(candidates)
    for (let p = 0; p < pairs.length; p += 2) ofBlock[pairs[p]!]!--
    const most = hardest ?? Infinity
    for (let row = 0; row < negativesLeft.length; row++) negativesLeft[row]! += Math.min(most, Math.max(0, ofBlock[row]!))
  }

  /** Feeds of the rows once all blocks are counted; counting begins anew. @param positives each row's item */
  feeds(positives: Int32Array, weight: Float32Array): Feeds {
    const { negativesLeft } = this
    for (let row = 0; row < negativesLeft.length; row++) {
      const left = negativesLeft[row]!
      this.#inverseCount[row] = left === 0 ? 0 : 1 / left
      this.#bias[row] = this.#correction.positive(positives[row]!, left)
    }
    negativesLeft.fill(0)
    const { positiveBias, inverseCount, weight: weights } = this.#ports
    return { ...positiveBias.feed(this.#bias), ...inverseCount.feed(this.#inverseCount), ...weights.feed(weight) }
  }
}

/** Feeds of a block of candidates. @param pairs (row, candidate) that are no negatives */
export function blockFeeds(ports: BlockPorts, bias: Float32Array, pairs: Int32Array): Feeds {
  const values = new Float32Array(pairs.length / 2).fill(MASKED)
  return { ...ports.bias.feed(bias), ...ports.masked.feed(pairs), ...ports.maskValue.feed(values) }
}
