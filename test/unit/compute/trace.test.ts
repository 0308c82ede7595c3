import { describe, expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { gemmFlops } from '../../../main/engine/compute/graph.ts'
import { GraphSession } from '../../../main/engine/compute/graph-session.ts'
import { createInnerProductScorer } from '../../../main/engine/compute/score.ts'
import { type Tensor2D, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { trace } from '../../../main/engine/compute/trace.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

const mlp: Program = {
  inputs: [
    { name: 'x', shape: ['rows', 3] },
    { name: 'w', shape: [3, 2] },
  ],
  run: ({ x, w }) => ({ y: tf.reshape(tf.relu(tf.matMul(x as Tensor2D, w as Tensor2D)), [-1, 2]) }),
}

describe('tracing', () => {
  test('a graph reads like the function', async () => {
    const graph = await trace({ ...mlp, inputs: [{ name: 'x', shape: [4, 3] }, mlp.inputs[1]!] })
    expect(graph.nodes.map((node) => `${node.op} ${JSON.stringify(node.outputs[0]!.shape)}`)).toEqual([
      'MatMul [4,2]',
      'Relu [4,2]',
      'Reshape [4,2]',
      'Identity [4,2]',
    ])
    expect(gemmFlops(graph)).toBe(2 * 4 * 3 * 2)
  })

  test('a named dimension takes any size', async () => {
    const session = await GraphSession.create(await trace(mlp), { threads: 1 })
    const reference = await compileProgram(mlp, { executor: 'tfjs-cpu' })
    const w = numbers(6, 2)
    for (const rows of [1, 2, 7, 33]) {
      const feeds = { x: numbers(rows * 3, rows), w }
      expect(relativeError((await session.run(feeds))['y']!, (await reference.run(feeds))['y']!)).toBeLessThan(1e-5)
    }
    await session.dispose()
  })

  test('nodes nobody reads are dropped', async () => {
    const graph = await trace({
      inputs: [{ name: 'x', shape: [2] }],
      run: ({ x }) => {
        tf.exp(x!)
        return { y: tf.neg(x!) }
      },
    })
    expect(graph.nodes.map((node) => node.op)).toEqual(['Neg', 'Identity'])
  })

  test('reading a number while tracing is refused, and so is a tensor from outside', async () => {
    await expect(trace({ inputs: [{ name: 'x', shape: [2] }], run: ({ x }) => ({ y: tf.scalar(x!.dataSync()[0]!) }) })).rejects.toThrow(
      /only when the graph runs/,
    )
    await tf.setBackend('cpu')
    const outside = tf.tensor1d([1, 2])
    await expect(trace({ inputs: [{ name: 'x', shape: [2] }], run: ({ x }) => ({ y: tf.add(x!, outside) }) })).rejects.toThrow()
    outside.dispose()
  })

  test('a filled tensor of a named size is refused with the remedy', async () => {
    await expect(
      trace({
        inputs: [{ name: 'x', shape: ['rows', 1] }],
        run: ({ x }) => ({ y: tf.concat([x!, tf.tile(tf.sum(x!, 0, true), [x!.shape[0], 1])], 1) }),
      }),
    ).rejects.toThrow(/broadcasting/)
  })

  test('the number of tensors does not grow', async () => {
    await trace(mlp)
    const before = tf.memory().numTensors
    for (let i = 0; i < 5; i++) await trace(mlp)
    const reference = await compileProgram(mlp, { executor: 'tfjs-cpu' })
    for (let i = 0; i < 5; i++) await reference.run({ x: numbers(6, i), w: numbers(6, 1) })
    expect(tf.memory().numTensors).toBe(before)
  })

  test('feeds are checked by name and length', async () => {
    const session = await GraphSession.create(await trace(mlp), { threads: 1 })
    await expect(session.run({ x: numbers(6, 1) })).rejects.toThrow('Input w is missing.')
    await expect(session.run({ x: numbers(7, 1), w: numbers(6, 1) })).rejects.toThrow(
      'Input x has 7 elements and cannot have the shape [rows, 3].',
    )
    await session.dispose()
  })
})

test('scores are inner products, against plain loops', async () => {
  const [items, queries] = [numbers(5 * 4, 1), numbers(3 * 4, 2)]
  const scorer = await createInnerProductScorer(items, 5, 4, { threads: 1 })
  const out = new Float32Array(15)
  await scorer.score(queries, 3, out)
  await scorer.dispose()
  const expected = Float64Array.from({ length: 15 }, (_, i) => {
    let sum = 0
    for (let k = 0; k < 4; k++) sum += queries[Math.floor(i / 5) * 4 + k]! * items[(i % 5) * 4 + k]!
    return sum
  })
  expect(relativeError(out, expected)).toBeLessThan(1e-6)
})
