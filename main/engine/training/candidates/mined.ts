/**
 * Hard negatives mined from the user's own list by the present model: items of a window of ranks (Huang et al. 2020: 101 to 500), known
 * positives left out. A few are kept for each user, drawn anew at every refresh by the seed.
 */
import type { ExtraNegativesSpec } from '../../../contract/shapes/spec.ts'
import { random } from '../random.ts'
import type { Proposal } from './sources.ts'

type MinedSpec = NonNullable<ExtraNegativesSpec['mined']>

/** items kept of each user's window */
const KEPT = 16

export class MinedLists {
  readonly #spec: MinedSpec
  readonly #seed: number
  /** [users × KEPT] items + 1; 0: none */
  readonly #lists: Float32Array

  constructor(spec: MinedSpec, users: number, seed: number) {
    this.#spec = spec
    this.#seed = seed
    this.#lists = new Float32Array(users * KEPT)
  }

  /** What a checkpoint keeps. */
  get state(): Readonly<Record<string, Float32Array>> {
    return { lists: this.#lists }
  }

  /** The last rank of the window: how deep a search must go. */
  get toRank(): number {
    return this.#spec.toRank
  }

  /** Whether the lists are to be made anew before an epoch (from 1). */
  isDue(epoch: number): boolean {
    const { startEpoch, refreshEpochs } = this.#spec
    return epoch >= startEpoch && (epoch - startEpoch) % refreshEpochs === 0
  }

  /** A user's items, or none: before the first mining, or by chance as often as the ratio of easy to hard asks. */
  of(user: number): Proposal {
    const perHard = 1 + this.#spec.easyPerHard
    const kept = this.#lists.subarray(user * KEPT, (user + 1) * KEPT)
    return {
      pick: (rng) => (rng.uniform() * perHard > 1 ? -1 : kept[rng.below(KEPT)]! - 1),
      probability(item) {
        const share = kept.reduce((times, each) => times + (each === item + 1 ? 1 : 0), 0) / KEPT
        return share / perHard + (item === -1 ? 1 - 1 / perHard : 0)
      },
    }
  }

  /** Draws a user's items from their ranked list, best first and −1 past its end; a list that is too short gives its last. */
  keep(user: number, ranked: Int32Array, epoch: number): void {
    const rng = random(this.#seed, 'mined', epoch * 2 ** 24 + user)
    const found = ranked.filter((item) => item >= 0)
    const window = found.subarray(Math.min(this.#spec.fromRank - 1, Math.max(0, found.length - 1)), this.#spec.toRank)
    for (let i = 0; i < KEPT; i++) this.#lists[user * KEPT + i] = window.length === 0 ? 0 : window[rng.below(window.length)]! + 1
  }
}
