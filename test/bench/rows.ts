/**
 * Loops over embedding rows in the memory of a training state (WebAssembly, four numbers an instruction) beside the same in JavaScript, on
 * tables of 10,000 rows: the means of 1,024 bags of 50 rows, their gradients spread over the rows, and Adam for what occurred. The sides take
 * turns; medians, in milliseconds of a batch.
 */
import { optimizerSchema } from '../../main/contract/shapes/spec.ts'
import type { BagRows } from '../../main/engine/features/inputs.ts'
import { random, fillNormal } from '../../main/engine/training/random.ts'
import { NumberMemory } from '../../main/engine/training/state/number-memory.ts'
import { createOptimizer, plainNumbers } from '../../main/engine/training/state/optimizer.ts'
import { Table } from '../../main/engine/training/state/tables.ts'

const [ROWS, BATCH, BAG, TURNS] = [10_000, 1024, 50, 15]
const adam = createOptimizer(optimizerSchema.parse({ kind: 'adam' }))

export function benchRows(): Promise<void> {
  const rng = random(1, 'init')
  const bags: BagRows = {
    count: BATCH,
    offsets: Int32Array.from({ length: BATCH + 1 }, (_, row) => row * BAG),
    indices: Int32Array.from({ length: BATCH * BAG }, () => rng.uint32() % ROWS),
  }
  for (const dim of [32, 64, 256]) {
    const sides = { javascript: tableOf(dim, false), webassembly: tableOf(dim, true) }
    const [out, gradient] = [new Float32Array(BATCH * dim), new Float32Array(BATCH * dim)]
    fillNormal(gradient, 1, rng)
    const works: Record<string, (table: Table, turn: number) => void> = {
      means: (table) => table.gather(bags, out),
      gradients: (table) => table.accumulate(bags, gradient),
      adam: (table, turn) => adam.descend(turn + 1, 0.001)(table.gradient),
    }
    const times = Object.keys(works).map((name) => ({ name, javascript: [] as number[], webassembly: [] as number[] }))
    for (let turn = 0; turn < TURNS; turn++) {
      for (const side of ['javascript', 'webassembly'] as const) {
        for (const row of times) {
          const from = performance.now()
          works[row.name]!(sides[side], turn)
          row[side].push(performance.now() - from)
        }
        sides[side].clear()
      }
    }
    for (const { name, javascript, webassembly } of times) {
      const [slow, fast] = [median(javascript), median(webassembly)]
      console.log(
        `${name}, ${dim} wide: ${slow.toFixed(2)} ms by JavaScript, ${fast.toFixed(2)} by WebAssembly: ${(slow / fast).toFixed(1)} times`,
      )
    }
  }
  return Promise.resolve()
}

function tableOf(dim: number, isWithin: boolean): Table {
  const size = ROWS * dim
  const shape = { name: 'rows', rows: ROWS, dim }
  if (!isWithin) return new Table(shape, plainNumbers(filled(new Float32Array(size)), adam.createSlots(size)))
  const memory = NumberMemory.for([4 * size])!
  const take = (length: number): Float32Array => memory.take(length)
  return new Table(shape, { values: filled(take(size)), slots: adam.createSlots(size, take), within: { memory, gradient: take(size) } })
}

function filled(values: Float32Array): Float32Array {
  fillNormal(values, 0.1, random(2, 'init'))
  return values
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
