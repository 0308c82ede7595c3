/**
 * Towers as ONNX models: those of a blend, which no run wrote; and any run's with the encoders inside, raw columns in and vectors out.
 * Features that ONNX cannot encode keep their encoded inputs.
 */
import { join } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { onnxBytes, type OnnxGraph } from '../../compute/onnx.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import type { Side } from '../../dataset/dataset.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import type { Towers } from '../../model/towers.ts'
import { rowsPort, weightsPort } from '../../model/standalone.ts'
import { INTERACTIONS } from '../../model/blended-program.ts'
import { bagName } from '../../towers/build.ts'
import { turnedGraph } from '../align.ts'
import { type ExportSource, openTowers } from '../source.ts'
import { RawBuilder } from './builder.ts'
import { type RawContext, type RawFeature, rawFeature } from './feature-encoders.ts'

/** What is written of one tower, for people and for programs. */
interface InputNote {
  readonly name: string
  readonly type: string
  readonly shape: readonly (number | string)[]
  /** null: raw */
  readonly encoded: string | null
}

const TOWER_FILES = { user: RUN_FILES.userTower, item: RUN_FILES.itemTower } as const

/** `user_tower.onnx` and `item_tower.onnx` of a blend or of a rotated run; any other two-tower run has them among its own files. */
export async function* writeOwnOnnx(source: ExportSource, folder = source.folder): Stage {
  if (source.run.spec.model === 'blend' || source.rotation !== undefined) yield* writeTowers(source, folder, {}, (graph) => graph)
}

/** `user_tower.onnx`, `item_tower.onnx` and `inputs.json`. */
export async function* writeRawOnnx(source: ExportSource): Stage {
  const notes: Partial<Record<Side, InputNote[]>> = {}
  yield* writeTowers(source, source.folder, { inputs: 'raw' }, (tower, towers, side) => {
    const { graph, inputs } = rawGraph(tower, towers, side)
    notes[side] = inputs
    return graph
  })
  await writeFileAtomic(join(source.folder, 'inputs.json'), `${JSON.stringify(notes, null, 2)}\n`)
}

async function* writeTowers(
  source: ExportSource,
  folder: string,
  facts: Readonly<Record<string, string>>,
  form: (graph: OnnxGraph, towers: Towers, side: Side) => OnnxGraph,
): Stage {
  const towers = await openTowers(source)
  for (const side of ['user', 'item'] as const) {
    yield { stage: 'write towers', done: side === 'user' ? 0 : 1, total: 2, unit: 'towers' }
    const graph = turnedGraph(await towers.graph(side), source.rotation)
    const bytes = onnxBytes(form(graph, towers, side), { side, dim: String(graph.outputs[0]!.shape[1]), ...facts })
    await writeFileAtomic(join(folder, TOWER_FILES[side]), bytes)
  }
}

/** A graph of towers with the encoders of each pair before it; what several pairs read of an entity is one input. */
function rawGraph(tower: OnnxGraph, towers: Towers, side: Side): { graph: OnnxGraph; inputs: InputNote[] } {
  const { pairs } = towers
  const builder = new RawBuilder()
  const wanted = new Set(tower.inputs.map(({ name }) => name))
  const replaced = new Set<string>()
  const encoded: (readonly [start: string, why: string])[] = []
  const historyName = historyNames(towers)
  for (const [i, { encoders }] of pairs.entries()) {
    const prefix = towers.inputPrefix(i)
    const layout = side === 'user' ? encoders.userLayout : encoders.itemLayout
    const context = { builder, encoders, historyName: (feature) => historyName(i, feature) } satisfies RawContext
    const made = encoders[side].map((frozen) => ({ name: frozen.feature.name, raw: rawFeature(frozen, context) }))
    for (const { name, raw } of made)
      if (typeof raw === 'string') for (const kind of ['bag', 'sequence']) encoded.push([`${prefix}${side}.${kind}.${name}`, raw])
    const replace = (own: string, make: (output: string) => void): void => {
      const name = prefix + own
      if (!wanted.has(name)) return
      make(name)
      replaced.add(name)
    }
    const blocks = made.flatMap(({ raw }) => (typeof raw === 'string' ? [] : raw.dense))
    if (layout.denseWidth > 0) replace(`${side}.dense`, (output) => builder.add('Concat', blocks, { axis: 1 }, output))
    const constants = made.flatMap(({ raw }) => (typeof raw === 'string' ? [] : raw.context))
    const first = builder.inputs[0]
    if (constants.length > 0 && first !== undefined)
      replace(`${side}.context`, (output) => constantRows(builder, first.name, constants, output))
    for (const { feature, table } of [...layout.bags, ...layout.contextBags]) {
      const raw = made.find(({ name }) => name === feature)!.raw
      const bag = typeof raw === 'string' ? undefined : bagOf(raw, side, feature, table)
      if (bag === undefined) continue
      const name = bagName(side, feature, table)
      replace(rowsPort(name, 'length').name, (output) => builder.cast(bag.rows, 'int32', output))
      replace(weightsPort(name, 'length').name, (output) => builder.add('Identity', [bag.weights], {}, output))
    }
  }
  const kept = tower.inputs.filter(({ name }) => !replaced.has(name))
  const reasonOf = (name: string): string => encoded.find(([start]) => name.startsWith(start))?.[1] ?? 'its encoder has no ONNX form'
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
      encoded: name !== INTERACTIONS.name && kept.some((port) => port.name === name) ? reasonOf(name) : null,
    })),
  }
}

/**
 * The input of a pair's history: its own name, unless pairs keep other parts of a user's past under that name, which are as many inputs.
 */
function historyNames(towers: Towers): (pair: number, feature: string) => string {
  const keptBy = (pair: number, name: string): string => {
    const feature = towers.pairs[pair]!.encoders.user.find((frozen) => frozen.feature.name === name)?.feature
    return feature?.kind === 'history' ? JSON.stringify([feature.events, feature.maxLength, feature.days]) : ''
  }
  return (pair, feature) => {
    const kept = new Set([...towers.pairs.keys()].map((each) => keptBy(each, feature)).filter((text) => text !== ''))
    return kept.size > 1 ? towers.inputPrefix(pair) + feature : feature
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
