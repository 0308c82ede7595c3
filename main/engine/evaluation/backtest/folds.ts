/** Rolling folds of a dataset in time: what lies before a cut is the training part, what lies from there to the next cut is held out. */
import { conflict } from '../../../contract/errors.ts'
import { PART_CODE } from '../../../contract/shapes/dataset.ts'
import type { Dataset, Interactions } from '../../dataset/dataset.ts'
import { quantile } from '../paired.ts'

/** Seconds since 1970; from `cut` up to, and without, `end`. */
export interface Fold {
  readonly cut: number
  readonly end: number
}

/**
 * Periods of equal length between the time before which a share of all interactions lies and the last one.
 * @throws PylonError conflict where the dataset has no times, or all of one
 */
export function foldsOf({ manifest, interactions: { time } }: Dataset, count: number, start: number): Fold[] {
  if (time === null) throw conflict(`Dataset ${manifest.name} has no times: it has no past to stand in.`, 'dataset')
  const sorted = time.slice().sort()
  const [from, to] = [quantile(sorted, start), sorted.at(-1)! + 1]
  if (to - from <= count)
    throw conflict(`Nearly all interactions of dataset ${manifest.name} are of one time: there are no periods.`, 'dataset')
  const length = (to - from) / count
  return Array.from({ length: count }, (_, i) => ({ cut: from + i * length, end: i === count - 1 ? to : from + (i + 1) * length }))
}

/** The dataset as a fold sees it: nothing from its end on is in it. Users and items keep their places. */
export function datasetOf(dataset: Dataset, { cut, end }: Fold): Dataset {
  const { manifest, interactions: all } = dataset
  const time = all.time!
  const kept: number[] = []
  const offsets = new Int32Array(manifest.users + 1)
  for (let user = 0; user < manifest.users; user++) {
    for (let p = all.offsets[user]!; p < all.offsets[user + 1]!; p++) if (time[p]! < end) kept.push(p)
    offsets[user + 1] = kept.length
  }
  const part = Uint8Array.from(kept, (p) => (time[p]! < cut ? PART_CODE.train : PART_CODE.test))
  const trained = part.reduce((sum, code) => sum + Number(code === PART_CODE.train), 0)
  const interactions: Interactions = {
    length: kept.length,
    user: Int32Array.from(kept, (p) => all.user[p]!),
    item: Int32Array.from(kept, (p) => all.item[p]!),
    time: Float64Array.from(kept, (p) => time[p]!),
    weight: all.weight === null ? null : Float32Array.from(kept, (p) => all.weight![p]!),
    event: all.event === null ? null : Uint8Array.from(kept, (p) => all.event![p]!),
    part,
    offsets,
  }
  const parts = { train: trained, validation: 0, test: kept.length - trained, unused: all.length - kept.length }
  const split = { kind: 'time', cut, validationCut: null } as const
  return { ...dataset, interactions, manifest: { ...manifest, interactions: kept.length, parts, split } }
}
