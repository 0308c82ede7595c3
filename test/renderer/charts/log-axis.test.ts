/** Ticks of logarithmic axes, as they are chosen and as ECharts draws them. */
import { expect, test } from 'vitest'
import { init } from '@/charts/echarts.ts'
import { logAxis, logTicks, positiveRange } from '@/charts/log-axis.ts'

const within = (low: number, high: number): number[] => logTicks(low, high).filter((tick) => tick >= low && tick <= high)

test('ticks are round: 1, 2 and 5 over a few decades, powers of ten over many, even steps over a narrow range', () => {
  expect(within(0.013, 0.3)).toEqual([0.02, 0.05, 0.1, 0.2])
  expect(within(0.017, 0.08)).toEqual([0.02, 0.03, 0.04, 0.05, 0.07])
  expect(within(1, 1e6)).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6])
  expect(within(0.11, 0.17)).toEqual([0.12, 0.14, 0.16])
  expect(within(3, 3)).toEqual([3])
})

test('the range is of what is above 0', () => {
  expect(positiveRange([[0, -1, 4, NaN], Float32Array.of(2)])).toEqual([2, 4])
  expect(logAxis({ name: 'x' }, ...positiveRange([[0]]))).toEqual({ name: 'x', type: 'log', logBase: 2 })
})

test('ECharts labels them so', () => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 500, height: 300 })
  const points = [0.014, 0.033, 0.09, 0.28]
  chart.setOption({
    animation: false,
    xAxis: logAxis({ axisLabel: { formatter: (value: number) => String(value) } }, 0.014, 0.28),
    yAxis: { type: 'value', axisLabel: { show: false } },
    series: [{ type: 'line', data: points.map((x) => [x, x]) }],
  })
  const texts = [...chart.renderToSVGString().matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)
  chart.dispose()
  expect(texts).toEqual(['0.01', '0.02', '0.05', '0.1', '0.2', '0.5'].filter((text) => texts.includes(text)))
  expect(texts).toEqual(expect.arrayContaining(['0.02', '0.05', '0.1', '0.2']))
})
