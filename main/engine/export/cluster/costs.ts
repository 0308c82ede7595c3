/** What a job takes of a cluster, told before anything is sent: bytes held, and bytes that travel at every step. */
import type { TrainingSetup } from '../../training/loop/setup.ts'
import { negativeCount } from '../../training/candidates/plan.ts'

export interface ClusterCosts {
  /** of all shards: tables with what the optimizer keeps of each row */
  readonly tableBytes: number
  /** of each worker: the encoded features of all entities */
  readonly featureBytes: number
  /** of all workers: interactions in memory */
  readonly interactionBytes: number
  readonly denseBytes: number
  readonly batch: number
  readonly stepsPerEpoch: number
  /** what an example's user, and an item of the item tower, read of the tables: mean bytes, row numbers included */
  readonly userBytes: number
  readonly itemBytes: number
  /** candidates of all rows beside the positives, and of each row its own */
  readonly drawn: number
  readonly own: number
  readonly dim: number
}

/** Bytes of one interaction in a worker's memory: user, item, part, time, event, weight, and twice the known items. */
const INTERACTION = 4 + 4 + 1 + 8 + 1 + 4 + 2 * 8
/** Of a row's number. */
const NUMBER = 8

/** Of a phase before its training: the bags of the first batch are looked at. */
export function costsOf(phase: TrainingSetup): ClusterCosts {
  const { spec, model, state, encoded, encoders, order, batch, positives, dataset } = phase
  const bytesOf = new Map(model.tables.map(({ name, dim }) => [name, dim * 4 + NUMBER]))
  const positions = order.of(0).slice(0, batch)
  const entities = { user: [...positions].map((p) => positives.user[p]!), item: [...positions].map((p) => positives.item[p]!) }
  const read = { user: 0, item: 0 }
  for (const side of ['user', 'item'] as const)
    for (const { table, offsets } of encoded[side].bags)
      for (const entity of entities[side]) read[side] += (offsets[entity + 1]! - offsets[entity]!) * bytesOf.get(table)!
  const context = positives.context(positions)
  for (const [i, { table }] of encoders.userLayout.contextBags.entries())
    read.user += (context?.bags[i]?.indices.length ?? 0) * bytesOf.get(table)!
  const { loss } = spec
  return {
    tableBytes: [...state.tables.values()].reduce((sum, { values, slots }) => sum + values.byteLength * (1 + slots.length), 0),
    featureBytes: (['user', 'item'] as const).reduce((sum, side) => sum + featureBytes(encoded[side]), 0),
    interactionBytes: dataset.interactions.length * INTERACTION,
    denseBytes: model.weights.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0),
    batch,
    stepsPerEpoch: Math.floor(order.examples / batch),
    userBytes: read.user / batch,
    itemBytes: read.item / batch,
    drawn: negativeCount(spec, encoded.item.count),
    own: 'shared' in loss && !loss.shared ? loss.negatives : 0,
    dim: model.dim,
  }
}

function featureBytes({ dense, bags }: TrainingSetup['encoded']['user']): number {
  return bags.reduce((sum, { offsets, indices }) => sum + offsets.byteLength + indices.byteLength, dense.byteLength)
}

/** What travels at a step. */
export interface StepTraffic {
  /** of all workers: rows of tables, and their gradients back; at most, as a row that a worker reads twice travels once */
  readonly tables: number
  /** of each worker, both ways: item vectors and their gradients, then gradients of dense weights, in rings */
  readonly vectors: number
  readonly dense: number
}

/**
 * Bytes at every step. Tables: 2·(B·u + (B + N + B·n)·i), where u and i are what a user and an item read. Vectors: a ring gathers
 * (W − 1)/W of (B + N)·d·4 bytes and sums their gradients by twice as much; dense gradients likewise.
 */
export function trafficOf(costs: ClusterCosts, workers: number): StepTraffic {
  const { batch, drawn, own, userBytes, itemBytes, dim, denseBytes } = costs
  const ring = (workers - 1) / workers
  return {
    tables: 2 * (batch * userBytes + (batch + drawn + batch * own) * itemBytes),
    vectors: 3 * ring * (batch + drawn) * dim * 4,
    dense: 2 * ring * denseBytes,
  }
}
