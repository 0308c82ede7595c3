/**
 * How what a server was asked differs from the held-out queries that its run is measured on: the columns that requests describe users and
 * items by, ids that the model does not know, items that the index lacks. What differs is put into the held-out queries too, and they are
 * ranked again: that is what it costs.
 */
import type { Stage } from '../../../contract/shapes/progress.ts'
import { EARLIER_PARTS, type Protocol } from '../../../contract/shapes/protocol.ts'
import type { SkewResult, SkewRow } from '../../../contract/verbs/skew.ts'
import type { ColumnValues, Dataset } from '../../dataset/dataset.ts'
import { beforeTest, InteractionSelection } from '../../dataset/interactions.ts'
import { falseDiscoveryRates } from '../../evaluation/correction.ts'
import { mean } from '../../evaluation/moments.ts'
import { bootstrapInterval } from '../../evaluation/paired.ts'
import { rowColumns } from '../../features/encode.ts'
import type { FrozenFeature } from '../../features/encoded.ts'
import { isSentence, kindOf } from '../../features/kinds.ts'
import { historyVocabulary } from '../../features/typed-context.ts'
import { rowLookup, type Vocabulary } from '../../features/vocabulary.ts'
import { random, type Random } from '../../training/random.ts'
import { type Asked, askedOf } from './asked.ts'
import type { RequestsRead } from './log.ts'
import { Queries, type SkewOptions } from './queries.ts'
import { permutationTest, stabilityIndex } from './shares.ts'
import { altered, changeOf, coded, FEW_UNKNOWN, plainValues } from './values.ts'

/** Values in the log that a row is told of from; adjusted p, and the index or the further share unknown, that make a finding. */
const [FEWEST, LEVEL, LITTLE] = [20, 0.05, 0.1]
const ABSENT_NAMED = 10
type Measured = Omit<SkewRow, 'adjusted' | 'cost'>

/** A row, and the metric of each held-out query with its skew; null where that cannot be put into them. */
interface Candidate {
  readonly row: Measured
  readonly again: (() => Promise<Float64Array>) | null
}

export async function* measureSkew(
  options: SkewOptions,
  { requests, lost, unread }: RequestsRead,
): Stage<Omit<SkewResult, 'run' | 'metric' | 'protocol'>> {
  const { dataset, users, towers, seed } = options
  const { encoders } = towers
  const histories = encoders.user.flatMap(({ feature }) => (feature.kind === 'history' ? [feature.name] : []))
  const asked = askedOf(requests, histories)
  const queries = await Queries.open(options)
  const value = mean(queries.values)
  const candidates = [...(await columnRows(options, asked, queries)), ...(await idRows(options, asked, queries, histories))]
  const rates = falseDiscoveryRates(candidates.map(({ row }) => row.p))
  const rows: SkewRow[] = []
  for (const [i, { row, again }] of candidates.entries()) {
    yield { stage: 'measure skew', done: i, total: candidates.length, unit: 'columns', note: row.name }
    const adjusted = rates[i]!
    const isMore = row.unknown !== null && row.unknown.now - row.unknown.before >= FEW_UNKNOWN
    if (adjusted > LEVEL || (row.psi < LITTLE && !isMore)) {
      rows.push({ ...row, skew: 'none', size: null, adjusted, cost: null })
      continue
    }
    const values = await again?.()
    const drops = values?.map((each, q) => queries.values[q]! - each)
    rows.push({ ...row, adjusted, cost: drops === undefined ? null : { drop: mean(drops), ...interval(drops, seed) } })
  }
  const counts = Map.groupBy(
    asked.items.filter((item) => !queries.has(item) && !asked.put.has(item)),
    (item) => item,
  )
  const absent = [...counts].map(([item, times]) => ({ item, times: times.length })).sort((a, b) => b.times - a.times)
  const [from = null, to = null] = [requests.at(0)?.time, requests.at(-1)?.time]
  const { time } = dataset.interactions
  const learned = time === null ? null : beforeTest(dataset.interactions).latest(time)
  return {
    users: users.length,
    value,
    requests: requests.length,
    refused: requests.filter(({ status }) => status >= 400).length,
    lost,
    unread,
    from,
    to,
    ageDays: learned === null || to === null ? null : (Date.parse(to) / 1000 - learned) / 86_400,
    absentItems: absent.slice(0, ABSENT_NAMED),
    rows: rows.sort((a, b) => Number(a.skew === 'none') - Number(b.skew === 'none') || (b.cost?.drop ?? 0) - (a.cost?.drop ?? 0)),
  }
}

/** A row for each column of either side that requests say something of. */
async function columnRows(options: SkewOptions, asked: Asked, queries: Queries): Promise<Candidate[]> {
  const { dataset, towers, users, seed } = options
  const found = new Map<string, Candidate>()
  for (const side of ['user', 'item'] as const) {
    const rows = asked.rows[side]
    if (rows.length < FEWEST) continue
    for (const frozen of towers.encoders[side])
      for (const [i, { name }] of kindOf(frozen.feature).columns(frozen.feature).entries()) {
        if (found.has(`${side}.${name}`)) continue
        const all = await dataset.column(side, name)
        const now = rows.flatMap((row) => read(frozen, i, row))
        const before = plainValues(side === 'user' ? taken(all, users) : all)
        const { knows } = vocabularyOf(frozen)
        const codes = coded(before, now, knows)
        const isTime = dataset.manifest[`${side}Columns`].some((column) => column.name === name && column.kind === 'time')
        const rng = random(seed, 'permutation', found.size + 1)
        found.set(`${side}.${name}`, {
          row: { side, name, isTime, ...told(codes, seed), ...changeOf(codes, before, now, knows !== null) },
          again: isSentence(frozen.feature) ? null : () => queries.withColumn(side, name, altered(all, now, knows, rng)),
        })
      }
  }
  return [...found.values()]
}

/** Rows of ids: users that are unknown, items of histories that the tower does not know, items that the index lacks. */
async function idRows(
  { dataset, towers, users, protocol, seed }: SkewOptions,
  asked: Asked,
  queries: Queries,
  histories: readonly string[],
): Promise<Candidate[]> {
  const rows: Candidate[] = []
  const add = (
    side: SkewRow['side'],
    name: string,
    skew: 'unknown' | 'stale',
    before: readonly boolean[],
    now: readonly boolean[],
    again: (more: number) => Promise<Float64Array>,
  ): void => {
    if (now.length < FEWEST || before.length === 0) return
    const codes = { before: Int32Array.from(before, Number), now: Int32Array.from(now, Number), bins: 2 }
    const unknown = { before: 1 - mean(codes.before), now: 1 - mean(codes.now) }
    const more = Math.max(0, unknown.now - unknown.before)
    rows.push({
      row: { side, name, ...told(codes, seed), skew, unknown, missing: null, median: null, isTime: false, size: more },
      again: () => again(more),
    })
  }
  const known = new Set(await dataset.ids('user'))
  const rng = (n: number): Random => random(seed, 'unknown', n)
  const all = Array.from(users, () => true)
  add(
    'user',
    'id',
    'unknown',
    all,
    asked.users.map((user) => known.has(user)),
    (more) => Promise.resolve(queries.withoutUsers(more, rng(0))),
  )
  const [history] = histories
  if (history !== undefined) {
    const row = rowLookup(historyVocabulary(towers.encoders, history))
    const ids = await dataset.ids('item')
    const earlier = historyOfQueries(dataset, users, protocol).map((item) => row(ids[item]!) > 0)
    const now = asked.histories.flat().map((item) => row(item) > 0)
    add('user', history, 'unknown', earlier, now, (more) => queries.withoutHistory(more, rng(1)))
  }
  const items = asked.items.filter((item) => !asked.put.has(item)).map((item) => queries.has(item))
  add('index', 'items', 'stale', all, items, (more) => queries.withoutNewest(more))
  return rows
}

function historyOfQueries({ interactions }: Dataset, users: Int32Array, { part }: Protocol): number[] {
  const earlier = new InteractionSelection(interactions, EARLIER_PARTS[part])
  return Array.from(users, (user) => [...earlier.itemsOf(user)]).flat()
}

function told(
  codes: { readonly before: Int32Array; readonly now: Int32Array; readonly bins: number },
  seed: number,
): Pick<Measured, 'values' | 'reference' | 'psi' | 'p'> {
  const { before, now, bins } = codes
  return {
    values: now.length,
    reference: before.length,
    psi: stabilityIndex(before, now, bins),
    p: permutationTest(before, now, bins, seed),
  }
}

/** What a row says in a feature's column, nothing where a server would have refused it. */
function read(frozen: FrozenFeature, column: number, row: Readonly<Record<string, unknown>>): (string | number | null)[] {
  try {
    return plainValues(rowColumns(frozen, row)[column]!)
  } catch {
    return []
  }
}

function vocabularyOf({ feature, state }: FrozenFeature): { knows: ((value: string) => boolean) | null } {
  if (feature.kind !== 'category' && feature.kind !== 'tags') return { knows: null }
  const row = rowLookup(state['vocabulary'] as Vocabulary)
  return { knows: (value) => row(value) > 0 }
}

function taken(column: ColumnValues, rows: Int32Array): ColumnValues {
  if (column.storage === 'number') return { ...column, values: Float64Array.from(rows, (row) => column.values[row]!) }
  if (column.storage === 'text') return { ...column, values: Array.from(rows, (row) => column.values[row]!) }
  if (column.storage === 'list') return { ...column, values: Array.from(rows, (row) => column.values[row]!) }
  const { width, values } = column
  return {
    ...column,
    values: Float32Array.from({ length: rows.length * width }, (_, i) => values[rows[Math.floor(i / width)]! * width + (i % width)]!),
  }
}

function interval(drops: Float64Array, seed: number): { low: number; high: number } {
  const { low, high } = bootstrapInterval(drops, { seed })
  return { low, high }
}
