/**
 * Inputs of a tower for a batch: a dense block and bags, in buffers made once and refilled; a bag's indices grow to the
 * largest batch seen.
 */
import type { EncodedSide } from './encoded.ts'

/** Row r pools indices[offsets[r] .. offsets[r+1]); entries past offsets[count] are left from earlier batches. */
export interface BagRows {
  count: number
  readonly offsets: Int32Array
  indices: Int32Array
  /** of histories that are encoded in the tower, beside each index: its age code and its event code + 1 */
  codes?: { ages: Uint8Array; events: Uint8Array }
}

export interface Inputs {
  count: number
  /** [count × width], row-major */
  readonly dense: Float32Array
  readonly bags: readonly BagRows[]
}

/** Buffers for batches of up to `capacity` rows; `coded` says which bags carry ages and events. */
export function createInputs(capacity: number, denseWidth: number, bags: number, coded: (bag: number) => boolean = () => false): Inputs {
  const bag = (_: unknown, b: number): BagRows => ({
    count: 0,
    offsets: new Int32Array(capacity + 1),
    indices: new Int32Array(capacity),
    ...(coded(b) ? { codes: { ages: new Uint8Array(capacity), events: new Uint8Array(capacity) } } : {}),
  })
  return { count: 0, dense: new Float32Array(capacity * denseWidth), bags: Array.from({ length: bags }, bag) }
}

/** Room for `size` indices; at least doubles, so that appending costs O(1) on average. */
export function reserve(bag: BagRows, size: number): void {
  if (size <= bag.indices.length) return
  const larger = new Int32Array(Math.max(size, 2 * bag.indices.length))
  larger.set(bag.indices)
  bag.indices = larger
  if (bag.codes === undefined) return
  const [ages, events] = [new Uint8Array(larger.length), new Uint8Array(larger.length)]
  ages.set(bag.codes.ages)
  events.set(bag.codes.events)
  bag.codes = { ages, events }
}

/** Begins a batch of `count` rows. @throws Error where the buffers were made for fewer: typed arrays would drop the rest unsaid */
export function setCount(out: Inputs, count: number): void {
  out.count = count
  for (const bag of out.bags) {
    if (count >= bag.offsets.length) throw new Error(`A batch of ${count} in buffers for ${bag.offsets.length - 1}.`)
    bag.count = count
  }
}

/** Copies the inputs of `count` entities, which may repeat. */
export function selectEntities({ dense, denseWidth, bags }: EncodedSide, entities: Int32Array, count: number, out: Inputs): void {
  setCount(out, count)
  for (let r = 0; r < count; r++) {
    const source = entities[r]! * denseWidth
    for (let k = 0; k < denseWidth; k++) out.dense[r * denseWidth + k] = dense[source + k]!
  }
  for (const [b, bag] of out.bags.entries()) selectRows(bags[b]!, entities, count, bag)
}

function selectRows({ offsets, indices }: EncodedSide['bags'][number], entities: Int32Array, count: number, out: BagRows): void {
  let at = 0
  for (let r = 0; r < count; r++) {
    const [from, to] = [offsets[entities[r]!]!, offsets[entities[r]! + 1]!]
    reserve(out, at + to - from)
    for (let j = from; j < to; j++) out.indices[at++] = indices[j]!
    out.offsets[r + 1] = at
  }
}
