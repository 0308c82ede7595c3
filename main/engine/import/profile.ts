/** Counts and shapes of a dataset that a person checks before training, from its arrays in a few linear passes. */
import { PART_CODE, type Profile } from '../../contract/shapes/dataset.ts'

export interface ProfileInput {
  readonly users: number
  readonly items: number
  readonly item: Int32Array
  readonly time: Float64Array | null
  readonly event: Uint8Array | null
  readonly events: readonly string[]
  readonly part: Uint8Array
  readonly offsets: Int32Array
  readonly itemsWithoutMetadata: number
  readonly usersWithoutMetadata: number
}

const BINS = 60

export function profileOf(input: ProfileInput): Profile {
  const { users, items, item, time, part, offsets } = input
  const interactions = item.length
  const perItem = new Int32Array(items)
  const inTrain = new Uint8Array(items)
  const heldOut = new Uint8Array(items)
  for (let k = 0; k < interactions; k++) {
    perItem[item[k]!]!++
    if (part[k] === PART_CODE.train) inTrain[item[k]!] = 1
    else if (part[k] !== PART_CODE.unused) heldOut[item[k]!] = 1
  }
  let [test, coldTest] = [0, 0]
  for (let k = 0; k < interactions; k++) {
    if (part[k] !== PART_CODE.test) continue
    test++
    if (inTrain[item[k]!] === 0) coldTest++
  }
  const perUser = offsets.subarray(1).map((end, u) => end - offsets[u]!)
  const coldUsers = countColdUsers(input)
  const duplicates = countDuplicates(input)
  const span = time === null ? null : extent(time)
  return {
    users,
    items,
    interactions,
    density: (interactions - duplicates) / (users * items),
    timeFrom: span?.[0] ?? null,
    timeTo: span?.[1] ?? null,
    duplicates,
    usersWithoutInteractions: perUser.reduce((n, c) => n + (c === 0 ? 1 : 0), 0),
    itemsWithoutInteractions: perItem.reduce((n, c) => n + (c === 0 ? 1 : 0), 0),
    itemsWithoutMetadata: input.itemsWithoutMetadata,
    usersWithoutMetadata: input.usersWithoutMetadata,
    coldItems: heldOut.reduce((n, held, i) => n + (held === 1 && inTrain[i] === 0 ? 1 : 0), 0),
    coldShare: test === 0 ? 0 : coldTest / test,
    longTail: longTail(perItem, interactions),
    interactionsPerUser: spread(perUser),
    interactionsPerItem: spread(perItem),
    userHistogram: histogram(perUser),
    itemHistogram: histogram(perItem),
    coldUsers: coldUsers.users,
    coldUserShare: test === 0 ? 0 : coldUsers.test / test,
    perEvent: perEvent(input),
    activity: span === null ? [] : activity(time!, span),
  }
}

function countDuplicates({ users, items, item, offsets }: ProfileInput): number {
  const seen = new Int32Array(items).fill(-1)
  let duplicates = 0
  for (let u = 0; u < users; u++) {
    for (let k = offsets[u]!; k < offsets[u + 1]!; k++) {
      if (seen[item[k]!] === u) duplicates++
      seen[item[k]!] = u
    }
  }
  return duplicates
}

/** Users without a training interaction who have a held-out one, and how many test interactions are theirs. */
function countColdUsers({ users, part, offsets }: ProfileInput): { users: number; test: number } {
  const cold = { users: 0, test: 0 }
  for (let u = 0; u < users; u++) {
    const of = part.subarray(offsets[u], offsets[u + 1])
    if (of.includes(PART_CODE.train)) continue
    const test = of.reduce((n, code) => n + Number(code === PART_CODE.test), 0)
    if (test > 0 || of.includes(PART_CODE.validation)) cold.users++
    cold.test += test
  }
  return cold
}

/** Entities by their count: 0, 1, 2–3, 4–7, 8–15, … */
function histogram(counts: Int32Array): number[] {
  const bins: number[] = []
  for (const count of counts) {
    const bin = count === 0 ? 0 : 32 - Math.clz32(count)
    while (bins.length <= bin) bins.push(0)
    bins[bin]!++
  }
  return bins
}

function extent(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** The share of interactions that the top 1%, 2% … 100% of items hold; at least one item counts as the top 1%. */
function longTail(perItem: Int32Array, interactions: number): number[] {
  const counts = perItem.toSorted((a, b) => b - a)
  const shares: number[] = []
  let [sum, at] = [0, 0]
  for (let percent = 1; percent <= 100; percent++) {
    for (const end = Math.max(1, Math.ceil((counts.length * percent) / 100)); at < end; at++) sum += counts[at]!
    shares.push(sum / interactions)
  }
  return shares
}

/** Median and 90th percentile are the nearest rank below. */
function spread(counts: Int32Array): Profile['interactionsPerUser'] {
  const sorted = counts.toSorted()
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  const sum = sorted.reduce((a, b) => a + b, 0)
  return { minimum: at(0), median: at(0.5), mean: sorted.length === 0 ? 0 : sum / sorted.length, p90: at(0.9), maximum: at(1) }
}

function perEvent({ event, events }: ProfileInput): number[] {
  const counts = events.map(() => 0)
  for (const code of event ?? []) counts[code]!++
  return counts
}

function activity(time: Float64Array, [from, to]: readonly [number, number]): number[] {
  const bins = new Array<number>(to > from ? BINS : 1).fill(0)
  const scale = to > from ? bins.length / (to - from) : 0
  for (const t of time) bins[Math.min(bins.length - 1, Math.floor((t - from) * scale))]!++
  return bins
}
