/**
 * Writes a graph as an ONNX model: the protobuf wire format of onnx.proto3 (IR version 8, opset 17), only the messages a graph
 * of ours needs. Field numbers are those of onnx.proto3 in the ONNX repository.
 */
import { message } from '../files/protobuf.ts'
import type { Attribute, Constant, Dimension, ElementType, Graph, Node, Port } from './graph.ts'

/** What a model may hold beside a traced graph's types: raw numbers in full width, quantised weights, and text. */
export type OnnxType = ElementType | 'float64' | 'int8' | 'text'

export type OnnxAttribute =
  Attribute | { readonly kind: 'texts'; readonly value: readonly string[] } | { readonly kind: 'floats'; readonly value: readonly number[] }

/** A node of any operator set; a graph's own nodes are of the default domain. */
export interface OnnxNode {
  readonly op: string
  readonly domain?: typeof ML_DOMAIN
  readonly inputs: readonly string[]
  readonly outputs: readonly { readonly name: string }[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export interface OnnxPort {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly Dimension[]
}

export interface OnnxConstant {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly number[]
  readonly data: Constant['data'] | Float64Array | Int8Array
}

/** A model to be written: a traced {@link Graph} is one. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  readonly constants: readonly OnnxConstant[]
  readonly nodes: readonly OnnxNode[]
}

/** The operators of classical machine learning: LabelEncoder, the look-up of a vocabulary. */
export const ML_DOMAIN = 'ai.onnx.ml'
const ML_OPSET = 2

export const ONNX_OPSET = 17
const IR_VERSION = 8
/** TensorProto.DataType */
const DATA_TYPE: Readonly<Record<OnnxType, number>> = { float32: 1, int8: 3, int32: 6, int64: 7, text: 8, bool: 9, float64: 11 }
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE: Readonly<Record<OnnxAttribute['kind'], number>> = { float: 1, int: 2, text: 3, floats: 6, ints: 7, texts: 8 }

/** Serialises a graph; `metadata` becomes the model's metadata_props. */
export function onnxBytes(graph: Graph | OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const opset = message((w) => w.varint(2, ONNX_OPSET))
  const ml = message((w) => w.text(1, ML_DOMAIN).varint(2, ML_OPSET))
  return message((w) => {
    w.varint(1, IR_VERSION)
    w.text(2, 'pylon')
    w.bytes(7, graphProto(graph))
    w.bytes(8, opset)
    if (graph.nodes.some((node) => 'domain' in node && node.domain === ML_DOMAIN)) w.bytes(8, ml)
    for (const [key, value] of Object.entries(metadata)) {
      w.bytes(
        14,
        message((entry) => entry.text(1, key).text(2, value)),
      )
    }
  })
}

function graphProto(graph: Graph | OnnxGraph): Uint8Array {
  return message((w) => {
    for (const node of graph.nodes) w.bytes(1, nodeProto(node))
    w.text(2, 'pylon')
    for (const constant of graph.constants) w.bytes(5, tensorProto(constant))
    for (const port of graph.inputs) w.bytes(11, valueInfo(port))
    for (const port of graph.outputs) w.bytes(12, valueInfo(port))
  })
}

function nodeProto(node: Node | OnnxNode): Uint8Array {
  return message((w) => {
    for (const input of node.inputs) w.text(1, input)
    for (const output of node.outputs) w.text(2, output.name)
    w.text(3, node.outputs[0]!.name)
    w.text(4, node.op)
    for (const [name, attribute] of Object.entries(node.attributes)) w.bytes(5, attributeProto(name, attribute))
    if ('domain' in node && node.domain !== undefined) w.text(7, node.domain)
  })
}

function attributeProto(name: string, attribute: OnnxAttribute): Uint8Array {
  return message((w) => {
    w.text(1, name)
    if (attribute.kind === 'float') w.float(2, attribute.value)
    else if (attribute.kind === 'int') w.varint(3, attribute.value)
    else if (attribute.kind === 'text') w.text(4, attribute.value)
    else if (attribute.kind === 'texts') for (const value of attribute.value) w.text(9, value)
    else if (attribute.kind === 'floats') for (const value of attribute.value) w.float(7, value)
    else for (const value of attribute.value) w.varint(8, value)
    w.varint(20, ATTRIBUTE_TYPE[attribute.kind])
  })
}

function tensorProto(constant: OnnxConstant): Uint8Array {
  return message((w) => {
    for (const dim of constant.shape) w.varint(1, dim)
    w.varint(2, DATA_TYPE[constant.type])
    w.text(8, constant.name)
    w.bytes(9, rawData(constant))
  })
}

/** raw_data is little-endian, as every platform Node runs on. */
function rawData(constant: OnnxConstant): Uint8Array {
  const { data } = constant
  if (constant.type === 'int64') return new Uint8Array(BigInt64Array.from(data as Int32Array, (value) => BigInt(value)).buffer)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function valueInfo(port: Port | OnnxPort): Uint8Array {
  const shape = message((w) => {
    for (const dim of port.shape) w.bytes(1, dimension(dim))
  })
  const tensorType = message((w) => w.varint(1, DATA_TYPE[port.type]).bytes(2, shape))
  return message((w) =>
    w.text(1, port.name).bytes(
      2,
      message((type) => type.bytes(1, tensorType)),
    ),
  )
}

function dimension(dim: Dimension): Uint8Array {
  return message((w) => (typeof dim === 'number' ? w.varint(1, dim) : w.text(2, dim)))
}
