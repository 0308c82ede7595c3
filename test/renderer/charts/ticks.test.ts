/** Decimals of the labels of an axis, as ECharts itself draws them. */
import { expect, test } from 'vitest'
import { init, type ChartOption } from '@/charts/echarts.ts'
import { TickTexts, withDecimals } from '@/charts/ticks.ts'
import { number, percent } from '@/composables/format.ts'

/** The texts of an axis once the drawing has settled, and how many drawings that took. */
function labels(option: (ticks: TickTexts) => ChartOption): { texts: string[]; drawings: number } {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 400, height: 300 })
  const ticks = new TickTexts()
  for (let drawings = 1; ; drawings++) {
    chart.setOption({ animation: false, ...option(ticks) }, { notMerge: true })
    const svg = chart.renderToSVGString()
    if (drawings < 5 && ticks.settle()) continue
    chart.dispose()
    return { texts: [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!), drawings }
  }
}

const line = (low: number, high: number, formatter: (value: number) => string) => (ticks: TickTexts) =>
  ticks.even({
    xAxis: { type: 'category', data: ['a', 'b'], axisLabel: { show: false } },
    yAxis: { type: 'value', scale: true, axisLabel: { formatter } },
    series: [{ type: 'line', data: [low, high] }],
  })

test('labels have the decimals of the finest of them, whole numbers none', () => {
  const { texts, drawings } = labels(line(0.09, 0.11, (value) => number(value, 6)))
  expect(texts).toContain('0.100')
  expect(new Set(texts.map((text) => text.split('.')[1]!.length))).toEqual(new Set([3]))
  expect(drawings).toBe(2)
  const shares = labels(line(0.95, 1, (value) => percent(value, 1))).texts
  expect(shares).toEqual(expect.arrayContaining(['95%', '100%']))
  const fine = labels(line(0.975, 0.985, (value) => percent(value, 1))).texts
  expect(fine).toEqual(expect.arrayContaining(['97.6%', '98.0%']))
  const whole = labels(line(0, 4000, (value) => number(value, 6)))
  expect(whole.texts).toEqual(expect.arrayContaining(['0', '1,000', '4,000']))
  expect(whole.drawings).toBe(1)
})

test('what is no plain number stays as it is', () => {
  expect(['two-tower', '1e-5', '', 'v1.2 beta 3'].map((text) => withDecimals(text, 2))).toEqual(['two-tower', '1e-5', '', 'v1.2 beta 3'])
  expect(['−0.5', '1,000', '0', '12 %', '0.25'].map((text) => withDecimals(text, 2))).toEqual([
    '−0.50',
    '1,000.00',
    '0.00',
    '12.00 %',
    '0.25',
  ])
})
