/**
 * Batches: which interactions are training examples, and the request context (history, hour, weekday, age) of any of them, made for
 * each so that nothing in them comes from the example itself or from after it. Entities' own inputs are selected by inputs.ts from
 * what was encoded once. Filling a batch allocates nothing but the growth of a bag's indices.
 */
import type { Part } from '../../contract/shapes/dataset.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import type { Dataset, Interactions } from '../dataset/dataset.ts'
import { type HistoryRows, historyRows } from './history-rows.ts'
import { type BagRows, createInputs, type Inputs, reserve, setCount } from './inputs.ts'
import { ageAt, clockRow, type TimeState } from './kinds/time.ts'
import { frozenFeature, historyVocabulary } from './typed-context.ts'
import { type MeanSd, standardise } from './standardise.ts'
import type { FrozenEncoders } from './encoded.ts'
import { predictionWindow } from './windows.ts'
import { rowLookup } from './vocabulary.ts'

export interface BatchTarget {
  readonly parts: readonly Part[]
  /** codes of the events that are positives; null: all */
  readonly eventCodes: readonly number[] | null
  /** for histories of data without order; default 0 */
  readonly seed?: number
  /**
   * leave earlier contacts with the item that is to be predicted out of its history. Right wherever seen items are masked in the
   * evaluation: then no query's history holds what it looks for, and training must not either. Default true
   */
  readonly withoutTarget?: boolean
  /**
   * days: contexts of examples are those of an earlier interaction of the user, drawn within so many days (see windows.ts);
   * default null: of their own
   */
  readonly horizonDays?: number | null
}

/** Which parts a query may know. Held out after it: validation, test, nothing. */
export type AsOf = 'train' | 'train+validation' | 'all'
const AS_OF = {
  train: { visible: ['train'], heldOut: ['validation', 'test'] },
  'train+validation': { visible: ['train', 'validation'], heldOut: ['test'] },
  all: { visible: ['train', 'validation', 'test'], heldOut: [] },
} as const satisfies Record<AsOf, Record<'visible' | 'heldOut', readonly Part[]>>

/** The visible, or the held-out, interactions as of each part. */
function asOfParts(interactions: Interactions, which: 'visible' | 'heldOut'): Readonly<Record<AsOf, InteractionSelection>> {
  const of = (asOf: AsOf): InteractionSelection => new InteractionSelection(interactions, AS_OF[asOf][which])
  return { train: of('train'), 'train+validation': of('train+validation'), all: of('all') }
}

export interface Batcher {
  /** positions into the interactions of all training examples, rising */
  readonly examples: Int32Array
  /** buffers for the context of `capacity` examples */
  createContext(capacity: number): Inputs
  /** context of the user tower at the events at `positions`: history before each, its hour and weekday, its age */
  contextFor(positions: Int32Array, count: number, out: Inputs): void
  /** the position whose context an example has: its own, or an earlier one of the user's */
  readonly momentOf: (position: number) => number
  /**
   * Context of users at evaluation or serving: all their history as of a part; hour and weekday of their first event held out after it
   * (known when a request comes in), or of the end of training where there is none; age 0.
   */
  queryContext(users: Int32Array, asOf: AsOf, out?: Inputs): Inputs
}

/** `w`: the position whose context it is, p or its window */
type BagFiller = {
  event(p: number, r: number, out: BagRows, w: number): void
  query(user: number, asOf: AsOf, r: number, out: BagRows): void
}

export async function createBatcher(encoders: FrozenEncoders, dataset: Dataset, target: BatchTarget): Promise<Batcher> {
  const { interactions } = dataset
  const { contextDenseWidth, contextBags } = encoders.userLayout
  const fillers = await bagFillers(encoders, dataset, target)
  const ages = encoders.user.flatMap(({ feature, state }) => {
    const { age, reference } = state as TimeState
    return feature.kind === 'time' && feature.column === null && age !== null ? [{ age, reference }] : []
  })
  const createContext = (capacity: number): Inputs =>
    createInputs(capacity, contextDenseWidth, contextBags.length, (b) => contextBags[b]!.sequence !== undefined)
  const window =
    target.horizonDays == null ? (p: number): number => p : predictionWindow(interactions, target.horizonDays, target.seed ?? 0)

  return {
    examples: new InteractionSelection(interactions, target.parts, target.eventCodes).positions(),
    createContext,
    momentOf: window,
    contextFor(positions, count, out) {
      fill(out, count, (filler, r, bag) => filler.event(positions[r]!, r, bag, window(positions[r]!)))
      fillAges(out, (r, { age, reference }) => standardise(ageAt(interactions.time?.[window(positions[r]!)] ?? reference, reference), age))
    },
    queryContext(users, asOf, out = createContext(users.length)) {
      fill(out, users.length, (filler, r, bag) => filler.query(users[r]!, asOf, r, bag))
      fillAges(out, (_r, { age }) => standardise(0, age))
      return out
    },
  }

  function fill(out: Inputs, count: number, row: (filler: BagFiller, r: number, bag: BagRows) => void): void {
    setCount(out, count)
    for (const [b, bag] of out.bags.entries()) {
      for (let r = 0; r < count; r++) row(fillers[b]!, r, bag)
    }
  }

  function fillAges(out: Inputs, ageOf: (r: number, moments: { age: MeanSd; reference: number }) => number): void {
    for (const [k, moments] of ages.entries()) {
      for (let r = 0; r < out.count; r++) out.dense[r * ages.length + k] = ageOf(r, moments)
    }
  }
}

async function bagFillers(encoders: FrozenEncoders, dataset: Dataset, { parts, seed, withoutTarget }: BatchTarget): Promise<BagFiller[]> {
  const itemIds = await dataset.ids('item')
  const nowOf = queryTime(dataset, encoders.referenceTime)
  return encoders.userLayout.contextBags.map((bag) => {
    if (bag.kind !== 'history')
      return clockFiller(clockRow(bag.kind, frozenFeature(encoders.user, bag.feature).state), nowOf, encoders.referenceTime, dataset)
    const rowOfItem = Int32Array.from(itemIds, rowLookup(historyVocabulary(encoders, bag.feature)))
    const rows = historyRows(dataset, { bag, rowOfItem, parts, seed: seed ?? 0, withoutTarget: withoutTarget ?? true })
    return historyFiller(rows, asOfParts(dataset.interactions, 'visible'), nowOf)
  })
}

function historyFiller(rows: HistoryRows, visible: Readonly<Record<AsOf, InteractionSelection>>, nowOf: QueryTime): BagFiller {
  return {
    event: (p, r, out, w) => rows.before(p, r, out, w),
    query: (user, asOf, r, out) => rows.upTo(user, visible[asOf], r, out, out.codes === undefined ? null : nowOf(user, asOf)),
  }
}

/**
 * When a user is asked: at their first event held out after a part, which is known when a request comes in, else at the
 * end of training.
 */
type QueryTime = (user: number, asOf: AsOf) => number | null

function queryTime({ interactions }: Dataset, referenceTime: number | null): QueryTime {
  const { time, offsets } = interactions
  const heldOut = asOfParts(interactions, 'heldOut')
  return (user, asOf) => {
    for (let q = offsets[user]!; time !== null && q < offsets[user + 1]!; q++) {
      if (heldOut[asOf].has(q)) return time[q]!
    }
    return referenceTime
  }
}

/** A bag of one row: of a time, or none where there is no time at all. */
function clockFiller(
  rowOf: (time: number) => number,
  nowOf: QueryTime,
  referenceTime: number | null,
  { interactions }: Dataset,
): BagFiller {
  const { time } = interactions
  const put = (value: number | null, r: number, out: BagRows): void => {
    const at = out.offsets[r]!
    reserve(out, at + 1)
    if (value !== null) out.indices[at] = rowOf(value)
    out.offsets[r + 1] = value === null ? at : at + 1
  }
  return {
    event: (_p, r, out, w) => put(time === null ? referenceTime : time[w]!, r, out),
    query: (user, asOf, r, out) => put(nowOf(user, asOf), r, out),
  }
}
