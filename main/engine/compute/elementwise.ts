/** Kernels of TensorFlow.js that are one ONNX node of the same inputs, by how their result comes of these. */

/** Pairs of a kernel and its ONNX operator, which is written behind `=` where it has another name. */
const pairs = (text: string): (readonly [kernel: string, op: string])[] =>
  text.split(' ').map((word) => {
    const [kernel, op = kernel] = word.split('=') as [string, string?]
    return [kernel, op]
  })

/** of the input's shape and type */
export const UNARY = pairs('Abs Atan Ceil Cos Erf Exp Floor Log LogicalNot=Not Neg Reciprocal Relu Sigmoid Sign Sin Softplus Sqrt Tanh Elu')
/** of both inputs, broadcast */
export const BINARY = pairs('Add Sub Multiply=Mul RealDiv=Div Maximum=Max Minimum=Min Pow LogicalAnd=And LogicalOr=Or')
/** the same, as booleans */
export const COMPARISONS = pairs('Equal Greater GreaterEqual=GreaterOrEqual Less LessEqual=LessOrEqual')
