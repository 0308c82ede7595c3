/** The split that fits, and what of the users cannot be learned from and tested: from counts, before a split and after one. */
import type { Finding } from '../../../contract/shapes/finding.ts'
import type { Split } from '../../../contract/shapes/dataset.ts'

/** Counts of interactions before their split. */
export interface Shape {
  /** users with interactions, and of these with one, and with two items or more */
  readonly users: number
  readonly usersOfOne: number
  readonly usersOfTwo: number
  readonly ordered: boolean
  /** null without time; `cut`: nine tenths of the interactions lie before it, of whose users `warm` have interactions after it */
  readonly time: {
    readonly from: number
    readonly to: number
    readonly cut: number
    readonly warm: number
    /** interactions at 0 or -1, as programs write a missing time, and those of after today */
    readonly zeros?: number
    readonly future?: number
  } | null
  /** whether there is a test file */
  readonly given: boolean
}

/** Where every second user is left out of what is measured, the metrics are of a minority. */
const MOST = 0.5
/** A cut in time must leave as many users to measure on as tell metrics apart by a few points, and a twentieth of them. */
const LEAST_WARM = 50
const LEAST_WARM_SHARE = 0.05
const DAY = 86_400
/** What lies beyond the first year is a time since 1970. */
const YEAR_ONE = 366 * DAY

/** From here on a time lies after today, whatever the zone. */
export const tomorrow = (): number => Date.now() / 1000 + DAY

/** A cut of a span is a day's midnight, of a span of days its second. */
export const roundedCut = (cut: number, { from, to }: { readonly from: number; readonly to: number }): number => {
  const midnight = Math.round(cut / DAY) * DAY
  return to - from > 20 * DAY && midnight > from && midnight <= to ? midnight : Math.ceil(cut)
}

/** `time:2024-01-31`, or with seconds since 1970. */
const timeSplit = (cut: number): string => `time:${cut % DAY === 0 ? new Date(cut * 1000).toISOString().slice(0, 10) : String(cut)}`

/** What is wrong before any split, and the split that fits with its reason; none where the test file is given. */
export function shapeFindings(shape: Shape): Finding[] {
  const { users, usersOfOne, usersOfTwo, time, ordered } = shape
  const findings: Finding[] = []
  if (usersOfOne >= MOST * users && usersOfOne > 1)
    findings.push({ code: 'one-event-users', values: { n: usersOfOne, users, share: usersOfOne / users } })
  const isOneTime = time !== null && time.from === time.to && users > 1
  if (isOneTime) findings.push({ code: 'one-time', values: {} })
  // times that count from a beginning of their own have a 0 of their own
  if (time?.zeros && time.cut > YEAR_ONE) findings.push({ code: 'time-zero', values: { n: time.zeros } })
  if (time?.future)
    findings.push({ code: 'time-future', values: { n: time.future, latest: new Date(time.to * 1000).toISOString().slice(0, 10) } })
  if (shape.given) return findings
  if (!ordered || isOneTime) findings.push(recommended('split-random', 'random:0.2', {}))
  else if (time !== null && time.warm >= Math.max(LEAST_WARM, LEAST_WARM_SHARE * usersOfTwo))
    findings.push(recommended('split-time', timeSplit(time.cut), { n: time.warm }))
  else if (usersOfTwo > 0) findings.push(recommended('split-leave-last', 'leave-last', { n: time?.warm ?? 0, users: usersOfTwo }))
  return findings
}

const recommended = (code: Finding['code'], split: string, values: Finding['values']): Finding => ({
  code,
  values: { split, ...values },
  split,
})

/** Counts of a split. */
export interface SplitCounts {
  readonly users: number
  readonly usersWithoutTest: number
  readonly train: number
  /** training interactions later than the earliest test interaction */
  readonly trainAfter: number
}

/** A tenth of the training part: below, what is known too early is a border of the cut. */
const FUTURE = 0.1

/** What a split leaves out, and what it lets be known too early. */
export function splitFindings(counts: SplitCounts, split: Split): Finding[] {
  const { users, usersWithoutTest, train, trainAfter } = counts
  const findings: Finding[] = []
  if (users > 1 && usersWithoutTest >= MOST * users)
    findings.push({ code: 'users-without-test', values: { n: usersWithoutTest, users, share: usersWithoutTest / users } })
  if (split.kind !== 'random' && trainAfter >= FUTURE * train && trainAfter > 0)
    findings.push({ code: 'future-in-training', values: { n: trainAfter, share: trainAfter / train } })
  return findings
}
