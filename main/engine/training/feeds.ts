/**
 * Fills one tower's ports for a list of entities and takes their gradients back to the tables. Buffers are made once for the
 * largest number of rows; a call allocates nothing but small objects.
 */
import type { Fetches, Numbers } from '../compute/session.ts'
import { type BagRows, createInputs, type Inputs, selectEntities } from '../features/inputs.ts'
import type { EncodedSide } from '../features/types.ts'
import type { InputPort, Tower } from '../towers/build.ts'
import { GRADIENT } from './program.ts'
import type { Random } from './random.ts'
import type { Table } from './tables.ts'

interface BagPort {
  readonly port: InputPort
  readonly table: Table
  readonly buffer: Float32Array
  /** the rows the buffer was filled from last */
  rows: BagRows
}

export class TowerFeeds {
  readonly #tower: Tower
  readonly #encoded: EncodedSide
  readonly #contextWidth: number
  readonly #entities: Inputs
  readonly #bags: readonly BagPort[]
  readonly #masks: readonly { readonly name: string; readonly width: number; readonly rate: number; readonly buffer: Float32Array }[]

  /** @param capacity the largest number of entities a call will bring */
  constructor(tower: Tower, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, capacity: number) {
    this.#tower = tower
    this.#encoded = encoded
    this.#contextWidth = tower.ports.find((port) => port.kind === 'context')?.width ?? 0
    this.#entities = createInputs(capacity, encoded.denseWidth, encoded.bags.length)
    this.#masks = tower.masks.map((mask) => ({ ...mask, buffer: new Float32Array(capacity * mask.width) }))
    const ports = tower.ports.filter((port) => port.kind === 'bag')
    this.#bags = ports.map((port) => ({ port, table: tables.get(port.table!)!, buffer: new Float32Array(capacity * port.width), rows: this.#entities.bags[0]! }))
  }

  /**
   * Feeds of the ports for `entities`, a row each; valid until the next call.
   * @param context the moment's inputs of the same rows; null where the tower has none
   * @param unknown draws which ids are hidden behind the unknown row in training; null: none
   */
  fill(entities: Int32Array, context: Inputs | null, unknown: Random | null): Record<string, Numbers> {
    const { side } = this.#tower
    const rows = entities.length
    const feeds: Record<string, Numbers> = {}
    selectEntities(this.#encoded, entities, rows, this.#entities)
    if (unknown !== null) this.#hideIds(rows, unknown)
    feeds[`${side}.dense`] = this.#entities.dense.subarray(0, rows * this.#encoded.denseWidth)
    if (context !== null) feeds[`${side}.context`] = context.dense.subarray(0, rows * this.#contextWidth)
    const bags = [...this.#entities.bags, ...(context?.bags ?? [])]
    for (const [i, bag] of this.#bags.entries()) {
      bag.rows = bags[i]!
      bag.table.gather(bag.rows, bag.buffer)
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
        const used = buffer.subarray(0, rows * width)
        for (let i = 0; i < used.length; i++) used[i] = rng.uint32() < threshold ? 0 : keep
        return [name, used]
      }),
    )
  }

  /** Spreads the fetched gradients over the rows of the last fill. */
  accumulate(fetches: Fetches): void {
    for (const { port, table, rows } of this.#bags) table.accumulate(rows, fetches[`${GRADIENT}${port.name}`]!)
  }

  #hideIds(rows: number, unknown: Random): void {
    for (const [b, { unknownRate }] of this.#encoded.bags.entries()) {
      if (unknownRate === 0) continue
      const { indices } = this.#entities.bags[b]!
      for (let row = 0; row < rows; row++) if (unknown.uniform() < unknownRate) indices[row] = 0
    }
  }
}
