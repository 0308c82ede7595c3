/** A dataset as if only some of its users had done anything: for trials that need not see all. */
import type { Dataset, Interactions } from './dataset.ts'

/** The same users and items under the same indices; of users not among `users` no interaction is left. */
export function ofUsers(dataset: Dataset, users: Int32Array): Dataset {
  const { interactions: all, manifest } = dataset
  const kept = new Uint8Array(manifest.users)
  for (const user of users) kept[user] = 1
  const positions = Int32Array.from({ length: all.length }, (_, p) => p).filter((p) => kept[all.user[p]!] === 1)
  const offsets = new Int32Array(manifest.users + 1)
  for (const p of positions) offsets[all.user[p]! + 1]!++
  for (let user = 0; user < manifest.users; user++) offsets[user + 1]! += offsets[user]!
  const interactions: Interactions = {
    length: positions.length,
    user: positions.map((p) => all.user[p]!),
    item: positions.map((p) => all.item[p]!),
    time: all.time && Float64Array.from(positions, (p) => all.time![p]!),
    weight: all.weight && Float32Array.from(positions, (p) => all.weight![p]!),
    event: all.event && Uint8Array.from(positions, (p) => all.event![p]!),
    part: Uint8Array.from(positions, (p) => all.part[p]!),
    offsets,
  }
  return { ...dataset, interactions }
}
