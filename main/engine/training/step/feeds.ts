/**
 * Fills one tower's ports for a list of entities and takes their gradients back to the tables. An entity that occurs in several rows
 * is pooled once and copied, and its rows' gradients are summed before they are spread: a popular item's text costs what one row
 * costs. Buffers are made once for the largest number of rows.
 */
import type { Fetches, Numbers } from '../../compute/session.ts'
import { type BagRows, createInputs, type Inputs, selectEntities } from '../../features/inputs.ts'
import type { EncodedSide } from '../../features/types.ts'
import type { InputPort, Tower } from '../../towers/build.ts'
import { Distinct } from './distinct.ts'
import { GRADIENT } from './program.ts'
import type { Random } from '../random.ts'
import { SequencePlaces } from './sequence-places.ts'
import type { Table } from '../state/tables.ts'

interface BagPort {
  readonly port: InputPort
  readonly table: Table
  /** [rows × width], what the graph reads; of a sequence [rows × length × dim] */
  readonly buffer: Float32Array
  /** of a sequence: its mask and codes, [rows × length]; null: it is none */
  readonly places: SequencePlaces | null
  /** of an entity: [distinct × width], pooled on the way in and summed on the way back; null: of the moment, a row each */
  readonly pooled: Float32Array | null
  /** the rows the buffer was filled from last */
  rows: BagRows | null
}

export class TowerFeeds {
  readonly #tower: Tower
  readonly #encoded: EncodedSide
  readonly #entities: Inputs
  readonly #distinct: Distinct
  readonly #dense: Float32Array
  readonly #contextWidth: number
  readonly #bags: readonly BagPort[]
  readonly #masks: readonly { readonly name: string; readonly width: number; readonly rate: number; readonly buffer: Float32Array }[]

  /** @param capacity the largest number of rows a call will bring */
  constructor(tower: Tower, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, capacity: number) {
    this.#tower = tower
    this.#encoded = encoded
    this.#entities = createInputs(capacity, encoded.denseWidth, encoded.bags.length)
    this.#distinct = new Distinct(encoded.count, capacity)
    this.#dense = new Float32Array(capacity * encoded.denseWidth)
    this.#contextWidth = tower.ports.find((port) => port.kind === 'context')?.width ?? 0
    this.#masks = tower.masks.map((mask) => ({ ...mask, buffer: new Float32Array(capacity * tower.interests * mask.width) }))
    const ports = tower.ports.filter((port) => port.kind === 'bag' || port.kind === 'sequence')
    this.#bags = ports.map((port, i) => {
      const rows = this.#entities.bags[i] ?? null
      const size = capacity * (port.sequence === null ? port.width : port.sequence.length * port.sequence.dim)
      return {
        port,
        table: tables.get(port.table!)!,
        buffer: new Float32Array(size),
        pooled: rows === null ? null : new Float32Array(size),
        places: port.sequence === null ? null : new SequencePlaces(port, capacity),
        rows,
      }
    })
  }

  /**
   * Feeds of the ports for `entities`, a row each; valid until the next call.
   * @param context the moment's inputs of the same rows; null where the tower has none
   * @param unknown draws which entities hide their id behind the unknown row in this batch; null: none
   */
  fill(entities: Int32Array, context: Inputs | null, unknown: Random | null): Record<string, Numbers> {
    const { side } = this.#tower
    const rows = entities.length
    const feeds: Record<string, Numbers> = {}
    const distinct = this.#distinct.of(entities)
    selectEntities(this.#encoded, distinct, distinct.length, this.#entities)
    if (unknown !== null) this.#hideIds(distinct.length, unknown)
    this.#distinct.expand(this.#entities.dense, this.#encoded.denseWidth, this.#dense)
    feeds[`${side}.dense`] = this.#dense.subarray(0, rows * this.#encoded.denseWidth)
    if (context !== null) feeds[`${side}.context`] = context.dense.subarray(0, rows * this.#contextWidth)
    let moment = 0
    for (const bag of this.#bags) {
      if (bag.pooled === null) bag.rows = context!.bags[moment++]!
      if (bag.places !== null) {
        Object.assign(feeds, bag.places.fill(bag.rows!, bag.table, bag.buffer))
        continue
      }
      bag.table.gather(bag.rows!, bag.pooled ?? bag.buffer)
      if (bag.pooled !== null) this.#distinct.expand(bag.pooled, bag.port.width, bag.buffer)
      feeds[bag.port.name] = bag.buffer.subarray(0, rows * bag.port.width)
    }
    return feeds
  }

  /** Dropout masks of `rows` rows: 0 with the mask's rate, else 1/(1−rate). */
  drawMasks(rows: number, rng: Random): Record<string, Numbers> {
    return Object.fromEntries(
      this.#masks.map(({ name, width, rate, buffer }) => {
        const keep = 1 / (1 - rate)
        const threshold = rate * 2 ** 32
        const used = buffer.subarray(0, rows * this.#tower.interests * width)
        for (let i = 0; i < used.length; i++) used[i] = rng.uint32() < threshold ? 0 : keep
        return [name, used]
      }),
    )
  }

  /** Spreads the fetched gradients over the rows of the last fill. */
  accumulate(fetches: Fetches): void {
    for (const { port, table, rows, pooled } of this.#bags) {
      const gradient = fetches[`${GRADIENT}${port.name}`]!
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
