/** Request contexts of a user with some interactions left out: what a tower would read had they not happened. */
import { createBatcher } from '../features/batches.ts'
import { PART_CODE } from '../../contract/shapes/dataset.ts'
import type { BagRows, Inputs } from '../features/inputs.ts'
import type { FrozenEncoders } from '../features/encoded.ts'
import type { Dataset, Interactions } from '../dataset/dataset.ts'

interface Versions {
  /** the distinct contexts, a row each */
  readonly context: Inputs
  /** row of each version; the first has 0, and null says that a later one reads what the first does */
  readonly changed: readonly (number | null)[]
}

/** Whether a user tower reads a history at all. */
export function readsHistory(encoders: FrozenEncoders): boolean {
  return encoders.userLayout.contextBags.some(({ kind }) => kind === 'history')
}

/**
 * Contexts of a user as of the end of train and validation, the user being several users of a dataset of their own: one a version, each
 * without the interactions at its positions (among the user's, oldest first). What is held out stays, as it says when the request comes.
 * Costs one lookup an item of the catalogue and history feature.
 */
export async function ablatedContexts(
  encoders: FrozenEncoders,
  dataset: Dataset,
  user: number,
  versions: readonly ReadonlySet<number>[],
): Promise<Versions> {
  const interactions = copies(dataset.interactions, user, versions)
  const several: Dataset = { ...dataset, interactions, manifest: { ...dataset.manifest, users: versions.length } }
  const batcher = await createBatcher(encoders, several, { parts: [], eventCodes: null })
  const context = batcher.queryContext(
    Int32Array.from(versions, (_, i) => i),
    'train+validation',
  )
  return { context, changed: versions.map((_, i) => (i > 0 && sameRow(context.bags, 0, i) ? null : i)) }
}

/** The interactions of one user once a version, without those left out of it. */
function copies(all: Interactions, user: number, versions: readonly ReadonlySet<number>[]): Interactions {
  const [from, to] = [all.offsets[user]!, all.offsets[user + 1]!]
  const kept: number[] = []
  const owner: number[] = []
  const offsets = new Int32Array(versions.length + 1)
  for (const [v, without] of versions.entries()) {
    for (let p = from; p < to; p++) {
      if (without.has(p - from) && all.part[p]! !== PART_CODE.test) continue
      kept.push(p)
      owner.push(v)
    }
    offsets[v + 1] = kept.length
  }
  return {
    length: kept.length,
    user: Int32Array.from(owner),
    item: Int32Array.from(kept, (p) => all.item[p]!),
    time: all.time === null ? null : Float64Array.from(kept, (p) => all.time![p]!),
    weight: all.weight === null ? null : Float32Array.from(kept, (p) => all.weight![p]!),
    event: all.event === null ? null : Uint8Array.from(kept, (p) => all.event![p]!),
    part: Uint8Array.from(kept, (p) => all.part[p]!),
    offsets,
  }
}

/** Whether two rows read the same items (of the same age and event, where the tower reads those). */
function sameRow(bags: readonly BagRows[], a: number, b: number): boolean {
  return bags.every(({ offsets, indices, codes }) => {
    const [fromA, fromB, length] = [offsets[a]!, offsets[b]!, offsets[a + 1]! - offsets[a]!]
    if (offsets[b + 1]! - fromB !== length) return false
    const lists = codes === undefined ? [indices] : [indices, codes.ages, codes.events]
    for (const list of lists) for (let i = 0; i < length; i++) if (list[fromA + i] !== list[fromB + i]) return false
    return true
  })
}
