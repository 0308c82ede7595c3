/**
 * Training curves: the steps and epochs of runs as columns, for charts. Rows are written while a run trains
 * (results.ts); those of a run that nobody trains are packed into one value when it stops, or at the first reading:
 * 10,000 rows take 6 ms to read, their columns 0.3 ms.
 */
import type { Metrics } from '../../contract/shapes/protocol.ts'
import type { Database } from './database.ts'
import { jsonCell } from './json-cell.ts'

/** One entry a row, ascending by step. A loss or throughput that is not known is NaN. */
export interface StepColumns {
  readonly step: Int32Array
  readonly epoch: Int32Array
  readonly loss: Float32Array
  readonly learningRate: Float32Array
  readonly examplesPerSecond: Float32Array
}

/** One entry an epoch, ascending; validation metrics by name, NaN where an epoch was not evaluated. */
export interface EpochColumns {
  readonly epoch: Int32Array
  readonly loss: Float32Array
  readonly learningRate: Float32Array
  readonly examplesPerSecond: Float32Array
  readonly validation: Readonly<Record<string, Float64Array>>
}

export class Curves {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** All rows of a run; `settled` says that nobody adds to them now. */
  steps(run: string, settled: boolean): StepColumns {
    const packed = settled ? this.#kept(run) : undefined
    if (packed !== undefined) return unpackSteps(packed)
    const columns = this.#rows(run)
    if (settled && columns.step.length > 0 && !this.#database.viewed)
      this.#database.insert('packed_steps', { run, columns: pack(columns) }, 'REPLACE')
    return columns
  }

  /** The packed steps of a run, without keeping them; null where it has none. */
  packed(run: string): Uint8Array | null {
    const kept = this.#kept(run)
    if (kept !== undefined) return kept
    const columns = this.#rows(run)
    return columns.step.length === 0 ? null : pack(columns)
  }

  #kept(run: string): Uint8Array | undefined {
    return this.#database.get<{ columns: Uint8Array }>('SELECT columns FROM packed_steps WHERE run = ?', run)?.columns
  }

  #rows(run: string): StepColumns {
    const rows = this.#database.raw<[number, number, number | null, number, number | null]>(
      'SELECT step, epoch, loss, learning_rate, examples_per_second FROM steps WHERE run = ? ORDER BY step',
      run,
    )
    return {
      step: Int32Array.from(rows, (row) => row[0]),
      epoch: Int32Array.from(rows, (row) => row[1]),
      loss: Float32Array.from(rows, (row) => row[2] ?? NaN),
      learningRate: Float32Array.from(rows, (row) => row[3]),
      examplesPerSecond: Float32Array.from(rows, (row) => row[4] ?? NaN),
    }
  }

  /** Packs the steps of a run that has stopped. */
  pack(run: string): void {
    this.steps(run, true)
  }

  epochs(run: string): EpochColumns {
    const rows = this.#database.raw<[number, number | null, number, number, string]>(
      'SELECT epoch, loss, learning_rate, examples_per_second, validation FROM epochs WHERE run = ? ORDER BY epoch',
      run,
    )
    const validation = rows.map((row) => jsonCell(row[4], `metrics of epoch ${row[0]} of run ${run}`) as Metrics)
    const names = [...new Set(validation.flatMap((metrics) => Object.keys(metrics)))]
    return {
      epoch: Int32Array.from(rows, (row) => row[0]),
      loss: Float32Array.from(rows, (row) => row[1] ?? NaN),
      learningRate: Float32Array.from(rows, (row) => row[2]),
      examplesPerSecond: Float32Array.from(rows, (row) => row[3]),
      validation: Object.fromEntries(names.map((name) => [name, Float64Array.from(validation, (metrics) => metrics[name] ?? NaN)])),
    }
  }
}

const COLUMNS = ['step', 'epoch', 'loss', 'learningRate', 'examplesPerSecond'] as const

function pack(columns: StepColumns): Uint8Array {
  return Buffer.concat(COLUMNS.map((name) => Buffer.from(columns[name].buffer)))
}

/** The columns of {@link Curves.packed}: views of it, or of a copy where it lies in memory as no view may begin. */
export function unpackSteps(bytes: Uint8Array): StepColumns {
  const { buffer, byteOffset: at, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  const n = byteLength / (4 * COLUMNS.length)
  return {
    step: new Int32Array(buffer, at, n),
    epoch: new Int32Array(buffer, at + 4 * n, n),
    loss: new Float32Array(buffer, at + 8 * n, n),
    learningRate: new Float32Array(buffer, at + 12 * n, n),
    examplesPerSecond: new Float32Array(buffer, at + 16 * n, n),
  }
}
