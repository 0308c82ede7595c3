/** Towers as TensorFlow.js graph models: loaded by TensorFlow.js itself, they give what ONNX Runtime gives. */
import { expect, test } from 'vitest'
import { GraphSession } from '../../../main/engine/compute/graph-session.ts'
import { tf } from '../../../main/engine/compute/tf.ts'
import { turnedGraph } from '../../../main/engine/export/align.ts'
import { graphModel } from '../../../main/engine/export/tfjs.ts'
import type { Rotation } from '../../../main/engine/model/placed.ts'
import { buildTwoTower } from '../../../main/engine/towers/two-tower.ts'
import { standaloneGraph } from '../../../main/engine/model/standalone.ts'
import { createOptimizers, initialState } from '../../../main/engine/training/state/state.ts'
import { smallEncoders, smallSpec } from '../../helpers/model.ts'
import { numbers } from '../../helpers/numbers.ts'

const towers = (change: object): object => ({ hidden: [6, 6], output: 5, features: [{ kind: 'id', dim: 4 }], ...change })

test.each([
  ['relu', {}],
  ['gelu with layer norm', { activation: 'gelu', layerNorm: true }],
  ['silu, residual', { activation: 'silu', residual: true }],
  ['tanh', { activation: 'tanh' }],
  ['rotated', {}, { matrix: Float64Array.from(numbers(35, 9)), from: 5, to: 7, items: 1, users: 1 }],
])('%s', async (_, change, rotation?: Rotation) => {
  const spec = smallSpec({ user: towers(change), item: towers(change) })
  const model = buildTwoTower(spec, smallEncoders)
  const state = initialState(model, spec, createOptimizers(spec.training))
  for (const side of ['user', 'item'] as const) {
    const graph = turnedGraph(await standaloneGraph(model[side], state), rotation)
    const { topology, weights, specs, signature } = graphModel(graph)
    await tf.setBackend('cpu')
    const loaded = await tf.loadGraphModel({
      load: async () => ({
        modelTopology: topology,
        weightSpecs: [...specs].map((each) => ({ ...each, shape: [...each.shape] })),
        weightData: Uint8Array.from(weights).buffer,
        signature,
      }),
    })
    const rows = 3
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, type, shape }, i) => {
        const sized = shape.map((d, axis) => (typeof d === 'number' ? d : axis === 0 ? rows : 2))
        const size = sized.reduce((a, b) => a * b, 1)
        return [
          name,
          { shape: sized, data: type === 'int32' ? Int32Array.from({ length: size }, (_entry, k) => (k + i) % 7) : numbers(size, i) },
        ]
      }),
    )
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { shape, data }]) => [
        name,
        tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32'),
      ]),
    )
    const found = await (loaded.execute(tensors, 'vectors') as InstanceType<typeof tf.Tensor>).data()
    const session = await GraphSession.create(graph, { threads: 1 })
    const sizes = Object.fromEntries(
      graph.inputs.flatMap(({ shape }) => shape.flatMap((d, axis) => (typeof d === 'string' ? [[d, axis === 0 ? rows : 2] as const] : []))),
    )
    const { vectors } = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])), sizes)
    for (const [i, value] of vectors!.entries()) expect(found[i]).toBeCloseTo(value, 5)
    await session.dispose()
    loaded.dispose()
    for (const tensor of Object.values(tensors)) tensor.dispose()
  }
})
