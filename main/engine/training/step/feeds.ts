/**
 * Fills one tower's ports for a list of entities and takes their gradients back to the tables. An entity that occurs in several rows
 * is pooled once and copied, and its rows' gradients are summed before they are spread: a popular item's text costs what one row
 * costs. Buffers are made once for the largest number of rows.
 */
import { gradientOf, mergeByName, type Port, type Shape } from '../../compute/port.ts'
import type { Feeds, Fetches } from '../../compute/graph-session.ts'
import { type BagRows, createInputs, type Inputs, selectEntities } from '../../features/inputs.ts'
import type { EncodedSide } from '../../features/encoded.ts'
import type { Tower } from '../../towers/build.ts'
import type { InputPort, MaskPort, Weight } from '../../towers/tower-ports.ts'
import { UniqueEntities } from './unique-entities.ts'
import type { Random } from '../random.ts'
import { SequencePlaces } from './sequence-places.ts'
import type { Table } from '../state/tables.ts'
import { newestFirst, SharedWindows } from './shared-windows.ts'

interface BagPort {
  readonly port: InputPort
  readonly table: Table
  /** [rows × width], what the graph reads; of a sequence [rows × length × dim] */
  readonly buffer: Float32Array
  /** of a sequence: its mask and codes, [rows × length]; null: it is none */
  readonly places: SequencePlaces | null
  /** of a sequence whose examples share windows */
  readonly windows: SharedWindows | null
  /** of an entity: [distinct × width], pooled on the way in and summed on the way back; null: of the request context, a row each */
  readonly pooled: Float32Array | null
  /** the rows the buffer was filled from last */
  rows: BagRows | null
}

export class TowerFeeds {
  readonly #tower: Tower
  readonly #encoded: EncodedSide
  readonly #entities: Inputs
  readonly #distinct: UniqueEntities
  readonly #dense: Float32Array
  readonly #densePort: Port | null
  readonly #contextPort: { readonly values: Port; readonly width: number } | null
  readonly #bags: readonly BagPort[]
  readonly #masks: readonly (MaskPort & { readonly buffer: Float32Array })[]
  #windows: number | null = null

  /**
   * @param capacity the largest number of rows a call will bring
   * @param share whether examples share windows of causal histories; then calls say their moments
   */
  constructor(tower: Tower, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, capacity: number, share = false) {
    this.#tower = tower
    this.#encoded = encoded
    this.#entities = createInputs(capacity, encoded.denseWidth, encoded.bags.length)
    this.#distinct = new UniqueEntities(encoded.count, capacity)
    this.#dense = new Float32Array(capacity * encoded.denseWidth)
    this.#densePort = tower.ports.find(({ kind }) => kind === 'dense')?.values ?? null
    this.#contextPort = tower.ports.find(({ kind }) => kind === 'context') ?? null
    this.#masks = tower.masks.map((mask) => ({ ...mask, buffer: new Float32Array(capacity * tower.interests * mask.values.shape[1]) }))
    const ports = tower.ports.filter((port) => port.kind === 'bag' || port.kind === 'sequence')
    this.#bags = ports.map((port, i) => {
      const rows = this.#entities.bags[i] ?? null
      const size = capacity * (port.sequence === null ? port.width : port.sequence.length * port.sequence.dim)
      return {
        port,
        table: tables.get(port.table!)!,
        buffer: new Float32Array(size),
        pooled: rows === null ? null : new Float32Array(size),
        places: port.kind === 'sequence' ? new SequencePlaces(port, capacity) : null,
        windows:
          share && port.kind === 'sequence' && port.shared !== null ? new SharedWindows(port.sequence.length, port.shared, capacity) : null,
        rows,
      }
    })
  }

  /**
   * Feeds of the ports for `entities`, a row each; valid until the next call.
   * @param context the request context of the same rows; null where the tower has none
   * @param unknown draws which entities hide their id behind the unknown row in this batch; null: none
   * @param moments of the same rows, rising with time within an entity; null: rows share no windows
   */
  fill(entities: Int32Array, context: Inputs | null, unknown: Random | null, moments: Int32Array | null = null): Feeds {
    const rows = entities.length
    const distinct = this.#distinct.of(entities)
    selectEntities(this.#encoded, distinct, distinct.length, this.#entities)
    if (unknown !== null) this.#hideIds(distinct.length, unknown)
    this.#distinct.expand(this.#entities.dense, this.#encoded.denseWidth, this.#dense)
    const feeds: Feeds[] = []
    if (this.#densePort !== null) feeds.push(this.#densePort.feed(this.#dense.subarray(0, rows * this.#encoded.denseWidth)))
    if (context !== null && this.#contextPort !== null) {
      const { values, width } = this.#contextPort
      feeds.push(values.feed(context.dense.subarray(0, rows * width)))
    }
    let contextBag = 0
    for (const bag of this.#bags) if (bag.pooled === null) bag.rows = context!.bags[contextBag++]!
    if (moments !== null) feeds.push(...this.#shareWindows(entities, moments))
    for (const bag of this.#bags) {
      if (bag.places !== null) {
        feeds.push(bag.places.fill(bag.rows!, bag.table, bag.buffer))
        continue
      }
      bag.table.gather(bag.rows!, bag.pooled ?? bag.buffer)
      if (bag.pooled !== null) this.#distinct.expand(bag.pooled, bag.port.width, bag.buffer)
      feeds.push(bag.port.values.feed(bag.buffer.subarray(0, rows * bag.port.width)))
    }
    return mergeByName(feeds)
  }

  /** How many windows the last fill's examples share, as many of each history; null: none are shared. */
  get windows(): number | null {
    return this.#windows
  }

  /** Puts windows in the place of the examples' own histories. Their number is rounded up, so that a few programs serve all batches. */
  #shareWindows(entities: Int32Array, moments: Int32Array): Feeds[] {
    const order = newestFirst(entities, moments)
    const shared = this.#bags.flatMap((bag) => (bag.windows === null ? [] : [{ bag, windows: bag.windows }]))
    for (const { bag, windows } of shared) bag.rows = windows.share(bag.rows!, entities, order)
    const unit = Math.ceil(entities.length / 16)
    const most = shared.reduce((count, { windows }) => Math.max(count, windows.rows.count), 1)
    this.#windows = Math.min(entities.length, Math.ceil(most / unit) * unit)
    for (const { windows } of shared) windows.pad(this.#windows)
    return shared.map(({ windows }) => windows.feeds(entities.length))
  }

  /** Dropout masks of `rows` rows: 0 with the mask's rate, else 1/(1−rate). */
  drawMasks(rows: number, rng: Random): Feeds {
    return mergeByName(
      this.#masks.map(({ values, rate, buffer }) => {
        const keep = 1 / (1 - rate)
        const threshold = rate * 2 ** 32
        const used = buffer.subarray(0, rows * this.#tower.interests * values.shape[1])
        for (let i = 0; i < used.length; i++) used[i] = rng.uint32() < threshold ? 0 : keep
        return values.feed(used)
      }),
    )
  }

  /** Spreads the fetched gradients over the rows of the last fill. */
  accumulate(fetches: Fetches): void {
    for (const { port, table, rows, pooled } of this.#bags) {
      if (!port.isTrained) continue
      const gradient = gradientOf<Shape>(port.values).take(fetches)
      if (port.sequence !== null) {
        table.accumulateRows(rows!, port.sequence.length, gradient)
        continue
      }
      if (pooled !== null) this.#distinct.sum(gradient, port.width, pooled)
      table.accumulate(rows!, pooled ?? gradient)
    }
  }

  #hideIds(count: number, unknown: Random): void {
    for (const [b, { unknownRate }] of this.#encoded.bags.entries()) {
      if (unknownRate === 0) continue
      const { indices } = this.#entities.bags[b]!
      for (let row = 0; row < count; row++) if (unknown.uniform() < unknownRate) indices[row] = 0
    }
  }
}

/** Feeds of dense weights from the numbers that are there by name. */
export function weightFeeds(
  weights: readonly Weight[],
  { weights: trained }: { readonly weights: ReadonlyMap<string, { readonly values: Float32Array }> },
): Feeds {
  return mergeByName(weights.map((weight) => weight.feed(trained.get(weight.name)!.values)))
}
