/** Curves of a tracked run, collected point by point. */
import type { TrackedCurve } from '../../../contract/shapes/tracked.ts'

/** Collects the points of a curve in the order they come. */
export class CurveBuilder {
  readonly #points = new Map<number, number>()
  /** points that took another's place */
  repeated = 0

  /** A later value of a step takes the place of an earlier one. */
  add(step: number, value: number): void {
    if (this.#points.has(step)) this.repeated++
    this.#points.set(step, value)
  }

  /** Forgets a step and those after it. */
  dropFrom(step: number): void {
    for (const each of this.#points.keys()) if (each >= step) this.#points.delete(each)
  }

  get size(): number {
    return this.#points.size
  }

  finish(): TrackedCurve {
    const sorted = [...this.#points].sort(([a], [b]) => a - b)
    return { steps: Float64Array.from(sorted, ([step]) => step), values: Float64Array.from(sorted, ([, value]) => value) }
  }
}

/** The builder of a name, made where it is missing. */
export function builderOf(builders: Map<string, CurveBuilder>, name: string): CurveBuilder {
  const found = builders.get(name) ?? new CurveBuilder()
  builders.set(name, found)
  return found
}

/** Curves of builders that have points, with how many points took another's place. */
export function finishAll(builders: ReadonlyMap<string, CurveBuilder>): { curves: Map<string, TrackedCurve>; repeated: number } {
  const full = [...builders].filter(([, builder]) => builder.size > 0)
  return {
    curves: new Map(full.map(([name, builder]) => [name, builder.finish()])),
    repeated: full.reduce((sum, [, builder]) => sum + builder.repeated, 0),
  }
}
