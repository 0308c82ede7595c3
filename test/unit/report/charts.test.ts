/** Pieces of the charts: round ticks within the range, gaps in lines, bands, intervals; and the colours, which are the page's. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineChart, ticks } from '../../../main/engine/report/charts.ts'
import { reportPage } from '../../../main/engine/report/page.ts'
import { speechOf } from '../../../main/engine/report/words.ts'

test('ticks are round and within the range', () => {
  expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10])
  expect(ticks(0.0312, 0.0488, 5)).toEqual([0.035, 0.04, 0.045])
  expect(ticks(1, 4, 8, true)).toEqual([1, 2, 3, 4])
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-2, max: 1e6, noNaN: true }), (low, width) => {
      const found = ticks(low, low + width, 5)
      expect(found.length).toBeGreaterThanOrEqual(1)
      expect(found.length).toBeLessThanOrEqual(8)
      expect(found.every((tick, i) => tick >= low - 1e-6 * width - 1e-6 && (i === 0 || tick > found[i - 1]!))).toBe(true)
    }),
  )
})

test('a line breaks at a gap, a band goes around it, and no point makes no chart', () => {
  const axes = { label: 'l', xTitle: 'x', yTitle: 'y', xText: String, yText: String }
  const chart = lineChart(
    [{ name: 'a', x: [0, 1, 2, 3], y: [1, Number.NaN, 2, 3], band: { low: [0, 0, 1, 2], high: [2, 2, 3, 4] } }],
    axes,
  )!.text
  expect(/ d="(M[^"]*)"/.exec(chart)![1]!.match(/[ML]/g)).toEqual(['M', 'M', 'L'])
  expect(/points="([^"]*)"/.exec(chart)![1]!.split(' ')).toHaveLength(6)
  expect(lineChart([{ name: 'a', x: [0], y: [Number.NaN] }], axes)).toBeNull()
})

test('the colours of a report are those of the page, light and dark', () => {
  const of = (css: string, selector: string): Map<string, string> => {
    const from = css.indexOf('{', css.indexOf(selector))
    return new Map(
      Array.from(css.slice(from, css.indexOf('}', from)).matchAll(/--([\w-]+):\s*([^;]+);/g), ([, name, value]) => [name!, value!]),
    )
  }
  const page = readFileSync(join(import.meta.dirname, '../../../renderer/styles/tokens.css'), 'utf8')
  const report = reportPage({ title: '', at: '2026-01-01', pylon: '1', sections: [] }, speechOf('en'))
  for (const [own, theirs] of [
    [of(report, ':root'), of(page, ':root {')],
    [of(report, '(prefers-color-scheme: dark) { :root'), of(page, ":root[data-theme='dark']")],
  ] as const) {
    expect(own.size).toBeGreaterThan(15)
    expect(Object.fromEntries(own)).toEqual(Object.fromEntries([...own.keys()].map((name) => [name, theirs.get(name)])))
  }
})
