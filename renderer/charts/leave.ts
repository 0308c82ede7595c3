/** How a chart leaves the page: as a picture of points or of lines, and as its numbers. */
import { spreadsheetLine } from '@contract/csv.ts'
import { init, type ChartOption, type EChartsType } from './echarts.ts'

export type ChartRow = readonly (string | number | null)[]
export const CHART_FILES = ['png', 'svg', 'csv'] as const
export type ChartFile = (typeof CHART_FILES)[number]

/** Twice the pixels of the screen, for print. */
const PIXELS = 2

/** What is drawn, at the size it is shown. @throws Error where the browser makes no picture of it */
export function asPng(chart: EChartsType, background: string): Promise<Blob> {
  const canvas = chart.renderToCanvas({ pixelRatio: PIXELS, backgroundColor: background })
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('The browser made no picture of this chart.')) : resolve(blob)), 'image/png')
  })
}

export function asSvg(chart: EChartsType, option: ChartOption, background: string): Blob {
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width: chart.getWidth(), height: chart.getHeight() })
  drawn.setOption({ ...option, backgroundColor: background })
  const text = drawn.renderToSVGString()
  drawn.dispose()
  return new Blob([text], { type: 'image/svg+xml' })
}

/** Rows with their heading first, as a spreadsheet reads them. */
export const asCsv = (rows: readonly ChartRow[]): Blob =>
  new Blob(
    rows.map((row) => `${spreadsheetLine(row)}\r\n`),
    { type: 'text/csv' },
  )

type Loose = Readonly<Record<string, unknown>>
const first = (value: unknown): Loose => ((Array.isArray(value) ? value[0] : value) ?? {}) as Loose
const listed = (value: unknown): readonly Loose[] => (value === undefined ? [] : ((Array.isArray(value) ? value : [value]) as Loose[]))
const cell = (value: unknown): string | number | null =>
  typeof value === 'number' || typeof value === 'string' ? value : value === null || value === undefined ? null : JSON.stringify(value)

/** The numbers of any chart as a long table: the series, then a column an axis. Categories are told by their names. */
export function optionRows(option: ChartOption): ChartRow[] {
  const parallel = listed(option['parallelAxis'])
  const axes = parallel.length > 0 ? parallel : [first(option['xAxis']), first(option['yAxis'])]
  const heading = axes.map(({ name }, i) => (typeof name === 'string' && name !== '' ? name : (['x', 'y'][i] ?? `value ${i}`)))
  const rows = listed(option['series']).flatMap((series) =>
    Array.from((series['data'] ?? []) as ArrayLike<unknown>, (point, i): ChartRow => {
      const value = typeof point === 'object' && point !== null && !Array.isArray(point) ? (point as Loose)['value'] : point
      const own = typeof point === 'object' && point !== null && !Array.isArray(point) ? (point as Loose)['name'] : undefined
      const values = Array.isArray(value) ? (value as unknown[]) : [i, value]
      const named = values.map((each, dim) => {
        const categories = axes[dim]?.['data']
        return cell(typeof each === 'number' && Array.isArray(categories) ? (categories[each] ?? each) : each)
      })
      return [cell(own ?? series['name'] ?? null), ...named]
    }),
  )
  const width = rows.reduce((most, row) => Math.max(most, row.length - 1), heading.length)
  return [['series', ...heading, ...Array.from({ length: width - heading.length }, (_, i) => `value ${heading.length + i + 1}`)], ...rows]
}
