/** The page's own LineChart over many curves: `draw(runs, points)` answers the ms from the data to the drawn frame, first and redrawn. */
import { createPinia } from 'pinia'
import { createApp, h, nextTick, shallowRef } from 'vue'
import LineChart from '@/charts/LineChart.vue'
import type { LineSeries } from '@/charts/series.ts'
import '@/styles/index.css'

const series = shallowRef<readonly LineSeries[]>([])
createApp({ render: () => h(LineChart, { series: series.value, label: 'Loss', xTitle: 'step', yTitle: 'loss', height: 500 }) })
  .use(createPinia())
  .mount('#app')

function curves(runs: number, points: number): LineSeries[] {
  return Array.from({ length: runs }, (_, r) => ({
    name: `run ${r}`,
    x: Float64Array.from({ length: points }, (_, i) => i),
    y: Float64Array.from({ length: points }, (_, i) => 5 * Math.exp((-3 * i) / points) + 0.02 * r + 0.3 * Math.abs(Math.sin(i * (r + 1)))),
  }))
}

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))

async function shown(next: readonly LineSeries[]): Promise<number> {
  const started = performance.now()
  series.value = next
  await nextTick()
  await frame() // ECharts draws in this frame,
  await frame() // which has ended when the next begins
  return performance.now() - started
}

Object.assign(globalThis, {
  draw: async (runs: number, points: number) => {
    const [first, second] = [curves(runs, points), curves(runs, points)]
    return { first: await shown(first), again: await shown(second) }
  },
})
