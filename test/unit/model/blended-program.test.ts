/** A blend's towers as one graph give what its members' towers give, brought side by side in plain numbers; in TensorFlow.js too. */
import { expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { GraphSession } from '../../../main/engine/compute/graph-session.ts'
import { trace } from '../../../main/engine/compute/trace.ts'
import { graphModel } from '../../../main/engine/export/tfjs.ts'
import {
  asInnerProducts,
  covarianceOf,
  innerWidth,
  logCounts,
  popularityScale,
  scaledItems,
  scaledUsers,
  sideBySide,
} from '../../../main/engine/model/blend.ts'
import { blendedProgram, INTERACTIONS } from '../../../main/engine/model/blended-program.ts'
import { standaloneProgram } from '../../../main/engine/model/standalone.ts'
import { buildTwoTower } from '../../../main/engine/towers/two-tower.ts'
import { createOptimizers, initialState } from '../../../main/engine/training/state/state.ts'
import { smallEncoders, smallSpec } from '../../helpers/model.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

const ROWS = 3

test.each(['user', 'item'] as const)('%s', async (side) => {
  const towers = await Promise.all(
    (['dot', 'cosine', 'euclidean'] as const).map(async (metric, i) => {
      const spec = smallSpec({
        user: { features: [{ kind: 'id', dim: 4 }], hidden: [6], output: 4 + i },
        item: { features: [{ kind: 'id', dim: 4 }], hidden: [6], output: 4 + i },
        match: { kind: metric },
        training: { seed: i },
      })
      const model = buildTwoTower(spec, smallEncoders)
      const state = initialState(model, spec, createOptimizers(spec.training))
      const width = innerWidth(model.dim, metric)
      const covariance = await covarianceOf(asInnerProducts(numbers(40 * model.dim, 50 + i), model.dim, 'item', metric), width, 1)
      const scale = { metric, weight: [0.5, 0.2, 0.3][i]!, length: 2.5 - i, covariance }
      return { program: standaloneProgram(model[side], state), dim: model.dim, scale }
    }),
  )
  const popularity = popularityScale({ weight: -0.3, length: 1.7, deviation: 0.6 })
  const program = blendedProgram(side, towers, popularity)
  const sizes = Object.fromEntries(
    program.inputs.flatMap(({ shape }) => shape.flatMap((d, axis) => (typeof d === 'string' ? [[d, axis === 0 ? ROWS : 2] as const] : []))),
  )
  const feeds = Object.fromEntries(
    program.inputs.map(({ name, shape, dtype }, i) => {
      const size = shape.reduce<number>((product, d) => product * (typeof d === 'string' ? sizes[d]! : d), 1)
      if (name === INTERACTIONS.name) return [name, Float32Array.of(0, 3, 250)]
      return [name, dtype === 'int32' ? Int32Array.from({ length: size }, (_, k) => (k + i) % 7) : numbers(size, i)]
    }),
  )
  const parts = []
  for (const [i, { program: own, dim, scale }] of towers.entries()) {
    const start = `${i}.`
    const without = <T>(of: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(of).map(([name, value]) => [name.startsWith(start) ? name.slice(start.length) : name, value]))
    const ofMember = Object.fromEntries(Object.entries(feeds).filter(([name]) => name.startsWith(start)))
    const session = await GraphSession.create(await trace(own), { threads: 1 })
    const { vectors } = await session.run(without(ofMember), without(sizes))
    await session.dispose()
    const width = innerWidth(dim, scale.metric)
    const inner = asInnerProducts(vectors!, dim, side, scale.metric)
    parts.push({ width, vectors: side === 'item' ? scaledItems(inner, scale) : await scaledUsers(inner, width, scale, 1) })
  }
  const counts = feeds[INTERACTIONS.name]
  // users count alike, divided by the deviation of what they rank by
  const known = side === 'item' ? scaledItems(logCounts(counts!), popularity) : new Float32Array(ROWS).fill(-0.3 / 1.7 / 0.6)
  const expected = sideBySide([...parts, { width: 1, vectors: known }])

  const graph = await trace(program)
  expect(graph.outputs.map(({ shape }) => shape)).toEqual([['rows', 4 + 5 + 8 + 1]])
  const session = await GraphSession.create(graph, { threads: 1 })
  const { vectors } = await session.run(feeds, sizes)
  await session.dispose()
  expect(relativeError(vectors!, expected)).toBeLessThan(1e-6)
  const eager = await (await compileProgram(program, { executor: 'tfjs-cpu' })).run(feeds, sizes)
  expect(relativeError(eager['vectors']!, expected)).toBeLessThan(1e-6)
  // every node has a word in TensorFlow.js, and names that TensorFlow takes
  const { topology } = graphModel(graph)
  for (const { name } of topology.node) expect(name).toMatch(/^[A-Za-z0-9.][\w.\\/>-]*$/)
})
