/**
 * Builds a tower from its spec: the names and shapes of its dense weights, the ports through which a batch enters, and the
 * forward function. Embedding tables are not here: what enters is the pooled rows of the batch, or the rows of a history one by one
 * where it is encoded in the tower, so that a step's cost does not depend on the number of users or items.
 */
import { badInput } from '../../contract/errors.ts'
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import type { Dimension } from '../compute/graph.ts'
import { port, type Port, withRank } from '../compute/port.ts'
import type { Program, Tensors } from '../compute/program.ts'
import { type Tensor, type Tensor2D, tf } from '../compute/tf.ts'
import type { SideLayout } from '../features/encoded.ts'
import type { Side } from '../dataset/dataset.ts'
import { attentionFusion } from './fusion.ts'
import { activations, denseLayer, l2Normalise, type Layer, normLayer } from './layers.ts'
import { type AddWeight, type InputPort, type MaskPort, type PooledPort, portsOf, type Weight, weightList } from './tower-ports.ts'
import { sequencePort } from './sequences.ts'

export interface Tower {
  readonly side: Side
  /** width of the output vector */
  readonly dim: number
  readonly weights: readonly Weight[]
  readonly ports: readonly InputPort[]
  readonly masks: readonly MaskPort[]
  /** vectors a row: several interests of a user, one after the other, else 1 */
  readonly interests: number
  /** [rows × port width] each → [rows·interests × dim]; masks, of as many rows, are applied where they are given */
  forward(inputs: Tensors): Tensor2D
}

export interface TowerOptions {
  readonly normalise: boolean
  readonly embeddingDropout: number
}

/** What {@link embedProgram} gives, [rows·interests × dim]. */
export const VECTORS = port('vectors', ['rows', 'dim'])

/** @throws PylonError bad-input where the tower has no input at all */
export function buildTower(spec: TowerSpec, layout: SideLayout, { normalise, embeddingDropout }: TowerOptions): Tower {
  const { side } = layout
  const ports = inputPorts(layout)
  const inputWidth = ports.reduce((sum, { width }) => sum + width, 0)
  if (inputWidth === 0) throw badInput('The tower has no features. Name at least one.', `${side}.features`)
  const { fusion } = spec
  const fusedWidth = fusion.kind === 'attention' ? fusion.dim : inputWidth
  const widths = [fusedWidth, ...spec.hidden]
  const last = widths.at(-1)!
  const interests = Math.max(...ports.map(({ sequence }) => sequence?.interests ?? 1))
  const mask = (name: string, width: number, rate: number): MaskPort | null =>
    rate > 0 ? { values: port(`${side}.mask.${name}`, ['rows', width]), rate } : null
  const featuresMask = mask('features', fusedWidth, embeddingDropout)
  const hiddenMasks = spec.hidden.map((width, i) => mask(`hidden${i}`, width, spec.dropout))

  const { list: weights, add } = weightList(
    '',
    ports.flatMap((input) => (input.kind === 'sequence' ? input.weights : [])),
  )
  const fuse = fusion.kind === 'attention' ? attentionFusion(side, fusion, ports, add) : null
  const hidden = spec.hidden.map((width, i) => hiddenLayer(`${side}.hidden${i}`, widths[i]!, width, spec, hiddenMasks[i]!, add))
  const output = spec.output === null ? null : denseLayer(`${side}.output`, last, spec.output, add)

  return {
    side,
    dim: spec.output ?? last,
    interests,
    weights,
    ports,
    masks: [featuresMask, ...hiddenMasks].filter((each) => each !== null),
    forward(inputs) {
      const parts = ports.map((input) => (input.kind === 'sequence' ? input.encode(inputs) : input.values.read(inputs)))
      const fused =
        fuse === null
          ? sideBySide(parts, interests, inputWidth)
          : fuse(
              parts.map((part) => withRank(part, 2)),
              inputs,
            )
      let x = masked(fused, featuresMask, inputs)
      for (const layer of hidden) x = layer(x, inputs)
      if (output !== null) x = output(x, inputs)
      return normalise ? l2Normalise(x) : x
    },
  }
}

function hiddenLayer(name: string, from: number, to: number, spec: TowerSpec, mask: MaskPort | null, add: AddWeight): Layer {
  const dense = denseLayer(name, from, to, add)
  const norm = spec.layerNorm ? normLayer(name, to, add) : null
  const activate: (x: Tensor2D) => Tensor2D = activations[spec.activation]
  return (x, inputs) => {
    let h = dense(x, inputs)
    if (norm !== null) h = norm(h, inputs)
    h = masked(activate(h), mask, inputs)
    return spec.residual && from === to ? tf.add(h, x) : h
  }
}

/** What has rows among a tower's inputs, and their masks where they are wanted. */
export function rowPorts(tower: Tower, withMasks: boolean): Port[] {
  return [...tower.ports.flatMap(portsOf), ...(withMasks ? tower.masks.map(({ values }) => values) : [])]
}

/**
 * A program's view of a tower: its input ports with `rows` rows, its weights, and its masks where they are wanted.
 * @param windows how many windows the rows of a causal history share; null: each row has its own history
 */
export function towerInputs(tower: Tower, rows: Dimension, withMasks: boolean, windows: number | null = null): Program['inputs'] {
  const maskRows = typeof rows === 'number' ? rows * tower.interests : rows
  const declared = (input: InputPort): Program['inputs'] => {
    const shared = windows === null || input.kind !== 'sequence' ? null : input.shared
    if (shared === null) return portsOf(input).map((each) => each.declare({ rows }))
    return [
      ...portsOf(input).map((each) => each.declare({ rows: windows! })),
      shared.places.declare({ rows }),
      shared.known.declare({ rows }),
    ]
  }
  return [
    ...tower.ports.flatMap(declared),
    ...tower.weights.map((weight) => weight.declare()),
    ...(withMasks ? tower.masks.map(({ values }) => values.declare({ rows: maskRows })) : []),
  ]
}

/** The inputs that training changes: pooled embeddings, histories' rows, and dense weights. */
export function trainedPorts({ ports, weights }: Tower): { readonly tables: readonly Port[]; readonly weights: readonly Port[] } {
  return { tables: ports.filter(({ isTrained }) => isTrained).map(({ values }) => values), weights }
}

/** The forward program of one tower, for any number of rows: {@link VECTORS}. */
export function embedProgram(tower: Tower): Program {
  return { inputs: towerInputs(tower, 'rows', false), run: (inputs) => VECTORS.write(tower.forward(inputs)) }
}

function inputPorts(layout: SideLayout): InputPort[] {
  const { side } = layout
  const pooled = (name: string, width: number, of: Pick<PooledPort, 'kind' | 'table' | 'feature' | 'isTrained'>): PooledPort => ({
    ...of,
    name,
    width,
    values: port(name, ['rows', width]),
    sequence: null,
  })
  const block = (kind: 'dense' | 'context', width: number): PooledPort[] =>
    width > 0 ? [pooled(`${side}.${kind}`, width, { kind, table: null, feature: null, isTrained: false })] : []
  const bag = ({ feature, table, dim, fixed }: { feature: string; table: string; dim: number; fixed?: true }): PooledPort =>
    pooled(bagName(side, feature, table), dim, { kind: 'bag', table, feature, isTrained: fixed !== true })
  return [
    ...block('dense', layout.denseWidth),
    ...block('context', layout.contextDenseWidth),
    ...layout.bags.map(bag),
    ...layout.contextBags.map((contextBag) =>
      contextBag.sequence === undefined ? bag(contextBag) : sequencePort(side, contextBag, contextBag.sequence),
    ),
  ]
}

/** The name of a bag's port: of its own table what follows the side, else its feature. */
export function bagName(side: Side, feature: string, table: string): string {
  return `${side}.bag.${table.startsWith(`${side}.`) ? table.slice(side.length + 1) : feature}`
}

/** All inputs side by side; where a row has several interests, each of them beside all the others: [rows·interests × inputWidth]. */
function sideBySide(parts: readonly Tensor[], interests: number, inputWidth: number): Tensor2D {
  if (interests === 1) return withRank(parts.length === 1 ? parts[0]! : tf.concat([...parts], 1), 2)
  const each = parts.map((part) => (part.rank === 3 ? part : tf.mul(tf.expandDims(part, 1), tf.ones([1, interests, 1]))))
  return tf.reshape(tf.concat(each, 2), [-1, inputWidth])
}

function masked(x: Tensor2D, mask: MaskPort | null, inputs: Tensors): Tensor2D {
  const given = mask?.values.readIfGiven(inputs) ?? null
  return given === null ? x : tf.mul(x, given)
}
