/**
 * Exponential moving averages of everything trained. Between two steps in which it occurs a table's row is constant, so its average is
 * brought up to date when it is next touched or read: a step costs its own rows, not the table.
 */
import type { TrainingState } from './state.ts'

/** Names of the arrays among the state's extras. */
const averageOf = (name: string): string => `average:${name}`
const stepsOf = (name: string): string => `average-step:${name}`

export class Averages {
  readonly #state: TrainingState
  readonly #decay: number

  /** Registers the averages of a state, starting at its present values. */
  constructor(state: TrainingState, decay: number) {
    this.#state = state
    this.#decay = decay
    for (const { name, values, rows } of state.tables.values()) {
      state.extras.set(averageOf(`table:${name}`), values.slice())
      state.extras.set(stepsOf(`table:${name}`), new Float32Array(rows))
    }
    for (const { name, values } of state.weights.values()) state.extras.set(averageOf(`dense:${name}`), values.slice())
  }

  /** To be called with each row of a table before step `step` changes it. */
  beforeRow(table: string, step: number): (row: number) => void {
    const { values, dim } = this.#state.tables.get(table)!
    const average = this.#state.extras.get(averageOf(`table:${table}`))!
    const steps = this.#state.extras.get(stepsOf(`table:${table}`))!
    return (row) => {
      const elapsed = step - 1 - steps[row]!
      steps[row] = step - 1
      if (elapsed > 0) blend(average, values, row * dim, dim, this.#decay ** elapsed)
    }
  }

  /** After a step has changed the dense weights. */
  afterDense(): void {
    for (const { name, values } of this.#state.weights.values()) {
      blend(this.#state.extras.get(averageOf(`dense:${name}`))!, values, 0, values.length, this.#decay)
    }
  }

  /** Swaps all weights with their averages; a second call swaps back. What trains must be back before the next step. */
  swap(): void {
    const { tables, weights, counters, extras } = this.#state
    for (const { name, values, rows, dim } of tables.values()) {
      const average = extras.get(averageOf(`table:${name}`))!
      const steps = extras.get(stepsOf(`table:${name}`))!
      for (let row = 0; row < rows; row++) {
        const elapsed = counters.step - steps[row]!
        if (elapsed <= 0) continue
        blend(average, values, row * dim, dim, this.#decay ** elapsed)
        steps[row] = counters.step
      }
      exchange(values, average)
    }
    for (const { name, values } of weights.values()) exchange(values, extras.get(averageOf(`dense:${name}`))!)
  }

  /** Runs with the averages in the weights' place. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.swap()
    try {
      return await run()
    } finally {
      this.swap()
    }
  }
}

/** average = keep·average + (1 − keep)·values over a range. */
function blend(average: Float32Array, values: Float32Array, from: number, count: number, keep: number): void {
  for (let i = from; i < from + count; i++) average[i] = keep * average[i]! + (1 - keep) * values[i]!
}

function exchange(a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < a.length; i++) {
    const held = a[i]!
    a[i] = b[i]!
    b[i] = held
  }
}
