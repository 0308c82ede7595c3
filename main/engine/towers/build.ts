/**
 * Builds a tower from its spec: the names and shapes of its dense weights, the ports through which a batch enters, and the
 * forward function. Embedding tables are not here: what enters is the pooled rows of the batch, or the rows of a history one by one
 * where it is encoded in the tower, so that a step's cost does not depend on the number of users or items.
 */
import { PylonError } from '../../contract/errors.ts'
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import type { Dimension } from '../compute/graph.ts'
import { type Tensor, type Tensor2D, tf } from '../compute/tf.ts'
import type { Program, Tensors } from '../compute/program.ts'
import type { SideLayout } from '../features/types.ts'
import type { Side } from '../dataset/types.ts'
import { fuseByAttention, fusionWeights } from './fusion.ts'
import { activations, denseLayer, l2Normalise, layerNorm } from './layers.ts'
import { encodeSequence, sequenceInputs, sequencePort, type SequencePort, sequenceWeights } from './sequences.ts'

/** A dense weight and how it starts: Glorot uniform over its fans (Glorot & Bengio 2010, eq. 16), zeros or ones. */
export interface WeightShape {
  readonly name: string
  readonly shape: readonly number[]
  readonly init: 'glorot' | 'zeros' | 'ones'
}

/** One input of a tower, a row per entity: a dense block, the pooled embeddings of one bag, or a history to be encoded. */
export interface InputPort {
  readonly name: string
  /** what it adds to the width of the tower's input */
  readonly width: number
  readonly kind: 'dense' | 'context' | 'bag' | 'sequence'
  /** of a sequence: it enters as [rows × length × dim] under its name, and under others as sequencePorts says; null: it is no sequence */
  readonly sequence: SequencePort | null
  /** for bags: their table, and whether they are of the entity or of the moment */
  readonly table: string | null
  readonly feature: string | null
}

/** A dropout mask the trainer draws: entries 0 or 1/(1−rate). */
export interface MaskPort {
  readonly name: string
  readonly width: number
  readonly rate: number
}

export interface Tower {
  readonly side: Side
  /** width of the output vector */
  readonly dim: number
  readonly weights: readonly WeightShape[]
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

/** @throws PylonError bad-input where the tower has no input at all */
export function buildTower(spec: TowerSpec, layout: SideLayout, { normalise, embeddingDropout }: TowerOptions): Tower {
  const { side } = layout
  const ports = inputPorts(layout)
  const inputWidth = ports.reduce((sum, port) => sum + port.width, 0)
  if (inputWidth === 0) throw new PylonError('bad-input', 'The tower has no features. Name at least one.', `${side}.features`)
  const { fusion } = spec
  const fusedWidth = fusion.kind === 'attention' ? fusion.dim : inputWidth
  const widths = [fusedWidth, ...spec.hidden]
  const last = widths.at(-1)!
  const masks = dropoutMasks(side, spec, fusedWidth, embeddingDropout)
  const interests = Math.max(...ports.map(({ sequence }) => sequence?.interests ?? 1))

  return {
    side,
    dim: spec.output ?? last,
    interests,
    weights: [
      ...ports.flatMap((port) => sequenceWeights(port)),
      ...(fusion.kind === 'attention' ? fusionWeights(side, fusion, ports) : []),
      ...spec.hidden.flatMap((width, i) => hiddenWeights(side, i, widths[i]!, width, spec.layerNorm)),
      ...(spec.output === null ? [] : denseWeights(`${side}.output`, last, spec.output)),
    ],
    ports,
    masks,
    forward(inputs) {
      const parts = ports.map((port) => (port.sequence === null ? (inputs[port.name] as Tensor2D) : encodeSequence(port, inputs)))
      const fused =
        fusion.kind === 'attention'
          ? fuseByAttention(side, fusion, ports, parts as Tensor2D[], inputs)
          : joined(parts, interests, inputWidth)
      let x = masked(fused, inputs[`${side}.mask.features`])
      for (const i of spec.hidden.keys()) x = hiddenLayer(x, i, inputs)
      if (spec.output !== null) x = denseLayer(x, inputs[`${side}.output.kernel`] as Tensor2D, inputs[`${side}.output.bias`]!)
      return normalise ? l2Normalise(x) : x
    },
  }

  function hiddenLayer(x: Tensor2D, i: number, inputs: Tensors): Tensor2D {
    const at = (name: string): Tensor => inputs[`${side}.hidden${i}.${name}`]!
    let h = denseLayer(x, at('kernel') as Tensor2D, at('bias'))
    if (spec.layerNorm) h = layerNorm(h, at('gain'), at('offset'))
    h = masked(activations[spec.activation](h) as Tensor2D, inputs[`${side}.mask.hidden${i}`])
    return spec.residual && widths[i] === widths[i + 1] ? tf.add(h, x) : h
  }
}

/** A program's view of a tower: its input ports with `rows` rows, its weights, and its masks where they are wanted. */
export function towerInputs(tower: Tower, rows: Dimension, withMasks: boolean): Program['inputs'] {
  return [
    ...tower.ports.flatMap((port) =>
      port.sequence === null ? [{ name: port.name, shape: [rows, port.width] }] : sequenceInputs(port, rows),
    ),
    ...tower.weights.map(({ name, shape }) => ({ name, shape })),
    ...(withMasks ? tower.masks.map(({ name, width }) => ({ name, shape: [maskRows(rows, tower), width] })) : []),
  ]
}

/** The forward program of one tower, for any number of rows: `vectors` [rows × dim]. */
export function embedProgram(tower: Tower): Program {
  return { inputs: towerInputs(tower, 'rows', false), run: (inputs) => ({ vectors: tower.forward(inputs) }) }
}

function inputPorts(layout: SideLayout): InputPort[] {
  const { side } = layout
  const bag = ({ feature, table, dim }: { feature: string; table: string; dim: number }): InputPort => ({
    name: `${side}.bag.${table.startsWith(`${side}.`) ? table.slice(side.length + 1) : feature}`,
    width: dim,
    kind: 'bag',
    table,
    feature,
    sequence: null,
  })
  return [
    ...(layout.denseWidth > 0
      ? [{ name: `${side}.dense`, width: layout.denseWidth, kind: 'dense' as const, table: null, feature: null, sequence: null }]
      : []),
    ...(layout.contextDenseWidth > 0
      ? [{ name: `${side}.context`, width: layout.contextDenseWidth, kind: 'context' as const, table: null, feature: null, sequence: null }]
      : []),
    ...layout.bags.map(bag),
    ...layout.contextBags.map((contextBag) =>
      contextBag.sequence === undefined ? bag(contextBag) : sequencePort(side, contextBag, contextBag.sequence),
    ),
  ]
}

function maskRows(rows: Dimension, { interests }: Tower): Dimension {
  return typeof rows === 'number' ? rows * interests : rows
}

/** All inputs side by side; where a row has several interests, each of them beside all the others: [rows·interests × inputWidth]. */
function joined(parts: readonly Tensor[], interests: number, inputWidth: number): Tensor2D {
  if (interests === 1) return (parts.length === 1 ? parts[0]! : tf.concat([...parts], 1)) as Tensor2D
  const each = parts.map((part) => (part.rank === 3 ? part : tf.mul(tf.expandDims(part, 1), tf.ones([1, interests, 1]))))
  return tf.reshape(tf.concat(each, 2), [-1, inputWidth])
}

function dropoutMasks(side: Side, spec: TowerSpec, inputWidth: number, embeddingDropout: number): MaskPort[] {
  return [
    ...(embeddingDropout > 0 ? [{ name: `${side}.mask.features`, width: inputWidth, rate: embeddingDropout }] : []),
    ...(spec.dropout > 0 ? spec.hidden.map((width, i) => ({ name: `${side}.mask.hidden${i}`, width, rate: spec.dropout })) : []),
  ]
}

function hiddenWeights(side: Side, i: number, from: number, to: number, norm: boolean): WeightShape[] {
  const name = `${side}.hidden${i}`
  return [
    ...denseWeights(name, from, to),
    ...(norm
      ? [
          { name: `${name}.gain`, shape: [to], init: 'ones' as const },
          { name: `${name}.offset`, shape: [to], init: 'zeros' as const },
        ]
      : []),
  ]
}

function denseWeights(name: string, from: number, to: number): WeightShape[] {
  return [
    { name: `${name}.kernel`, shape: [from, to], init: 'glorot' },
    { name: `${name}.bias`, shape: [to], init: 'zeros' },
  ]
}

function masked(x: Tensor2D, mask: Tensor | undefined): Tensor2D {
  return mask === undefined ? x : tf.mul(x, mask)
}
