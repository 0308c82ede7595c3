/** Every kernel the tracer knows gives what tfjs-cpu gives, forward; a kernel without a case here fails the last test. */
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { TRACED_KERNELS } from '../../../main/engine/compute/kernels.ts'
import { type Rank, type Tensor, type Tensor1D, type Tensor2D, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'

interface Case {
  /** a is [4 × 6], b is [4 × 6], p is positive [4 × 6], r is [6], i is int32 [3] in 0..3 */
  readonly run: (x: { a: Tensor2D; b: Tensor2D; p: Tensor2D; r: Tensor1D; i: Tensor1D }) => Tensor | Tensor[]
}
const float = (x: Tensor): Tensor => tf.cast(x, 'float32')

const CASES: Record<string, Case['run']> = {
  Abs: ({ a }) => tf.abs(a),
  Atan: ({ a }) => tf.atan(a),
  Ceil: ({ a }) => tf.ceil(a),
  Cos: ({ a }) => tf.cos(a),
  Erf: ({ a }) => tf.erf(a),
  Exp: ({ a }) => tf.exp(a),
  Expm1: ({ a }) => tf.expm1(a),
  Floor: ({ a }) => tf.floor(a),
  Log: ({ p }) => tf.log(p),
  Log1p: ({ p }) => tf.log1p(p),
  LogicalNot: ({ a }) => float(tf.logicalNot(tf.greater(a, 0))),
  Neg: ({ a }) => tf.neg(a),
  Reciprocal: ({ p }) => tf.reciprocal(p),
  Relu: ({ a }) => tf.relu(a),
  Elu: ({ a }) => tf.elu(a),
  LeakyRelu: ({ a }) => tf.leakyRelu(a, 0.3),
  Sigmoid: ({ a }) => tf.sigmoid(a),
  Sign: ({ a }) => tf.sign(a),
  Sin: ({ a }) => tf.sin(a),
  Softplus: ({ a }) => tf.softplus(a),
  Sqrt: ({ p }) => tf.sqrt(p),
  Rsqrt: ({ p }) => tf.rsqrt(p),
  Square: ({ a }) => tf.square(a),
  Step: ({ a }) => tf.step(a),
  Tanh: ({ a }) => tf.tanh(a),
  ClipByValue: ({ a }) => tf.clipByValue(a, -0.5, 0.4),
  Identity: ({ a }) => tf.clone(a),
  Cast: ({ a }) => float(tf.cast(a, 'int32')),
  Add: ({ a, r }) => tf.add(a, r),
  Sub: ({ a, r }) => tf.sub(a, r),
  Multiply: ({ a, r }) => tf.mul(a, r),
  RealDiv: ({ a, p }) => tf.div(a, p),
  Maximum: ({ a, b }) => tf.maximum(a, b),
  Minimum: ({ a, r }) => tf.minimum(a, r),
  Pow: ({ p, b }) => tf.pow(p, b),
  LogicalAnd: ({ a, b }) => float(tf.logicalAnd(tf.greater(a, 0), tf.less(b, 0))),
  LogicalOr: ({ a, b }) => float(tf.logicalOr(tf.greater(a, 0), tf.less(b, 0))),
  Equal: ({ i }) => float(tf.equal(i, 2)),
  NotEqual: ({ i }) => float(tf.notEqual(i, 2)),
  Greater: ({ a, b }) => float(tf.greater(a, b)),
  GreaterEqual: ({ a, b }) => float(tf.greaterEqual(a, b)),
  Less: ({ a, b }) => float(tf.less(a, b)),
  LessEqual: ({ a, b }) => float(tf.lessEqual(a, b)),
  SquaredDifference: ({ a, b }) => tf.squaredDifference(a, b),
  AddN: ({ a, b, p }) => tf.addN([a, b, p]),
  Select: ({ a, b }) => tf.where(tf.greater(a, 0), a, b),
  Sum: ({ a }) => [tf.sum(a), tf.sum(a, 0), tf.sum(a, 1, true)],
  Max: ({ a }) => [tf.max(a), tf.max(a, -1, true)],
  Min: ({ a }) => tf.min(a, 0),
  Mean: ({ a }) => [tf.mean(a), tf.mean(a, 1, true)],
  Prod: ({ a }) => tf.prod(a, 1),
  ArgMax: ({ a }) => float(tf.argMax(a, 1)),
  Softmax: ({ a }) => tf.softmax(a),
  LogSoftmax: ({ a }) => tf.logSoftmax(a),
  TopK: ({ a }) => [tf.topk(a, 3, true).values, float(tf.topk(a, 3, true).indices)],
  Cumsum: ({ a }) => [tf.cumsum(a, 1), tf.cumsum(a, 0, true, true)],
  BatchMatMul: ({ a, b }) => [
    tf.matMul(a, b, false, true),
    tf.matMul(a, b, true, false),
    tf.matMul(a, tf.transpose(b)),
    tf.matMul(tf.reshape<Rank.R3>(a, [2, 2, 6]), tf.reshape<Rank.R3>(b, [2, 2, 6]), true, false),
  ],
  Reshape: ({ a }) => tf.reshape(a, [3, 8]),
  ExpandDims: ({ a }) => tf.expandDims(a, 1),
  Transpose: ({ a }) => tf.transpose(tf.reshape(a, [2, 3, 4]), [2, 0, 1]),
  Concat: ({ a, b }) => [tf.concat([a, b], 0), tf.concat([a, b], 1)],
  Pack: ({ a, b }) => tf.stack([a, b], 1),
  Unpack: ({ a }) => tf.unstack(a, 1),
  SplitV: ({ a }) => tf.split(a, [2, 4], 1),
  Slice: ({ a }) => tf.slice(a, [1, 2], [2, 3]),
  PadV2: ({ a }) =>
    tf.pad(
      a,
      [
        [1, 0],
        [2, 1],
      ],
      0.5,
    ),
  Tile: ({ a }) => tf.tile(a, [2, 1]),
  BroadcastTo: ({ r }) => tf.broadcastTo(r, [3, 6]),
  Reverse: ({ a }) => tf.reverse(a, 1),
  GatherV2: ({ a, i }) => [tf.gather(a, i), tf.gather(a, i, 1)],
  GatherNd: ({ a }) =>
    tf.gatherND(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [3, 5],
        ],
        [2, 2],
        'int32',
      ),
    ),
  TensorScatterUpdate: ({ a }) =>
    tf.tensorScatterUpdate(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [3, 5],
        ],
        [2, 2],
        'int32',
      ),
      tf.tensor1d([7, 8]),
    ),
  UnsortedSegmentSum: ({ a }) => tf.unsortedSegmentSum(a, tf.tensor1d([1, 0, 1, 1], 'int32'), 3),
  OneHot: ({ i }) => float(tf.oneHot(i, 5)),
  Fill: ({ a }) => tf.add(a, tf.fill([4, 6], 0.25)),
  ZerosLike: ({ a }) => tf.add(a, tf.zerosLike(a)),
  OnesLike: ({ a }) => tf.add(a, tf.onesLike(a)),
}

const FEEDS = {
  a: numbers(24, 1, 2),
  b: numbers(24, 2, 2),
  p: numbers(24, 3).map((x) => 0.2 + Math.abs(x)),
  r: numbers(6, 4),
  i: Int32Array.of(2, 0, 3),
}

function programOf(run: Case['run']): Program {
  return {
    inputs: [
      { name: 'a', shape: [4, 6] },
      { name: 'b', shape: [4, 6] },
      { name: 'p', shape: [4, 6] },
      { name: 'r', shape: [6] },
      { name: 'i', shape: [3], dtype: 'int32' },
    ],
    run: (inputs) =>
      Object.fromEntries([run(inputs as unknown as Parameters<Case['run']>[0])].flat().map((tensor, i) => [`out${i}`, tensor])),
  }
}

describe('the tracer agrees with tfjs-cpu', () => {
  test.each(Object.entries(CASES))('%s', async (_, run) => {
    const program = programOf(run)
    const traced = await compileProgram(program, { threads: 1 })
    const expected = await (await compileProgram(program, { executor: 'tfjs-cpu' })).run(FEEDS)
    const actual = await traced.run(FEEDS)
    await traced.dispose()
    for (const name of Object.keys(expected)) expect(relativeError(actual[name]!, expected[name]!), name).toBeLessThan(1e-5)
  })

  test('every kernel has a case', () => {
    expect(Object.keys(CASES).toSorted()).toEqual([...TRACED_KERNELS].toSorted())
  })
})
