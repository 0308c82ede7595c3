/**
 * History encoders, a row each: from the embeddings of a user's earlier items, most recent first and padded, to one vector a user (or
 * several). Plain functions of tensors like all layers; an empty history gives zeros whatever the encoder. Where not said otherwise
 * x is [rows × length × dim] and mask [rows × length], 1 for an item and 0 for padding.
 */
import type { HistoryEncoderSpec } from '../../contract/shapes/features.ts'
import type { Tensors } from '../compute/program.ts'
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import { denseLayer, type Layer, normLayer, relu } from './layers.ts'
import type { AddWeight, SequenceSize } from './tower-ports.ts'

type Kind = HistoryEncoderSpec['kind']
type SpecOf<K extends Kind> = Extract<HistoryEncoderSpec, { kind: K }>

/** Added to a forbidden score: its share is exactly 0 in float32, and rows where all is forbidden stay finite. */
const FORBIDDEN = -1e9

/** A history as it is encoded, and the program's inputs, where the encoder's weights are. */
interface History {
  readonly x: Tensor3D
  readonly mask: Tensor2D
  readonly inputs: Tensors
}

interface Encoder {
  /** of the encoded vector */
  readonly width: number
  /** [rows × width], or [rows × interests × width] */
  readonly encode: (history: History) => Tensor
  /** of a causal encoder: what it says at every place, of that item and the older ones, [rows·length × width] */
  readonly encodeAll?: (history: History) => Tensor2D
}

/** Makes the encoder of a spec, its weights by `add`. */
type Build<K extends Kind> = (spec: SpecOf<K>, size: SequenceSize, add: AddWeight) => Encoder

const encoders: { readonly [K in Kind]: Build<K> } = {
  mean: (_spec, { dim }) => ({ width: dim, encode: ({ x, mask }) => weightedMean(x, mask) }),

  recency: ({ halfLife }, { dim, length }) => ({
    width: dim,
    encode({ x, mask }) {
      const decay = tf.tensor2d(
        Float32Array.from({ length }, (_, i) => 2 ** (-i / halfLife)),
        [1, length],
      )
      return weightedMean(x, tf.mul(mask, decay))
    },
  }),

  attention: ({ hidden }, size, add) => ({ width: size.dim, encode: additiveAttention('', hidden, size, add) }),

  'short-long': ({ hidden, short }, size, add) => {
    const length = Math.min(short, size.length)
    const attend = additiveAttention('short.', hidden, { ...size, length }, add)
    return {
      width: 2 * size.dim,
      encode({ x, mask, inputs }) {
        const recent = { x: firstItems(x, length), mask: firstPlaces(mask, length), inputs }
        return tf.concat([attend(recent), weightedMean(x, mask)], 1)
      },
    }
  },

  interests: ({ hidden, count }, size, add) => {
    const shares = attentionShares('', hidden, size, count, add)
    /** [rows × count × dim]: Lin et al. 2020 (ComiRec-SA), A = softmax(W₂ᵀ tanh(W₁ H)), V = A·H */
    return { width: size.dim, encode: (history) => tf.matMul(shares(history), history.x) }
  },

  gru: ({ hidden }, size, add) => ({ width: hidden, encode: gru(hidden, size, add) }),

  'self-attention': ({ layers, heads, feedForward }, size, add) => {
    const stack = Array.from({ length: layers }, (_, l) => transformerLayer(`layer${l}.`, size, heads, feedForward * size.dim, add))
    const norm = normLayer('norm', size.dim, add)
    const states = ({ x, mask, inputs }: History): Tensor2D => {
      let h = flat(x, size)
      const bias = attentionBias(mask, size)
      for (const layer of stack) h = layer(h, bias, inputs)
      return h
    }
    return {
      width: size.dim,
      encode(history) {
        const last = firstItems(tf.reshape(states(history), [-1, size.length, size.dim]), 1)
        return emptyToZero(norm(tf.reshape(last, [-1, size.dim]), history.inputs), history.mask)
      },
      encodeAll: (history) => norm(states(history), history.inputs),
    }
  },
}

/** The row of a spec's kind, for code that treats all alike. */
export function encoderOf(spec: HistoryEncoderSpec): Build<Kind> {
  return encoders[spec.kind] as unknown as Build<Kind>
}

/** How many vectors a user gets. */
export const interestsOf = (spec: HistoryEncoderSpec): number => (spec.kind === 'interests' ? spec.count : 1)

/** Σ weight·x / Σ weight; zeros where nothing weighs. */
function weightedMean(x: Tensor3D, weight: Tensor2D): Tensor2D {
  const total = tf.maximum(tf.sum(weight, 1, true), 1e-9)
  return tf.div(tf.sum<Tensor2D>(tf.mul(x, tf.expandDims(weight, 2)), 1), total)
}

/** [rows × queries × length]: of each query the shares of the items, which add up to 1, or to 0 for an empty history. */
function attentionShares(
  prefix: string,
  hidden: number,
  size: SequenceSize,
  queries: number,
  add: AddWeight,
): (history: History) => Tensor3D {
  const kernel = add(`${prefix}kernel`, [size.dim, hidden], 'glorot')
  const bias = add(`${prefix}bias`, [hidden], 'zeros')
  const query = add(`${prefix}query`, [hidden, queries], 'glorot')
  return ({ x, mask, inputs }) => {
    const inner = tf.tanh(tf.add(tf.matMul(flat(x, size), kernel.read(inputs)), bias.read(inputs)))
    const scores = tf.transpose(tf.reshape(tf.matMul(inner, query.read(inputs)), [-1, size.length, queries]), [0, 2, 1])
    const places = tf.expandDims(mask, 1)
    return tf.mul<Tensor3D>(tf.softmax(tf.add(scores, tf.mul(tf.sub(1, places), FORBIDDEN))), places)
  }
}

function additiveAttention(prefix: string, hidden: number, size: SequenceSize, add: AddWeight): (history: History) => Tensor2D {
  const shares = attentionShares(prefix, hidden, size, 1, add)
  return (history) => tf.reshape(tf.matMul(shares(history), history.x), [-1, size.dim])
}

/**
 * Cho et al. 2014, with the reset gate after the product as in cuDNN and PyTorch; padding, which comes first, leaves
 * the state as it is.
 */
function gru(hidden: number, size: SequenceSize, add: AddWeight): (history: History) => Tensor2D {
  const [kernel, recurrent] = [add('input', [size.dim, 3 * hidden], 'glorot'), add('state', [hidden, 3 * hidden], 'glorot')]
  const bias = add('bias', [3 * hidden], 'zeros')
  return ({ x, mask, inputs }) => {
    const gates = tf.reshape(tf.add(tf.matMul(flat(x, size), kernel.read(inputs)), bias.read(inputs)), [-1, size.length, 3 * hidden])
    const [steps, present] = [tf.unstack(gates, 1), tf.unstack(mask, 1)]
    let state: Tensor2D | null = null
    for (let i = size.length - 1; i >= 0; i--) {
      const [z, r, n] = tf.split<Tensor2D>(steps[i]!, 3, 1)
      const there = tf.expandDims(present[i]!, 1)
      if (state === null) {
        // the state before the oldest item is 0
        state = tf.mul(tf.mul(tf.sub(1, tf.sigmoid(z!)), tf.tanh(n!)), there)
        continue
      }
      const projected: Tensor2D = tf.matMul(state, recurrent.read(inputs))
      const [hz, hr, hn] = tf.split<Tensor2D>(projected, 3, 1)
      const update = tf.sigmoid(tf.add(z!, hz!))
      const candidate = tf.tanh(tf.add(n!, tf.mul(tf.sigmoid(tf.add(r!, hr!)), hn!)))
      // h' = h + there·(1 − z)·(n − h)
      state = tf.add(state, tf.mul<Tensor2D>(tf.mul(there, tf.sub(1, update)), tf.sub(candidate, state)))
    }
    return state!
  }
}

/** [rows × 1 × length × length] to add to scores: an item reads itself and older ones (which stand after it), never padding. */
function attentionBias(mask: Tensor2D, { length }: SequenceSize): Tensor {
  const causal = Float32Array.from({ length: length * length }, (_, i) => (i % length >= Math.floor(i / length) ? 0 : FORBIDDEN))
  const padding = tf.reshape(tf.mul(tf.sub(1, mask), FORBIDDEN), [-1, 1, 1, length])
  return tf.add(padding, tf.tensor(causal, [1, 1, length, length]))
}

/** h + attention(norm(h)), then h + feedForward(norm(h)); h is [rows·length × dim]; the bias is added to the scores. */
export function transformerLayer(
  prefix: string,
  { length, dim }: SequenceSize,
  heads: number,
  innerWidth: number,
  add: AddWeight,
): (h: Tensor2D, bias: Tensor | null, inputs: Tensors) => Tensor2D {
  const projection = (name: string): Layer => {
    const kernel = add(`${prefix}attention.${name}`, [dim, dim], 'glorot')
    return (x, inputs) => tf.matMul(x, kernel.read(inputs))
  }
  const attentionNorm = normLayer(`${prefix}attention`, dim, add)
  const [query, key, value, output] = [projection('query'), projection('key'), projection('value'), projection('output')]
  const innerNorm = normLayer(`${prefix}inner`, dim, add)
  const inner = denseLayer(`${prefix}inner`, dim, innerWidth, add)
  const outer = denseLayer(`${prefix}outer`, innerWidth, dim, add)
  const width = dim / heads
  return (h, bias, inputs) => {
    const x = attentionNorm(h, inputs)
    const split = (project: Layer): Tensor => tf.transpose(tf.reshape(project(x, inputs), [-1, length, heads, width]), [0, 2, 1, 3])
    const scores = tf.mul(tf.matMul(split(query), split(key), false, true), 1 / Math.sqrt(width))
    const shares = tf.softmax(bias === null ? scores : tf.add(scores, bias))
    const mixed: Tensor2D = tf.reshape(tf.transpose(tf.matMul(shares, split(value)), [0, 2, 1, 3]), [-1, dim])
    const attended = tf.add<Tensor2D>(h, output(mixed, inputs))
    return tf.add(attended, outer(relu(inner(innerNorm(attended, inputs), inputs)), inputs))
  }
}

/** Rows whose history is empty to zeros. */
function emptyToZero(x: Tensor2D, mask: Tensor2D): Tensor2D {
  return tf.mul(x, firstPlaces(mask, 1))
}

const flat = (x: Tensor3D, { dim }: SequenceSize): Tensor2D => tf.reshape(x, [-1, dim])

function firstItems(x: Tensor3D, length: number): Tensor3D {
  return tf.slice3d(x, [0, 0, 0], [-1, length, -1])
}

function firstPlaces(mask: Tensor2D, length: number): Tensor2D {
  return tf.slice2d(mask, [0, 0], [-1, length])
}
