/**
 * History encoders, a row each: from the embeddings of a user's earlier items, most recent first and padded, to one vector a user (or
 * several). Plain functions of tensors like all layers; an empty history gives zeros whatever the encoder. Where not said otherwise
 * x is [rows × length × dim] and mask [rows × length], 1 for an item and 0 for padding.
 */
import type { EncoderSpec } from '../../contract/shapes/features.ts'
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import type { WeightShape } from './build.ts'
import { layerNorm, relu } from './layers.ts'

type Kind = EncoderSpec['kind']
type SpecOf<K extends Kind> = Extract<EncoderSpec, { kind: K }>

/** Added to a forbidden score: its share is exactly 0 in float32, and rows where all is forbidden stay finite. */
const FORBIDDEN = -1e9

/** Sizes of a sequence. */
export interface SequenceSize {
  readonly length: number
  /** of an item's embedding */
  readonly dim: number
}

/** What an encoder works with; `weight` gives its weights by their short names. */
interface Encoding {
  readonly x: Tensor3D
  readonly mask: Tensor2D
  readonly size: SequenceSize
  readonly weight: (name: string) => Tensor
}

/** A weight by its short name. */
type Weight = readonly [name: string, shape: readonly number[], init: WeightShape['init']]

interface Encoder<K extends Kind> {
  /** of the encoded vector */
  width(spec: SpecOf<K>, size: SequenceSize): number
  weights(spec: SpecOf<K>, size: SequenceSize): readonly Weight[]
  /** [rows × width], or [rows × interests × width] */
  encode(spec: SpecOf<K>, encoding: Encoding): Tensor
}

export const encoders: { readonly [K in Kind]: Encoder<K> } = {
  mean: {
    width: (_spec, { dim }) => dim,
    weights: () => [],
    encode: (_spec, { x, mask }) => weightedMean(x, mask),
  },

  recency: {
    width: (_spec, { dim }) => dim,
    weights: () => [],
    encode({ halfLife }, { x, mask, size }) {
      const decay = tf.tensor2d(
        Float32Array.from({ length: size.length }, (_, i) => 2 ** (-i / halfLife)),
        [1, size.length],
      )
      return weightedMean(x, tf.mul(mask, decay))
    },
  },

  attention: {
    width: (_spec, { dim }) => dim,
    weights: ({ hidden }, { dim }) => attentionWeights('', hidden, dim, 1),
    encode: (_spec, encoding) => additiveAttention('', encoding),
  },

  'short-long': {
    width: (_spec, { dim }) => 2 * dim,
    weights: ({ hidden }, { dim }) => attentionWeights('short.', hidden, dim, 1),
    encode({ short }, { x, mask, size, weight }) {
      const length = Math.min(short, size.length)
      const recent = { x: firstItems(x, length), mask: firstPlaces(mask, length), size: { ...size, length }, weight }
      return tf.concat([additiveAttention('short.', recent), weightedMean(x, mask)], 1)
    },
  },

  interests: {
    width: (_spec, { dim }) => dim,
    weights: ({ hidden, count }, { dim }) => attentionWeights('', hidden, dim, count),
    /** [rows × count × dim]: Lin et al. 2020 (ComiRec-SA), A = softmax(W₂ᵀ tanh(W₁ H)), V = A·H */
    encode: ({ count }, encoding) => tf.matMul(attentionShares('', encoding, count), encoding.x),
  },

  gru: {
    width: ({ hidden }) => hidden,
    weights: ({ hidden }, { dim }) => [
      ['input', [dim, 3 * hidden], 'glorot'],
      ['state', [hidden, 3 * hidden], 'glorot'],
      ['bias', [3 * hidden], 'zeros'],
    ],
    encode: ({ hidden }, encoding) => gru(hidden, encoding),
  },

  'self-attention': {
    width: (_spec, { dim }) => dim,
    weights: ({ layers, feedForward }, { dim }) => [
      ...Array.from({ length: layers }, (_, l) => layerWeights(`layer${l}.`, dim, feedForward * dim)).flat(),
      ['norm.gain', [dim], 'ones'],
      ['norm.offset', [dim], 'zeros'],
    ],
    encode({ layers, heads }, encoding) {
      const { size, weight } = encoding
      let h = flat(encoding.x, size)
      const bias = attentionBias(encoding)
      for (let l = 0; l < layers; l++) h = transformerLayer(`layer${l}.`, h, bias, heads, encoding)
      const last = firstItems(tf.reshape(h, [-1, size.length, size.dim]), 1)
      const normed = layerNorm(tf.reshape(last, [-1, size.dim]), weight('norm.gain'), weight('norm.offset'))
      return emptyToZero(normed, encoding.mask)
    },
  },
}

/** The row of a spec's kind, for code that treats all alike. */
export function encoderOf(spec: EncoderSpec): Encoder<Kind> {
  return encoders[spec.kind] as unknown as Encoder<Kind>
}

/** How many vectors a user gets. */
export const interestsOf = (spec: EncoderSpec): number => (spec.kind === 'interests' ? spec.count : 1)

/** Σ weight·x / Σ weight; zeros where nothing weighs. */
function weightedMean(x: Tensor3D, weight: Tensor2D): Tensor2D {
  const total = tf.maximum(tf.sum(weight, 1, true), 1e-9)
  return tf.div(tf.sum<Tensor2D>(tf.mul(x, tf.expandDims(weight, 2)), 1), total)
}

function attentionWeights(prefix: string, hidden: number, dim: number, queries: number): Weight[] {
  return [
    [`${prefix}kernel`, [dim, hidden], 'glorot'],
    [`${prefix}bias`, [hidden], 'zeros'],
    [`${prefix}query`, [hidden, queries], 'glorot'],
  ]
}

/** [rows × queries × length]: of each query the shares of the items, which add up to 1, or to 0 for an empty history. */
function attentionShares(prefix: string, { x, mask, size, weight }: Encoding, queries: number): Tensor3D {
  const hidden = tf.tanh(tf.add(tf.matMul(flat(x, size), weight(`${prefix}kernel`) as Tensor2D), weight(`${prefix}bias`)))
  const scores = tf.transpose(tf.reshape(tf.matMul(hidden, weight(`${prefix}query`) as Tensor2D), [-1, size.length, queries]), [0, 2, 1])
  const places = tf.expandDims(mask, 1)
  return tf.mul<Tensor3D>(tf.softmax(tf.add(scores, tf.mul(tf.sub(1, places), FORBIDDEN))), places)
}

function additiveAttention(prefix: string, encoding: Encoding): Tensor2D {
  return tf.reshape(tf.matMul(attentionShares(prefix, encoding, 1), encoding.x), [-1, encoding.size.dim])
}

/** Cho et al. 2014, with the reset gate after the product as in cuDNN and PyTorch; padding, which comes first, leaves the state as it is. */
function gru(hidden: number, { x, mask, size, weight }: Encoding): Tensor2D {
  const inputs = tf.reshape(tf.add(tf.matMul(flat(x, size), weight('input') as Tensor2D), weight('bias')), [-1, size.length, 3 * hidden])
  const [steps, present] = [tf.unstack(inputs, 1), tf.unstack(mask, 1)]
  let state: Tensor2D | null = null
  for (let i = size.length - 1; i >= 0; i--) {
    const [z, r, n] = tf.split<Tensor2D>(steps[i]!, 3, 1) as [Tensor2D, Tensor2D, Tensor2D]
    const there = tf.expandDims(present[i]!, 1)
    if (state === null) {
      // the state before the oldest item is 0
      state = tf.mul(tf.mul(tf.sub(1, tf.sigmoid(z)), tf.tanh(n)), there)
      continue
    }
    const [hz, hr, hn] = tf.split<Tensor2D>(tf.matMul(state, weight('state')), 3, 1) as [Tensor2D, Tensor2D, Tensor2D]
    const update = tf.sigmoid(tf.add(z, hz))
    const candidate = tf.tanh(tf.add(n, tf.mul(tf.sigmoid(tf.add(r, hr)), hn)))
    // h' = h + there·(1 − z)·(n − h)
    state = tf.add(state, tf.mul<Tensor2D>(tf.mul(there, tf.sub(1, update)), tf.sub(candidate, state)))
  }
  return state!
}

/** Weights of one transformer layer. */
export function layerWeights(prefix: string, dim: number, inner: number): Weight[] {
  return [
    [`${prefix}attention.gain`, [dim], 'ones'],
    [`${prefix}attention.offset`, [dim], 'zeros'],
    ...['query', 'key', 'value', 'output'].map((name): Weight => [`${prefix}attention.${name}`, [dim, dim], 'glorot']),
    [`${prefix}inner.gain`, [dim], 'ones'],
    [`${prefix}inner.offset`, [dim], 'zeros'],
    [`${prefix}inner.kernel`, [dim, inner], 'glorot'],
    [`${prefix}inner.bias`, [inner], 'zeros'],
    [`${prefix}outer.kernel`, [inner, dim], 'glorot'],
    [`${prefix}outer.bias`, [dim], 'zeros'],
  ]
}

/** [rows × 1 × length × length] to add to scores: an item reads itself and older ones (which stand after it), never padding. */
function attentionBias({ mask, size: { length } }: Encoding): Tensor {
  const causal = Float32Array.from({ length: length * length }, (_, i) => (i % length >= Math.floor(i / length) ? 0 : FORBIDDEN))
  const padding = tf.reshape(tf.mul(tf.sub(1, mask), FORBIDDEN), [-1, 1, 1, length])
  return tf.add(padding, tf.tensor(causal, [1, 1, length, length]))
}

/** h + attention(norm(h)), then h + feedForward(norm(h)); h is [rows·length × dim]; the bias is added to the scores. */
export function transformerLayer(
  prefix: string,
  h: Tensor2D,
  bias: Tensor | null,
  heads: number,
  { size, weight }: Pick<Encoding, 'size' | 'weight'>,
): Tensor2D {
  const at = (name: string): Tensor2D => weight(`${prefix}${name}`) as Tensor2D
  const width = size.dim / heads
  const x = layerNorm(h, at('attention.gain'), at('attention.offset'))
  const split = (name: string): Tensor => tf.transpose(tf.reshape(tf.matMul(x, at(name)), [-1, size.length, heads, width]), [0, 2, 1, 3])
  const scores = tf.mul(tf.matMul(split('attention.query'), split('attention.key'), false, true), 1 / Math.sqrt(width))
  const shares = tf.softmax(bias === null ? scores : tf.add(scores, bias))
  const mixed = tf.reshape(tf.transpose(tf.matMul(shares, split('attention.value')), [0, 2, 1, 3]), [-1, size.dim])
  const attended = tf.add<Tensor2D>(h, tf.matMul(mixed, at('attention.output')))
  const y = layerNorm(attended, at('inner.gain'), at('inner.offset'))
  const inner = relu(tf.add(tf.matMul(y, at('inner.kernel')), at('inner.bias'))) as Tensor2D
  return tf.add(attended, tf.add(tf.matMul(inner, at('outer.kernel')), at('outer.bias')))
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
