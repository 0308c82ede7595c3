/** Colours of charts, read from the tokens of the theme that is on. */
import { number } from '@/composables/format.ts'
import type { ChartOption } from './echarts.ts'

export interface ChartTheme {
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly surface: string
  readonly accent: string
  /** for series 0, 1, …; more than eight go round */
  readonly series: readonly string[]
  readonly font: string
}

const themes = new Map<boolean, ChartTheme>()

/** The tokens are read once a theme; `dark` must be what the document shows. */
export function readTheme(dark: boolean): ChartTheme {
  const known = themes.get(dark)
  if (known !== undefined) return known
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const theme: ChartTheme = {
    text: token('text'),
    quiet: token('text-3'),
    line: token('line'),
    surface: token('surface'),
    accent: token('accent'),
    series: Array.from({ length: 8 }, (_, i) => token(`series-${i + 1}`)),
    // ECharts writes it into an attribute of an SVG as it is
    font: token('font').replaceAll('"', "'"),
  }
  themes.set(dark, theme)
  return theme
}

export const seriesColor = (theme: ChartTheme, i: number): string => theme.series[i % theme.series.length]!

/** What every chart starts from; axes are styled by {@link axis}. */
export const baseOption = (theme: ChartTheme): ChartOption => ({
  animation: false,
  color: [...theme.series],
  textStyle: { fontFamily: theme.font, fontSize: 11, color: theme.text },
  grid: { left: 8, right: 16, top: 12, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
  tooltip: {
    renderMode: 'richText',
    backgroundColor: theme.surface,
    borderColor: theme.line,
    textStyle: { color: theme.text, fontSize: 11, fontFamily: theme.font },
  },
})

/** An axis with its name in the middle beneath or beside it. */
export const axis = (theme: ChartTheme, name: string): Record<string, unknown> => ({
  name,
  nameLocation: 'middle',
  nameGap: 8,
  nameMoveOverlap: true,
  nameTextStyle: { color: theme.quiet },
  axisLabel: {
    color: theme.quiet,
    hideOverlap: true,
    formatter: (value: number | string) => (typeof value === 'number' ? number(value, 6) : value),
  },
  axisLine: { show: true, lineStyle: { color: theme.line } },
  axisTick: { lineStyle: { color: theme.line } },
  splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
})

/** Bars over a few categories, told at the pointer: the axes' names, the categories, the bars (as numbers or with a style each), their words. */
export const categoryBars = (
  theme: ChartTheme,
  bars: {
    readonly x: string
    readonly y: string
    readonly names: readonly string[]
    readonly data: readonly (number | { readonly value: number; readonly itemStyle: object })[]
    readonly tell: (bar: number) => string
    readonly cursor?: string
  },
): ChartOption => ({
  tooltip: {
    trigger: 'axis',
    axisPointer: { type: 'shadow' },
    formatter: (params) => bars.tell((Array.isArray(params) ? params[0] : params)?.dataIndex ?? 0),
  },
  xAxis: { ...axis(theme, bars.x), type: 'category', data: [...bars.names], splitLine: { show: false } },
  yAxis: { ...axis(theme, bars.y), type: 'value', splitNumber: 3 },
  series: [
    { type: 'bar', data: [...bars.data], barCategoryGap: '12%', itemStyle: { color: theme.accent }, cursor: bars.cursor ?? 'default' },
  ],
})
