/**
 * How fast a traced step is against the machine's own GEMM: matrix factorisation with sampled softmax at batch 2,048, 2,048
 * negatives, d 64, and a feature model with in-batch softmax. Medians; the two are measured in turn, so that a noisy machine slows both.
 */
import type { Graph } from '../../main/engine/compute/graph.ts'
import { gemmFlops } from '../../main/engine/compute/graph.ts'
import { GraphSession } from '../../main/engine/compute/graph-session.ts'
import { trace } from '../../main/engine/compute/trace.ts'
import { twoTowerSchema, type TwoTowerSpec } from '../../main/contract/shapes/spec.ts'
import type { FrozenEncoders, SideLayout } from '../../main/engine/features/encoded.ts'
import { buildTwoTower } from '../../main/engine/towers/two-tower.ts'
import { negativeCount } from '../../main/engine/training/candidates/plan.ts'
import { stepProgram } from '../../main/engine/training/step/program.ts'
import { randomFeeds } from '../helpers/model.ts'
import { numbers } from '../helpers/numbers.ts'

const ROUNDS = 31
/** of each further loss */
const FEW = 9

const layout = (side: 'user' | 'item', dims: readonly number[], denseWidth: number): SideLayout => ({
  side,
  denseWidth,
  contextDenseWidth: 0,
  denseNames: [],
  bags: dims.map((dim, i) => ({ feature: `f${i}`, table: `${side}.f${i}`, dim })),
  contextBags: [],
})

function encodersOf(dims: readonly number[], denseWidth: number): FrozenEncoders {
  const [userLayout, itemLayout] = [layout('user', dims, denseWidth), layout('item', dims, denseWidth)]
  const tables = [userLayout, itemLayout].flatMap(({ bags }) => bags.map(({ table, dim }) => ({ name: table, rows: 1, dim })))
  return { version: 1, user: [], item: [], tables, userLayout, itemLayout, referenceTime: null }
}

const features = [{ kind: 'id', dim: 1 }]
export const MODELS: Record<string, { spec: TwoTowerSpec; encoders: FrozenEncoders }> = {
  'mf-softmax, batch 2048, 2048 negatives, d 64': {
    spec: twoTowerSchema.parse({
      user: { features, output: null },
      item: { features, output: null },
      loss: { kind: 'sampled-softmax', negatives: 2048 },
      training: { batchSize: 2048 },
    }),
    encoders: encodersOf([64], 0),
  },
  ...Object.fromEntries(
    Object.entries({
      'in-batch-softmax': { kind: 'in-batch-softmax' },
      'mixed-softmax': { kind: 'mixed-softmax' },
      nce: { kind: 'nce' },
      bce: { kind: 'bce' },
      bpr: { kind: 'bpr' },
      hinge: { kind: 'hinge' },
      ccl: { kind: 'ccl' },
      bsl: { kind: 'bsl' },
      directau: { kind: 'directau' },
      'bpr, 64 negatives of each row': { kind: 'bpr', shared: false, negatives: 64 },
    }).map(([name, loss]) => [
      `${name}, same batch`,
      {
        spec: twoTowerSchema.parse({
          user: { features, output: null },
          item: { features, output: null },
          loss,
          training: { batchSize: 2048 },
        }),
        encoders: encodersOf([64], 0),
      },
    ]),
  ),
  'two-tower, 6 embeddings + 16 numbers, 128 → 64, batch 1024': {
    spec: twoTowerSchema.parse({
      user: { features, hidden: [128], layerNorm: true },
      item: { features, hidden: [128], layerNorm: true },
      training: { batchSize: 1024 },
    }),
    encoders: encodersOf([32, 32, 32, 16, 16, 8], 16),
  },
}

/** One product of two n × n matrices. */
function gemm(n: number): Graph {
  const value = { name: 'y', type: 'float32' as const, shape: [n, n] }
  return {
    inputs: ['a', 'b'].map((name) => ({ name, type: 'float32' as const, shape: [n, n] })),
    outputs: [value],
    constants: [],
    nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: [value], attributes: {} }],
  }
}

export const time = async (run: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await run()
  return performance.now() - started
}
export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

export async function benchSteps(): Promise<void> {
  const n = 1024
  const square = await GraphSession.create(gemm(n))
  const operands = { a: numbers(n * n, 1), b: numbers(n * n, 2) }
  for (const [name, { spec, encoders }] of Object.entries(MODELS)) {
    const program = stepProgram(buildTwoTower(spec, encoders), spec, { batch: spec.training.batchSize, negatives: negativeCount(spec) })
    const graph = await trace(program)
    const session = await GraphSession.create(graph)
    const feeds = randomFeeds(program, 1)
    const [steps, products]: [number[], number[]] = [[], []]
    const rounds = name.endsWith('same batch') ? FEW : ROUNDS
    for (let round = 0; round < rounds; round++) {
      steps.push(await time(() => session.run(feeds)))
      products.push(await time(() => square.run(operands)))
    }
    await session.dispose()
    const machine = (2 * n ** 3) / median(products) / 1e6
    const step = gemmFlops(graph) / median(steps) / 1e6
    console.log(name)
    console.log(
      `  ${graph.nodes.length} nodes, ${(gemmFlops(graph) / 1e9).toFixed(2)} GFLOP of matrix products a step, ${median(steps).toFixed(1)} ms (median of ${rounds})`,
    )
    console.log(
      `  step ${step.toFixed(0)} GFLOP/s, machine's GEMM (${n}³) ${machine.toFixed(0)} GFLOP/s, ratio ${(step / machine).toFixed(2)}`,
    )
  }
  await square.dispose()
}
