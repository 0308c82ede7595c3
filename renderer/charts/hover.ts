/** Where the pointer is in a chart, for the others over the same x axis: one place for the whole page, as there is one pointer. */
import { shallowRef } from 'vue'

export interface Hovered {
  /** what x counts; charts with another do not follow */
  readonly axis: string
  readonly x: number
  /** the chart under the pointer */
  readonly from: symbol
}

export const hovered = shallowRef<Hovered | null>(null)
