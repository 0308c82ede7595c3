/**
 * The tracer's kernels: how each TensorFlow.js kernel is written as ONNX nodes (opset 17). A row gets the inputs as graph values
 * and emits; what is missing here fails at trace time with the kernel's name. Semantics are those of tfjs: tested row by row
 * against tfjs-cpu in test/unit/compute.
 */
import { TRACE_BACKEND, TraceBackend, elementType } from './backend.ts'
import { BINARY, COMPARISONS, UNARY } from './elementwise.ts'
import { Emitter } from './emitter.ts'
import type { Value } from './graph.ts'
import { tf, type TensorInfo } from './tf.ts'

type Kernel = (k: Emitter) => Value | Value[] | TensorInfo

const broadcast = (a: Value, b: Value): number[] => tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape])

const unary =
  (op: string): Kernel =>
  (k) => {
    const x = k.input('x')
    return k.emit(op, [x], x.shape, x.type)
  }
const binary =
  (op: string, type?: 'bool'): Kernel =>
  (k) => {
    const [a, b] = [k.input('a'), k.input('b')]
    return k.emit(op, [a, b], broadcast(a, b), type ?? a.type)
  }
const comparison = (op: string): Kernel => binary(op, 'bool')
/** Max, Min, Mean, Prod: axes are an attribute until opset 18. */
const reduction =
  (op: string, axisAttr = 'axis'): Kernel =>
  (k) => {
    const x = k.input('x')
    const { axes, shape, keepDims } = reduced(k, x, axisAttr)
    if (axes.length === 0) return k.emit('Identity', [x], x.shape, x.type)
    return k.emit(op, [x], shape, x.type, { axes, keepdims: keepDims ? 1 : 0 })
  }
function reduced(k: Emitter, x: Value, axisAttr: string): { axes: number[]; shape: number[]; keepDims: boolean } {
  const axes = tf.util.parseAxisParam(k.attr<number | number[]>(axisAttr), [...x.shape])
  const keepDims = k.attr<boolean | undefined>('keepDims') ?? false
  const shape = x.shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]))
  return { axes, shape, keepDims }
}

/** Rank-2 products are a Gemm with transpose flags (no copy of an operand); higher ranks a MatMul. */
function matMul(k: Emitter, a: Value, b: Value, transA: boolean, transB: boolean): Value {
  const [m, n] = [a.shape.at(transA ? -1 : -2)!, b.shape.at(transB ? -2 : -1)!]
  if (a.shape.length === 2 && b.shape.length === 2) {
    if (!transA && !transB) return k.emit('MatMul', [a, b], [m, n], a.type)
    return k.emit('Gemm', [a, b], [m, n], a.type, { transA: transA ? 1 : 0, transB: transB ? 1 : 0 })
  }
  const swap = (x: Value): Value =>
    k.transpose(
      x,
      [...x.shape.keys()].map((i, _, all) => (i < all.length - 2 ? i : i === all.length - 2 ? i + 1 : i - 1)),
    )
  const [left, right] = [transA ? swap(a) : a, transB ? swap(b) : b]
  const outer = tf.backend_util.assertAndGetBroadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2))
  return k.emit('MatMul', [left, right], [...outer, m, n], a.type)
}

function slice(k: Emitter, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const axes = begin.flatMap((start, i) => (start === 0 && size[i] === x.shape[i] ? [] : [i]))
  if (axes.length === 0) return x
  const [starts, ends] = [axes.map((i) => begin[i]!), axes.map((i) => begin[i]! + size[i]!)]
  return k.emit('Slice', [x, k.ints(starts), k.ints(ends), k.ints(axes)], size, x.type)
}

function filled(k: Emitter, shape: readonly number[], value: number, dtype: TensorInfo['dtype']): TensorInfo {
  const data = new Float32Array(tf.util.sizeFromShape([...shape])).fill(value)
  return k.backend.constantTensor(dtype === 'int32' ? Int32Array.from(data) : dtype === 'bool' ? Uint8Array.from(data) : data, shape, dtype)
}

const rows = (pairs: typeof UNARY, kernelOf: (op: string) => Kernel): Record<string, Kernel> =>
  Object.fromEntries(pairs.map(([kernel, op]) => [kernel, kernelOf(op)]))

const KERNELS: Readonly<Record<string, Kernel>> = {
  ...rows(UNARY, unary),
  ...rows(BINARY, binary),
  ...rows(COMPARISONS, comparison),

  Log1p: (k) => k.emit('Log', [k.emit('Add', [k.input('x'), k.scalar(1)], k.input('x').shape, 'float32')], k.input('x').shape, 'float32'),
  Expm1: (k) => k.emit('Sub', [k.emit('Exp', [k.input('x')], k.input('x').shape, 'float32'), k.scalar(1)], k.input('x').shape, 'float32'),
  Rsqrt: (k) => k.emit('Reciprocal', [k.emit('Sqrt', [k.input('x')], k.input('x').shape, 'float32')], k.input('x').shape, 'float32'),
  Square: (k) => k.emit('Mul', [k.input('x'), k.input('x')], k.input('x').shape, k.input('x').type),
  Step: (k) => k.cast(k.emit('Greater', [k.input('x'), k.scalar(0)], k.input('x').shape, 'bool'), 'float32'),
  LeakyRelu: (k) => k.emit('LeakyRelu', [k.input('x')], k.input('x').shape, 'float32', { alpha: { float: k.attr<number>('alpha') } }),
  ClipByValue: (k) => {
    const x = k.input('x')
    return k.emit('Clip', [x, k.scalar(k.attr<number>('clipValueMin')), k.scalar(k.attr<number>('clipValueMax'))], x.shape, x.type)
  },
  Identity: (k) => k.emit('Identity', [k.input('x')], k.input('x').shape, k.input('x').type),
  Cast: (k) => {
    const type = elementType(k.attr<TensorInfo['dtype']>('dtype'))
    const x = k.input('x')
    return x.type === type ? k.emit('Identity', [x], x.shape, type) : k.cast(x, type)
  },

  NotEqual: (k) =>
    k.emit(
      'Not',
      [k.emit('Equal', [k.input('a'), k.input('b')], broadcast(k.input('a'), k.input('b')), 'bool')],
      broadcast(k.input('a'), k.input('b')),
      'bool',
    ),
  SquaredDifference: (k) => {
    const [a, b] = [k.input('a'), k.input('b')]
    const difference = k.emit('Sub', [a, b], broadcast(a, b), a.type)
    return k.emit('Mul', [difference, difference], difference.shape, a.type)
  },
  AddN: (k) => {
    const all = k.all()
    return k.emit('Sum', all, all[0]!.shape, all[0]!.type)
  },
  Select: (k) => {
    const [condition, t, e] = [k.input('condition'), k.input('t'), k.input('e')]
    // tfjs lets a rank-1 condition choose whole rows; ONNX broadcasts from the right
    const shaped =
      condition.shape.length < t.shape.length && condition.shape.length === 1
        ? k.reshape(condition, [condition.shape[0]!, ...t.shape.slice(1).map(() => 1)])
        : condition
    return k.emit('Where', [shaped, t, e], t.shape, t.type)
  },

  Sum: (k) => {
    const x = k.input('x')
    const { axes, shape, keepDims } = reduced(k, x, 'axis')
    if (axes.length === 0) return k.emit('Identity', [x], x.shape, x.type)
    return k.emit('ReduceSum', [x, k.ints(axes)], shape, x.type, { keepdims: keepDims ? 1 : 0 })
  },
  Max: reduction('ReduceMax', 'reductionIndices'),
  Min: reduction('ReduceMin'),
  Mean: reduction('ReduceMean'),
  Prod: reduction('ReduceProd'),
  ArgMax: (k) => {
    const x = k.input('x')
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...x.shape])[0]!
    const shape = x.shape.filter((_, i) => i !== axis)
    return k.cast(k.emit('ArgMax', [x], shape, 'int64', { axis, keepdims: 0 }), 'int32')
  },
  TopK: (k) => {
    const x = k.input('x')
    const count = k.attr<number>('k')
    const shape = x.shape.with(-1, count)
    const [values, indices] = k.backend.recorder.emitMany(
      'TopK',
      [x, k.ints([count])],
      [
        { shape, type: x.type },
        { shape, type: 'int64' },
      ],
      { axis: -1, largest: 1, sorted: k.attr<boolean>('sorted') ? 1 : 0 },
    )
    return [values!, k.cast(indices!, 'int32')]
  },
  Softmax: (k) => k.emit('Softmax', [k.input('logits')], k.input('logits').shape, 'float32', { axis: -1 }),
  LogSoftmax: (k) => k.emit('LogSoftmax', [k.input('logits')], k.input('logits').shape, 'float32', { axis: -1 }),
  Cumsum: (k) => {
    const x = k.input('x')
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...x.shape])[0]!
    const flags = { exclusive: k.attr<boolean>('exclusive') ? 1 : 0, reverse: k.attr<boolean>('reverse') ? 1 : 0 }
    return k.emit('CumSum', [x, k.scalar(axis, 'int64')], x.shape, x.type, flags)
  },

  BatchMatMul: (k) => matMul(k, k.input('a'), k.input('b'), k.attr<boolean>('transposeA'), k.attr<boolean>('transposeB')),

  Reshape: (k) => {
    const info = k.info('x')
    const shape = tf.util.inferFromImplicitShape(k.attr<number[]>('shape'), tf.util.sizeFromShape(info.shape))
    const constant = k.backend.constantOf(info)
    if (constant !== null) return k.backend.constantTensor(constant, shape, info.dtype)
    const x = k.input('x')
    return k.emit('Reshape', [x, k.ints(shape)], shape, x.type)
  },
  ExpandDims: (k) => {
    const x = k.input('input')
    const dim = k.attr<number>('dim')
    const at = dim < 0 ? x.shape.length + dim + 1 : dim
    return k.emit('Unsqueeze', [x, k.ints([at])], x.shape.toSpliced(at, 0, 1), x.type)
  },
  Transpose: (k) => k.transpose(k.input('x'), k.attr<number[]>('perm')),
  Concat: (k) => {
    const all = k.all()
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...all[0]!.shape])[0]!
    const shape = all[0]!.shape.with(
      axis,
      all.reduce((sum, value) => sum + value.shape[axis]!, 0),
    )
    return k.emit(
      'Concat',
      all.filter((value) => value.shape[axis] !== 0),
      shape,
      all[0]!.type,
      { axis },
    )
  },
  Pack: (k) => {
    const all = k.all()
    const axis = k.attr<number>('axis')
    const parts = all.map((value) => k.reshape(value, value.shape.toSpliced(axis, 0, 1)))
    return k.emit('Concat', parts, all[0]!.shape.toSpliced(axis, 0, all.length), all[0]!.type, { axis })
  },
  Unpack: (k) => {
    const x = k.input('value')
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...x.shape])[0]!
    return Array.from({ length: x.shape[axis]! }, (_, i) => {
      const part = slice(
        k,
        x,
        x.shape.map((_, j) => (j === axis ? i : 0)),
        x.shape.with(axis, 1),
      )
      return k.emit('Reshape', [part, k.ints(x.shape.toSpliced(axis, 1))], x.shape.toSpliced(axis, 1), x.type)
    })
  },
  SplitV: (k) => {
    const x = k.input('x')
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...x.shape])[0]!
    const sizes = tf.backend_util.prepareSplitSize(tensorLike(x), k.attr<number | number[]>('numOrSizeSplits'), axis)
    let at = 0
    return sizes.map((size) => {
      const part = slice(
        k,
        x,
        x.shape.map((_, j) => (j === axis ? at : 0)),
        x.shape.with(axis, size),
      )
      at += size
      return part === x ? k.emit('Identity', [x], x.shape, x.type) : part
    })
  },
  Slice: (k) => {
    const x = k.input('x')
    const [begin, size] = tf.slice_util.parseSliceParams(tensorLike(x), k.attr<number[]>('begin'), k.attr<number[]>('size'))
    const part = slice(k, x, begin!, size!)
    return part === x ? k.emit('Identity', [x], x.shape, x.type) : part
  },
  PadV2: (k) => {
    const x = k.input('x')
    const paddings = k.attr<[number, number][]>('paddings')
    const shape = x.shape.map((d, i) => d + paddings[i]![0] + paddings[i]![1])
    return k.emit(
      'Pad',
      [x, k.ints([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])]), k.scalar(k.attr<number>('constantValue'), x.type)],
      shape,
      x.type,
    )
  },
  Tile: (k) => {
    const x = k.input('x')
    const reps = k.attr<number[]>('reps')
    return k.emit(
      'Tile',
      [x, k.ints(reps)],
      x.shape.map((d, i) => d * reps[i]!),
      x.type,
    )
  },
  BroadcastTo: (k) => k.emit('Expand', [k.input('x'), k.ints(k.attr<number[]>('shape'))], k.attr<number[]>('shape'), k.input('x').type),
  Reverse: (k) => {
    const x = k.input('x')
    const axes = tf.util.parseAxisParam(k.attr<number | number[]>('dims'), [...x.shape])
    const [starts, ends, steps] = [axes.map(() => -1), axes.map(() => -2147483647), axes.map(() => -1)]
    return k.emit('Slice', [x, k.ints(starts), k.ints(ends), k.ints(axes), k.ints(steps)], x.shape, x.type)
  },

  GatherV2: (k) => {
    const [x, indices] = [k.input('x'), k.input('indices')]
    if ((k.attr<number | undefined>('batchDims') ?? 0) !== 0) throw new Error('GatherV2 with batchDims cannot be traced.')
    const axis = tf.util.parseAxisParam(k.attr<number>('axis'), [...x.shape])[0]!
    return k.emit('Gather', [x, indices], x.shape.toSpliced(axis, 1, ...indices.shape), x.type, { axis })
  },
  GatherNd: (k) => {
    const [params, indices] = [k.input('params'), k.input('indices')]
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))]
    return k.emit('GatherND', [params, k.cast(indices, 'int64')], shape, params.type)
  },
  TensorScatterUpdate: (k) => {
    const x = k.input('tensor')
    return k.emit('ScatterND', [x, k.cast(k.input('indices'), 'int64'), k.input('updates')], x.shape, x.type)
  },
  UnsortedSegmentSum: (k) => {
    const [x, ids] = [k.input('x'), k.input('segmentIds')]
    const shape = [k.attr<number>('numSegments'), ...x.shape.slice(1)]
    const zero = k.emit('Expand', [k.scalar(0, x.type), k.ints(shape)], shape, x.type)
    const indices = k.reshape(k.cast(ids, 'int64'), [ids.shape[0]!, 1])
    return k.backend.recorder.emit('ScatterND', [zero, indices, x], shape, x.type, { reduction: { text: 'add' } })
  },
  /** ONNX Runtime has no OneHot over int32 indices; a comparison with 0 … depth−1 is the same. */
  OneHot: (k) => {
    const [x, depth] = [k.input('indices'), k.attr<number>('depth')]
    const shape = [...x.shape, depth]
    const classes = k.backend.recorder.constant(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
      'int32',
    )
    const hit = k.emit('Equal', [k.reshape(x, [...x.shape, 1]), classes], shape, 'bool')
    return k.emit('Where', [hit, k.scalar(k.attr<number>('onValue')), k.scalar(k.attr<number>('offValue'))], shape, 'float32')
  },

  Fill: (k) => filled(k, k.attr<number[]>('shape'), k.attr<number>('value'), k.attr<TensorInfo['dtype'] | undefined>('dtype') ?? 'float32'),
  ZerosLike: (k) => filled(k, k.info('x').shape, 0, k.info('x').dtype),
  OnesLike: (k) => filled(k, k.info('x').shape, 1, k.info('x').dtype),
}

/** Shape helpers of tfjs take a tensor but read only its shape and rank. */
function tensorLike(value: Value): tf.Tensor {
  return { shape: [...value.shape], rank: value.shape.length } as tf.Tensor
}

/** Registers the backend and its kernels once; afterwards `tf.setBackend(TRACE_BACKEND)` records. */
export const registerTraceBackend: () => TraceBackend = once(() => {
  const backend = new TraceBackend()
  tf.registerBackend(TRACE_BACKEND, () => backend)
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const result = kernel(new Emitter(inputs, attrs, backend))
        if (Array.isArray(result)) return result.map((value) => backend.tensorOf(value))
        return 'dataId' in result ? result : backend.tensorOf(result)
      },
    })
  }
  return backend
})

/** The kernel names that can be traced, for the coverage test. */
export const TRACED_KERNELS: readonly string[] = Object.keys(KERNELS)

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}
