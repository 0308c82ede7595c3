/**
 * Labels of one axis have the same decimals: 0.09, 0.10, 0.11. A formatter of ECharts is told one value and neither the step nor the other
 * labels; so what a drawing asked for is remembered, and where decimals differ it is drawn once more.
 */
import type { ChartOption } from './echarts.ts'

type Axis = Readonly<Record<string, unknown>>
type Formatter = (value: number, index: number) => string

/** Digits behind the point of a number that ends a text, or that a unit ends. */
const DECIMALS = /^[^.a-z]*\d(?:\.(\d+))?([^\d.]*)$/i

/** A label with that many decimals; one that is no plain number (a name, 1e-5) as it is. */
export function withDecimals(text: string, decimals: number): string {
  const found = DECIMALS.exec(text)
  if (found === null || decimals === 0) return text
  const [, own = '', unit = ''] = found
  const bare = text.slice(0, text.length - unit.length)
  return `${bare}${own === '' ? '.' : ''}${'0'.repeat(Math.max(0, decimals - own.length))}${unit}`
}

export class TickTexts {
  readonly #decimals = new Map<string, number>()
  #asked = new Map<string, number>()

  /** An option whose axes of numbers are labelled so. */
  even(option: ChartOption): ChartOption {
    const changed = (name: 'xAxis' | 'yAxis' | 'parallelAxis'): object => {
      const axes = option[name] as Axis | readonly Axis[] | undefined
      if (axes === undefined) return {}
      return {
        [name]: Array.isArray(axes) ? axes.map((axis: Axis, i) => this.#axis(axis, `${name} ${i}`)) : this.#axis(axes as Axis, name),
      }
    }
    return { ...option, ...changed('xAxis'), ...changed('yAxis'), ...changed('parallelAxis') }
  }

  /** Ends a drawing. @returns whether its labels are not yet as they should be */
  settle(): boolean {
    const before = new Map(this.#decimals)
    for (const [key, decimals] of this.#asked) this.#decimals.set(key, decimals)
    const differs = [...this.#asked].some(([key, decimals]) => before.get(key) !== decimals && !(decimals === 0 && !before.has(key)))
    this.#asked = new Map()
    return differs
  }

  #axis(axis: Axis, key: string): Axis {
    const label = axis['axisLabel'] as Axis | undefined
    const own = label?.['formatter']
    if (axis['type'] !== 'value' || typeof own !== 'function') return axis
    const formatter: Formatter = (value, index) => {
      const text = (own as Formatter)(value, index)
      const decimals = DECIMALS.exec(text)?.[1]?.length ?? 0
      this.#asked.set(key, Math.max(this.#asked.get(key) ?? 0, decimals))
      return withDecimals(text, this.#decimals.get(key) ?? 0)
    }
    return { ...axis, axisLabel: { ...label, formatter } }
  }
}
