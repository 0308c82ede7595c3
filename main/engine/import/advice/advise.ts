/** All that speaks against a dataset as it was split, or for another split: linear passes over its arrays, and columns on samples. */
import { PART_CODE, type Split } from '../../../contract/shapes/dataset.ts'
import type { Finding } from '../../../contract/shapes/finding.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { Duck } from '../../dataset/duck.ts'
import type { Reread } from '../load-interactions.ts'
import type { InteractionColumns } from '../roles.ts'
import { countingColumns, duplicateRows, MOST_COMPARED, namingColumns, twinItems, type SplitData } from './leaks.ts'
import { popularityShift } from './popularity.ts'
import { rowColumns } from './row-columns.ts'
import { roundedCut, shapeFindings, splitFindings, tomorrow, type Shape, type SplitCounts } from './split-advice.ts'

/** What was found, the split first; a recommendation of the kind of split that was taken is none. */
export async function* advise(
  data: SplitData,
  { split, ordered, rereads }: { readonly split: Split; readonly ordered: boolean; readonly rereads: readonly Reread[] },
): Stage<Finding[]> {
  const findings = shapeFindings(shapeOfArrays(data, ordered)).filter((finding) => finding.split?.split(':')[0] !== split.kind)
  findings.push(...splitFindings(countsOf(data), split))
  if (split.kind === 'given') findings.push(...popularityShift(data.items, data.interactions.item, data.part))
  const checks: (() => Finding[] | Promise<Finding[]>)[] = [
    () => duplicateRows(data),
    () => namingColumns(data, 'user'),
    () => namingColumns(data, 'item'),
    () => countingColumns(data, 'item'),
    () => countingColumns(data, 'user'),
    () => twinItems(data),
    () => rowColumns(data, rereads, ordered),
  ]
  for (const [done, check] of checks.entries()) {
    yield { stage: 'look for leaks', done, total: checks.length, unit: 'steps' }
    findings.push(...(await check()))
  }
  if (data.items > MOST_COMPARED && data.columns.item.length > 0)
    findings.push({ code: 'not-checked', values: { what: `${data.items.toLocaleString('en-US')} items for near-duplicates` } })
  return findings
}

function shapeOfArrays({ users, interactions: { offsets, item, time, given } }: SplitData, ordered: boolean): Shape {
  const counts = { users: 0, usersOfOne: 0, usersOfTwo: 0 }
  for (let u = 0; u < users; u++) {
    const [from, to] = [offsets[u]!, offsets[u + 1]!]
    if (to === from) continue
    counts.users++
    if (to - from === 1) counts.usersOfOne++
    if (item.subarray(from, to).some((i) => i !== item[from])) counts.usersOfTwo++
  }
  const shape = { ...counts, ordered, given: given !== null }
  if (time === null) return { ...shape, time: null }
  // a cut need not be exact: of a million times it is within a thousandth
  const step = Math.ceil(time.length / 1_000_000)
  const sorted = Float64Array.from({ length: Math.ceil(time.length / step) }, (_, k) => time[k * step]!).sort()
  const span = { from: Infinity, to: -Infinity, zeros: 0, future: 0 }
  const end = tomorrow()
  for (const t of time) {
    ;[span.from, span.to] = [Math.min(span.from, t), Math.max(span.to, t)]
    if (t === 0 || t === -1) span.zeros++
    if (t > end) span.future++
  }
  const cut = roundedCut(sorted[Math.floor(0.9 * (sorted.length - 1))]!, span)
  let warm = 0
  for (let u = 0; u < users; u++) {
    const [from, to] = [offsets[u]!, offsets[u + 1]!]
    if (to > from && time[from]! < cut && time[to - 1]! >= cut) warm++
  }
  return { ...shape, time: { ...span, cut, warm } }
}

function countsOf({ users, interactions: { offsets, time }, part }: SplitData): SplitCounts {
  const counts = { users: 0, usersWithoutTest: 0, train: 0, trainAfter: 0 }
  let earliest = Infinity
  if (time !== null) for (let k = 0; k < part.length; k++) if (part[k] === PART_CODE.test) earliest = Math.min(earliest, time[k]!)
  for (let u = 0; u < users; u++) {
    const of = part.subarray(offsets[u], offsets[u + 1])
    if (of.includes(PART_CODE.train)) counts.users++
    if (of.includes(PART_CODE.train) && !of.includes(PART_CODE.test)) counts.usersWithoutTest++
  }
  for (let k = 0; k < part.length; k++) {
    if (part[k] !== PART_CODE.train) continue
    counts.train++
    if (time !== null && time[k]! > earliest) counts.trainAfter++
  }
  return counts
}

/** What the counts of a table `raw` warn of before a split. @param given whether there is a test file */
export async function foreseen(
  duck: Duck,
  { given, ordered, columns }: { readonly given: boolean; readonly ordered: boolean; readonly columns: InteractionColumns },
): Promise<Finding[]> {
  const span =
    columns.time === null
      ? null
      : await duck.one(
          `SELECT min(time) AS low, max(time) AS high, quantile_disc(time, 0.9) AS cut, count(*) FILTER (time IN (0, -1)) AS zeros, count(*) FILTER (time > ${tomorrow()}) AS future FROM raw`,
        )
  const bounds =
    span === null
      ? null
      : { from: Number(span['low']), to: Number(span['high']), zeros: Number(span['zeros']), future: Number(span['future']) }
  const cut = span === null || bounds === null ? 0 : roundedCut(Number(span['cut']), bounds)
  const ofUsers = `SELECT count(*) AS n, min(item) <> max(item) AS two, min(time) < ${cut} AND max(time) >= ${cut} AS warm FROM raw GROUP BY "user"`
  const { users, one, two, warm } = await duck.one(
    `SELECT count(*) AS users, count(*) FILTER (n = 1) AS one, count(*) FILTER (two) AS two, count(*) FILTER (warm) AS warm FROM (${ofUsers})`,
  )
  return shapeFindings({
    users: Number(users),
    usersOfOne: Number(one),
    usersOfTwo: Number(two),
    ordered,
    given,
    time: bounds === null ? null : { ...bounds, cut, warm: Number(warm) },
  })
}
