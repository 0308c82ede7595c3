/** A part of the x axis chosen by drawing over the chart; a double click shows all again. */
import { shallowRef } from 'vue'
import type { EChartsType } from './echarts.ts'
import type { XRange } from './thin.ts'

/** A narrower band is a click that slipped. */
const MIN_DRAG_PX = 6

export function useZoom() {
  const window = shallowRef<XRange | null>(null)
  /** what is being drawn over, in CSS pixels of the chart */
  const band = shallowRef<{ left: number; width: number } | null>(null)
  const reset = (): void => {
    window.value = null
  }

  function attach(chart: EChartsType): void {
    const canvas = chart.getZr()
    let start: number | null = null
    canvas.on('mousedown', ({ offsetX, offsetY }) => {
      start = chart.containPixel('grid', [offsetX, offsetY]) ? offsetX : null
    })
    canvas.on('mousemove', ({ offsetX, offsetY }) => {
      canvas.setCursorStyle(chart.containPixel('grid', [offsetX, offsetY]) ? 'crosshair' : 'default')
      if (start !== null) band.value = { left: Math.min(start, offsetX), width: Math.abs(offsetX - start) }
    })
    canvas.on('mouseup', () => {
      const { left, width } = band.value ?? { left: 0, width: 0 }
      if (width >= MIN_DRAG_PX) {
        const at = (px: number): number => chart.convertFromPixel({ xAxisIndex: 0 }, px)
        const whole = window.value
        const [from, to] = [at(left), at(left + width)]
        window.value = whole === null ? { from, to } : { from: Math.max(whole.from, from), to: Math.min(whole.to, to) }
      }
      drop()
    })
    canvas.on('globalout', drop)
    canvas.on('dblclick', reset)
    function drop(): void {
      start = null
      band.value = null
    }
  }
  return { window, band, attach, reset }
}
