/** A trained tower as a graph of its own gives the vectors that training's own embedding gives. */
import { expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { GraphSession } from '../../../main/engine/compute/graph-session.ts'
import type { EncodedSide } from '../../../main/engine/features/encoded.ts'
import { buildTwoTower } from '../../../main/engine/towers/two-tower.ts'
import { Embedder } from '../../../main/engine/training/embed.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { standaloneGraph, standaloneProgram } from '../../../main/engine/model/standalone.ts'
import { createOptimizers, initialState } from '../../../main/engine/training/state/state.ts'
import { smallEncoders, smallSpec } from '../../helpers/model.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

const spec = smallSpec({ item: { features: [{ kind: 'id', dim: 4 }], hidden: [6], layerNorm: true, output: 5 } })
const model = buildTwoTower(spec, smallEncoders)
const state = initialState(model, spec, createOptimizers(spec.training))

/** Three items: an id each; a title of two rows, of none, of three. */
const encoded: EncodedSide = {
  count: 3,
  denseWidth: 1,
  dense: numbers(3, 1),
  bags: [
    { feature: 'id', table: 'item.id', offsets: Int32Array.of(0, 1, 2, 3), indices: Int32Array.of(5, 0, 7), unknownRate: 0 },
    { feature: 'title', table: 'item.title', offsets: Int32Array.of(0, 2, 2, 5), indices: Int32Array.of(3, 3, 1, 2, 19), unknownRate: 0 },
  ],
}
const feeds = {
  'item.dense': encoded.dense,
  'item.bag.id.rows': Int32Array.of(5, 0, 7),
  'item.bag.id.weights': Float32Array.of(1, 1, 1),
  'item.bag.title.rows': Int32Array.of(3, 3, 0, 0, 0, 0, 1, 2, 19),
  'item.bag.title.weights': Float32Array.of(1 / 2, 1 / 2, 0, 0, 0, 0, 1 / 3, 1 / 3, 1 / 3),
}

test('on ONNX Runtime and on tfjs-cpu', async () => {
  const embedder = await Embedder.create(model.item, state, { threads: 1 })
  const expected = await drain(embedder.embed(encoded, Int32Array.of(0, 1, 2), () => null))
  await embedder.dispose()
  const session = await GraphSession.create(await standaloneGraph(model.item, state), { threads: 1 })
  const shapes = { 'item.bag.title.length': 3, 'item.bag.id.length': 1, rows: 3 }
  const { vectors } = await session.run(feeds, shapes)
  await session.dispose()
  expect(relativeError(vectors!, expected)).toBeLessThan(1e-6)
  const eager = await (await compileProgram(standaloneProgram(model.item, state), { executor: 'tfjs-cpu' })).run(feeds, shapes)
  expect(relativeError(eager['vectors']!, expected)).toBeLessThan(1e-5)
})
