/**
 * Weights as int8 with a scale for each row of a table and each column of a layer, symmetric around 0: value = scale · q, q from -127 to 127
 * (per-channel quantisation: Krishnamoorthi 2018, Quantizing deep convolutional networks for efficient inference, 2.2 and 3.1). Whoever
 * multiplies gets float32 again: activations are not quantised, so that every runtime and processor gives the same vectors.
 */
import type { Trained } from '../../training/embed.ts'
import { plainNumbers } from '../../training/state/optimizer.ts'
import { Table } from '../../training/state/tables.ts'
import type { TwoTower } from '../../towers/two-tower.ts'

/** Smaller ones stay float32: they are no bytes worth a loss. */
export const LEAST = 1024
const MOST = 127

export interface Quantised {
  readonly values: Int8Array
  /** one for each row, or for each column */
  readonly scales: Float32Array
}

/** @param by a scale for each row, or for each column, of values [rows × columns] */
export function quantise(values: Float32Array, columns: number, by: 'row' | 'column'): Quantised {
  const rows = values.length / columns
  const scales = new Float32Array(by === 'row' ? rows : columns)
  const channel = (i: number): number => (by === 'row' ? Math.floor(i / columns) : i % columns)
  for (let i = 0; i < values.length; i++) {
    const c = channel(i)
    scales[c] = Math.max(scales[c]!, Math.abs(values[i]!))
  }
  for (let c = 0; c < scales.length; c++) scales[c] = scales[c] === 0 ? 1 : scales[c]! / MOST
  const whole = Int8Array.from(values, (value, i) => Math.max(-MOST, Math.min(MOST, Math.round(value / scales[channel(i)]!))))
  return { values: whole, scales }
}

/** What a reader of the integers computes with. */
export function dequantise({ values, scales }: Quantised, columns: number, by: 'row' | 'column'): Float32Array {
  return Float32Array.from(values, (value, i) => value * scales[by === 'row' ? Math.floor(i / columns) : i % columns]!)
}

/** The trained numbers as they are after quantising: tables by rows, layers (matrices) by columns. */
export function quantisedState(model: TwoTower, { tables, weights }: Trained): Trained {
  const rounded = (values: Float32Array, columns: number, by: 'row' | 'column'): Float32Array =>
    values.length < LEAST ? values : dequantise(quantise(values, columns, by), columns, by)
  return {
    tables: new Map(
      model.tables.map((shape) => [shape.name, new Table(shape, plainNumbers(rounded(tables.get(shape.name)!.values, shape.dim, 'row')))]),
    ),
    weights: new Map(
      model.weights.map(({ name, shape }) => {
        const { values } = weights.get(name)!
        return [name, { name, values: shape.length === 2 ? rounded(values, shape[1]!, 'column') : values }]
      }),
    ),
  }
}
