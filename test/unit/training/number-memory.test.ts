/** The loops of a training state's memory against plain loops in float64, and a table in it against one anywhere. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { optimizerSchema } from '../../../main/contract/shapes/spec.ts'
import type { BagRows } from '../../../main/engine/features/inputs.ts'
import { NumberMemory } from '../../../main/engine/training/state/number-memory.ts'
import { createOptimizer, type Optimizer, plainNumbers } from '../../../main/engine/training/state/optimizer.ts'
import { Table } from '../../../main/engine/training/state/tables.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

const bagsOf = (bags: readonly (readonly number[])[]): BagRows => ({
  count: bags.length,
  offsets: Int32Array.from({ length: bags.length + 1 }, (_, r) => bags.slice(0, r).reduce((sum, bag) => sum + bag.length, 0)),
  indices: Int32Array.from(bags.flat()),
})

/** Two tables of the same numbers: one in a memory beside something else, one anywhere. */
function both(rows: number, dim: number, optimizer: Optimizer): { within: Table; anywhere: Table; values: Float32Array } {
  const values = numbers(rows * dim, 3)
  const memory = NumberMemory.for([4, 4 * rows * dim])!
  memory.take(4)
  const take = (size: number): Float32Array => memory.take(size)
  const own = take(rows * dim)
  own.set(values)
  const slots = optimizer.createSlots(rows * dim, take)
  const shape = { name: 't', rows, dim }
  return {
    within: new Table(shape, { values: own, slots, within: { memory, gradient: take(rows * dim) } }),
    anywhere: new Table(shape, plainNumbers(values.slice(), optimizer.createSlots(rows * dim))),
    values,
  }
}

const adam = createOptimizer(optimizerSchema.parse({ kind: 'adam', weightDecay: 0.01 }))

describe('a table in the memory of its state', () => {
  test('means, gradients and steps are those of plain loops', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(40), { maxLength: 70 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(4, 8, 28, 32, 36, 64, 260),
        (list, dim) => {
          const { within, anywhere, values } = both(41, dim, adam)
          const bags = bagsOf(list)
          const out = new Float32Array(list.length * dim).fill(9)
          within.gather(bags, out)
          const expected = list.flatMap((bag) =>
            Array.from({ length: dim }, (_, k) => bag.reduce((sum, row) => sum + values[row * dim + k]!, 0) / Math.max(1, bag.length)),
          )
          for (const [i, x] of out.entries()) expect(x).toBeCloseTo(expected[i]!, 5)

          for (const step of [1, 2, 3]) {
            const gradient = numbers(list.length * dim, step)
            for (const table of [within, anywhere]) table.accumulate(bags, gradient)
            expect(within.gradient.rows).toEqual(anywhere.gradient.rows)
            for (const [i, x] of within.gradient.gradient.entries()) expect(x).toBeCloseTo(anywhere.gradient.gradient[i]!, 5)
            for (const table of [within, anywhere]) {
              adam.descend(step, 0.05)(table.gradient)
              table.clear()
            }
          }
          expect(relativeError(within.values, anywhere.values)).toBeLessThan(1e-4)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('more rows and indices than are copied at once, and a bag that is larger than all of it', () => {
    const { within, anywhere } = both(300, 4, adam)
    const list = [
      ...Array.from({ length: 9000 }, (_, r) => Array.from({ length: r % 17 }, (__, j) => (7 * r + j) % 300)),
      Array.from({ length: 70_000 }, (_, j) => j % 251),
      [5],
    ]
    const bags = bagsOf(list)
    const [a, b] = [new Float32Array(list.length * 4), new Float32Array(list.length * 4)]
    within.gather(bags, a)
    anywhere.gather(bags, b)
    expect(relativeError(a, b)).toBeLessThan(1e-5)
    const gradient = numbers(list.length * 4, 1)
    for (const table of [within, anywhere]) table.accumulate(bags, gradient)
    expect(relativeError(within.gradient.gradient, anywhere.gradient.gradient)).toBeLessThan(1e-4)
  })

  test('a dense weight takes the same step as one anywhere', () => {
    const memory = NumberMemory.for([400])!
    const values = memory.take(100)
    values.set(numbers(100, 1))
    const slots = adam.createSlots(100, (size) => memory.take(size))
    const gradient = memory.take(100)
    gradient.set(numbers(100, 2))
    const plain = plainNumbers(values.slice(), adam.createSlots(100))
    const common = { name: 'w', rows: null, width: 100, gradient }
    adam.descend(1, 0.1)({ ...common, values, slots, memory })
    adam.descend(1, 0.1)({ ...common, values: plain.values, slots: plain.slots, memory: null })
    expect(relativeError(values, plain.values)).toBeLessThan(1e-6)
    expect(relativeError(slots[1]!, plain.slots[1]!)).toBeLessThan(1e-6)
  })

  test('numbers that no memory holds are left where they are', () => {
    expect(NumberMemory.for([700_000_000, 60_000_000])).toBeNull()
    expect([4, 64, 0, 3, 6].map((width) => NumberMemory.fits(width))).toEqual([true, true, false, false, false])
  })
})
