/**
 * Weights as int8: within half a step of what they were, the same when they are quantised again, and a graph where only what is gathered from
 * or multiplied by is. What ONNX Runtime makes of whole towers: test/interop/onnx_int8.py.
 */
import { expect, test } from 'vitest'
import type { Graph } from '../../../../main/engine/compute/graph.ts'
import { quantisedGraph } from '../../../../main/engine/export/int8/graph.ts'
import { dequantise, quantise } from '../../../../main/engine/export/int8/quantise.ts'
import { numbers } from '../../../helpers/numbers.ts'

const [ROWS, COLUMNS] = [40, 30] as const

function weights(): Float32Array {
  // channels of very different size, some of them all zeros
  return numbers(ROWS * COLUMNS, 3).map((value, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS]
    return row === 5 || column === 7 ? 0 : value * 10 ** ((row + column) % 6)
  })
}

test.each(['row', 'column'] as const)('by %s: each value is within half a step, the largest is exact, zero stays zero', (by) => {
  const values = weights()
  const small = quantise(values, COLUMNS, by)
  const again = dequantise(small, COLUMNS, by)
  for (const [i, value] of values.entries()) {
    const step = small.scales[by === 'row' ? Math.floor(i / COLUMNS) : i % COLUMNS]!
    expect(Math.abs(again[i]! - value)).toBeLessThanOrEqual(0.5 * step * (1 + 1e-5))
    if (value === 0) expect(again[i]).toBe(0)
  }
  expect(Math.max(...small.values)).toBe(127)
  expect(Math.min(...small.values)).toBe(-127)
  expect(quantise(again, COLUMNS, by).values).toEqual(small.values)
})

test('in a graph tables that are gathered from and layers that are multiplied by are int8, what else reads stays', () => {
  const constant = (name: string) => ({ name, type: 'float32', shape: [ROWS, COLUMNS], data: weights() }) as const
  const value = (name: string) => ({ name, type: 'float32', shape: [1, 1] }) as const
  const graph: Graph = {
    inputs: [{ name: 'rows', type: 'int32', shape: ['n'] }],
    outputs: [{ name: 'vectors', type: 'float32', shape: ['n', COLUMNS] }],
    constants: [constant('table'), constant('layer'), constant('both'), constant('added')],
    nodes: [
      { op: 'Gather', inputs: ['table', 'rows'], outputs: [value('a')], attributes: {} },
      { op: 'MatMul', inputs: ['a', 'layer'], outputs: [value('b')], attributes: {} },
      { op: 'Gather', inputs: ['both', 'rows'], outputs: [value('c')], attributes: {} },
      { op: 'MatMul', inputs: ['c', 'both'], outputs: [value('d')], attributes: {} },
      { op: 'Add', inputs: ['d', 'added'], outputs: [value('vectors')], attributes: {} },
    ],
  }
  const { constants, nodes } = quantisedGraph(graph)
  const types = Object.fromEntries(constants.map(({ name, type, shape }) => [name, [type, ...shape]]))
  expect(types).toEqual({
    'int8.last_axis': ['int64', 1],
    'table.int8': ['int8', ROWS, COLUMNS],
    'table.scale': ['float32', ROWS],
    'layer.int8': ['int8', ROWS, COLUMNS],
    'layer.scale': ['float32', COLUMNS],
    both: ['float32', ROWS, COLUMNS],
    added: ['float32', ROWS, COLUMNS],
  })
  // every value is made before it is read
  const known = new Set([...constants.map(({ name }) => name), 'rows'])
  for (const { inputs, outputs } of nodes) {
    for (const input of inputs) expect(known).toContain(input)
    for (const { name } of outputs) known.add(name)
  }
  expect(known).toContain('vectors')
})
