/**
 * Fills one tower's ports for a list of entities and takes their gradients back to the tables. Buffers are made once for the
 * largest number of rows; a call allocates nothing.
 */
import type { Fetches, Numbers } from '../compute/session.ts'
import type { Bag, EncodedSide } from '../features/types.ts'
import type { InputPort, MaskPort, Tower } from '../towers/build.ts'
import { GRADIENT } from './program.ts'
import type { Random } from './random.ts'
import type { BatchBag, Table } from './tables.ts'

/** The moment's part of a batch: a dense block [rows × contextDenseWidth] and the context bags in layout order. */
export interface ContextRows {
  readonly dense: Float32Array
  readonly bags: readonly BatchBag[]
}

interface BagPort {
  readonly port: InputPort
  readonly table: Table
  readonly buffer: Float32Array
  /** of the entity: its bags, and the batch's copy; of the moment: null, the context brings it */
  readonly entity: { readonly source: Bag; readonly batch: BatchBag } | null
  /** the bag the buffer was filled from last */
  current: BatchBag
}

export class TowerFeeds {
  readonly #tower: Tower
  readonly #encoded: EncodedSide
  readonly #dense: Float32Array | null
  readonly #bags: readonly BagPort[]
  readonly #masks: readonly { readonly mask: MaskPort; readonly buffer: Float32Array }[]

  /** @param rows the largest number of entities a call will bring */
  constructor(tower: Tower, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, rows: number) {
    this.#tower = tower
    this.#encoded = encoded
    this.#dense = encoded.denseWidth > 0 ? new Float32Array(rows * encoded.denseWidth) : null
    this.#masks = tower.masks.map((mask) => ({ mask, buffer: new Float32Array(rows * mask.width) }))
    this.#bags = tower.ports.flatMap((port) => (port.kind === 'bag' ? [bagPort(port, encoded, tables, rows)] : []))
  }

  /** Feeds of the entities' ports; context is null where the tower has none. `unknown` draws which ids are hidden in training. */
  fill(entities: Int32Array, context: ContextRows | null, unknown: Random | null): Record<string, Numbers> {
    const feeds: Record<string, Numbers> = {}
    if (this.#dense !== null) feeds[`${this.#tower.side}.dense`] = this.#denseRows(entities, this.#dense)
    if (context !== null && context.dense.length > 0) feeds[`${this.#tower.side}.context`] = context.dense
    let contextBag = 0
    for (const bag of this.#bags) {
      if (bag.entity === null) bag.current = context!.bags[contextBag++]!
      else selectRows(bag.entity.source, entities, bag.entity.batch, unknown)
      bag.table.gather(bag.current, bag.buffer)
      feeds[bag.port.name] = bag.buffer.subarray(0, entities.length * bag.port.width)
    }
    return feeds
  }

  /** Dropout masks of `rows` rows: 0 with the mask's rate, else 1/(1−rate). */
  drawMasks(rows: number, rng: Random): Record<string, Numbers> {
    return Object.fromEntries(
      this.#masks.map(({ mask, buffer }) => {
        const keep = 1 / (1 - mask.rate)
        const threshold = mask.rate * 2 ** 32
        const used = buffer.subarray(0, rows * mask.width)
        for (let i = 0; i < used.length; i++) used[i] = rng.uint32() < threshold ? 0 : keep
        return [mask.name, used]
      }),
    )
  }

  /** Spreads the fetched gradients over the rows of the last fill. */
  accumulate(fetches: Fetches): void {
    for (const { port, table, current } of this.#bags) table.accumulate(current, fetches[`${GRADIENT}${port.name}`]!)
  }

  #denseRows(entities: Int32Array, out: Float32Array): Float32Array {
    const { dense, denseWidth: width } = this.#encoded
    for (let row = 0; row < entities.length; row++) {
      const from = entities[row]! * width
      for (let k = 0; k < width; k++) out[row * width + k] = dense[from + k]!
    }
    return out.subarray(0, entities.length * width)
  }
}

function bagPort(port: InputPort, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, rows: number): BagPort {
  const table = tables.get(port.table!)!
  const source = encoded.bags.find((bag) => bag.table === port.table && bag.feature === port.feature)
  const buffer = new Float32Array(rows * port.width)
  const batch: BatchBag = { count: 0, offsets: new Int32Array(rows + 1), indices: new Int32Array(rows), weights: source?.weights == null ? null : new Float32Array(rows) }
  return { port, table, buffer, entity: source === undefined ? null : { source, batch }, current: batch }
}

/** Copies the bags of the entities one after the other; an id that is hidden becomes row 0, the unknown bucket. */
function selectRows(source: Bag, entities: Int32Array, out: BatchBag, unknown: Random | null): void {
  let at = 0
  out.count = entities.length
  for (let row = 0; row < entities.length; row++) {
    const [from, to] = [source.offsets[entities[row]!]!, source.offsets[entities[row]! + 1]!]
    if (at + to - from > out.indices.length) growBag(out, at + to - from)
    out.offsets[row] = at
    const hidden = unknown !== null && source.unknownRate > 0 && unknown.uniform() < source.unknownRate
    for (let j = from; j < to; j++) {
      out.indices[at] = hidden ? 0 : source.indices[j]!
      if (out.weights !== null) out.weights[at] = source.weights![j]!
      at++
    }
  }
  out.offsets[entities.length] = at
}

function growBag(bag: BatchBag, least: number): void {
  const size = Math.max(least, 2 * bag.indices.length)
  const indices = new Int32Array(size)
  indices.set(bag.indices)
  bag.indices = indices
  if (bag.weights === null) return
  const weights = new Float32Array(size)
  weights.set(bag.weights)
  bag.weights = weights
}
