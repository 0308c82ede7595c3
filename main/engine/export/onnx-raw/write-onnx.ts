/** Both towers with their encoders inside: raw columns in, vectors out. Features that ONNX cannot encode keep their encoded inputs. */
import { join } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { onnxBytes, type OnnxGraph } from '../../compute/onnx.ts'
import type { FrozenEncoders } from '../../features/encoded.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import type { Side } from '../../dataset/dataset.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { RunTowers } from '../../model/towers.ts'
import { rowsPort, standaloneGraph, weightsPort } from '../../model/standalone.ts'
import { bagName } from '../../towers/build.ts'
import { type ExportSource, requireTwoTower } from '../source.ts'
import { RawBuilder } from './builder.ts'
import { type RawFeature, rawFeature } from './feature-encoders.ts'

/** What is written of one tower, for people and for programs. */
interface InputNote {
  readonly name: string
  readonly type: string
  readonly shape: readonly (number | string)[]
  /** null: raw */
  readonly encoded: string | null
}

/** `user_tower.onnx`, `item_tower.onnx` and `inputs.json`. */
export async function* writeRawOnnx(source: ExportSource): Stage {
  const { encoders, model, trained } = await RunTowers.read(source.runFolder, requireTwoTower(source))
  const notes: Partial<Record<Side, InputNote[]>> = {}
  for (const side of ['user', 'item'] as const) {
    yield { stage: 'write towers', done: side === 'user' ? 0 : 1, total: 2, unit: 'towers' }
    const { graph, inputs } = rawGraph(await standaloneGraph(model[side], trained), encoders, side)
    notes[side] = inputs
    await writeFileAtomic(
      join(source.folder, side === 'user' ? RUN_FILES.userTower : RUN_FILES.itemTower),
      onnxBytes(graph, { side, dim: String(model.dim), inputs: 'raw' }),
    )
  }
  await writeFileAtomic(join(source.folder, 'inputs.json'), `${JSON.stringify(notes, null, 2)}\n`)
}

/** A tower's graph with the encoders before it. */
export function rawGraph(tower: OnnxGraph, encoders: FrozenEncoders, side: Side): { graph: OnnxGraph; inputs: InputNote[] } {
  const builder = new RawBuilder()
  const layout = side === 'user' ? encoders.userLayout : encoders.itemLayout
  const wanted = new Set(tower.inputs.map(({ name }) => name))
  const made = encoders[side].map((frozen) => ({ name: frozen.feature.name, raw: rawFeature(frozen, { builder, encoders }) }))
  const encoded = new Map(made.flatMap(({ name, raw }) => (typeof raw === 'string' ? [[name, raw] as const] : [])))
  const blocks = made.flatMap(({ raw }) => (typeof raw === 'string' ? [] : raw.dense))
  const replaced = new Set<string>()
  const replace = (name: string, make: () => void): void => {
    if (!wanted.has(name)) return
    make()
    replaced.add(name)
  }
  if (layout.denseWidth > 0) replace(`${side}.dense`, () => builder.add('Concat', blocks, { axis: 1 }, `${side}.dense`))
  const context = made.flatMap(({ raw }) => (typeof raw === 'string' ? [] : raw.context))
  const first = builder.inputs[0]
  if (context.length > 0 && first !== undefined)
    replace(`${side}.context`, () => constantRows(builder, first.name, context, `${side}.context`))
  for (const { feature, table } of [...layout.bags, ...layout.contextBags]) {
    const raw = made.find(({ name }) => name === feature)!.raw
    const bag = typeof raw === 'string' ? undefined : bagOf(raw, side, feature, table)
    if (bag === undefined) continue
    const name = bagName(side, feature, table)
    const [rows, weights] = [rowsPort(name, 'length').name, weightsPort(name, 'length').name]
    replace(rows, () => builder.cast(bag.rows, 'int32', rows))
    replace(weights, () => builder.add('Identity', [bag.weights], {}, weights))
  }
  const kept = tower.inputs.filter(({ name }) => !replaced.has(name))
  const reasonOf = (name: string): string =>
    [...encoded].find(([feature]) => ['bag', 'sequence'].some((kind) => name.startsWith(`${side}.${kind}.${feature}`)))?.[1] ??
    'its encoder has no ONNX form'
  const inputs = [...builder.inputs.filter(({ name }) => isRead(name, builder)), ...kept]
  return {
    graph: {
      inputs,
      outputs: tower.outputs,
      constants: [...builder.constants, ...tower.constants],
      nodes: [...builder.nodes, ...tower.nodes],
    },
    inputs: inputs.map(({ name, type, shape }) => ({
      name,
      type: type === 'text' ? 'string' : type,
      shape: [...shape],
      encoded: kept.some((port) => port.name === name) ? reasonOf(name) : null,
    })),
  }
}

/** A feature's bag by what follows its name in the name of its table; a shared table is another feature's. */
function bagOf(raw: RawFeature, side: Side, feature: string, table: string): RawFeature['bags'][string] | undefined {
  const prefix = `${side}.${feature}`
  return raw.bags[table.startsWith(prefix) ? table.slice(prefix.length) : '']
}

/** [n, width] with the same values in every row. */
function constantRows(b: RawBuilder, like: string, values: readonly number[], output: string): void {
  const rows = b.add('Slice', [b.add('Shape', [like]), b.ints([0]), b.ints([1])])
  const shape = b.add('Concat', [rows, b.ints([values.length])], { axis: 0 })
  b.add('Expand', [b.cast(b.doubles(values), 'float32'), shape], {}, output)
}

const isRead = (name: string, { nodes }: RawBuilder): boolean => nodes.some((node) => node.inputs.includes(name))
