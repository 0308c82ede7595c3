/** Runs training steps of several specs on the CPU and by WebGPU; prints the worst difference of each, for the test that starts it. */
import { GraphSession } from '../../main/engine/compute/graph-session.ts'
import { trace } from '../../main/engine/compute/trace.ts'
import { buildTwoTower } from '../../main/engine/towers/two-tower.ts'
import { stepProgram } from '../../main/engine/training/step/program.ts'
import { randomFeeds, smallEncoders, smallSpec } from './model.ts'

const specs = {
  plain: smallSpec(),
  normalised: smallSpec({ user: { hidden: [16], layerNorm: true, output: 8 }, item: { hidden: [16], layerNorm: true, output: 8 } }),
  hinge: smallSpec({ loss: { kind: 'bpr' } }),
}
const worst: Record<string, number> = {}
for (const [name, spec] of Object.entries(specs)) {
  const program = stepProgram(buildTwoTower(spec, smallEncoders), spec, { batch: 16, negatives: 4 })
  const graph = await trace(program)
  const feeds = randomFeeds(program, 3)
  const [cpu, gpu] = [await GraphSession.create(graph, { threads: 1 }), await GraphSession.create(graph, { threads: 1, device: 'webgpu' })]
  const [ones, others] = [await cpu.run(feeds), await gpu.run(feeds)]
  worst[name] = Math.max(
    ...Object.entries(ones).flatMap(([port, values]) => [...values].map((value, i) => Math.abs(value - others[port]![i]!))),
  )
  await gpu.dispose()
  await cpu.dispose()
}
console.log(JSON.stringify(worst))
