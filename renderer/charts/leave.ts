/** How a chart leaves the page: as a picture of points or of lines, and as its numbers. */
import { spreadsheetLine } from '@contract/csv.ts'
import { init, type ChartOption, type EChartsType } from './echarts.ts'

export type ChartRow = readonly (string | number | null)[]
export const CHART_FILES = ['png', 'svg', 'csv'] as const
export type ChartFile = (typeof CHART_FILES)[number]

/** Twice the pixels of the screen, for print. */
const PIXELS = 2

/** What is drawn, at the size it is shown. */
export const asPng = (chart: EChartsType, background: string): Promise<Blob> =>
  canvasPng(chart.renderToCanvas({ pixelRatio: PIXELS, backgroundColor: background }))

export function asSvg(chart: EChartsType, option: ChartOption, background: string): Blob {
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width: chart.getWidth(), height: chart.getHeight() })
  drawn.setOption({ ...option, backgroundColor: background })
  const text = drawn.renderToSVGString()
  drawn.dispose()
  return new Blob([text], { type: 'image/svg+xml' })
}

/** Of an element, as far as a drawing of ours is made by it. */
const STYLES = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-opacity', 'paint-order', 'opacity'],
  ...['font-size', 'font-family', 'font-weight', 'text-anchor', 'dominant-baseline'],
] as const
/** For what stands over the edge, in px. */
const MARGIN = 16

export interface DrawnSvg {
  readonly text: string
  readonly width: number
  readonly height: number
}

/** A drawing of the page as a file: how it is shown is written into it, as no stylesheet goes with it, in colours that any reader knows. */
export function drawingSvg(drawing: SVGSVGElement, background: string): DrawnSvg {
  const { width, height } = drawing.getBoundingClientRect()
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const colours = new Map<string, string>()
  const plain = (value: string): string => {
    const known = colours.get(value) ?? plainColour(value)
    colours.set(value, known)
    return known
  }
  const [from, to] = [drawing.querySelectorAll('*'), copy.querySelectorAll('*')]
  to.forEach((element, i) => {
    const shown = getComputedStyle(from[i]!)
    element.removeAttribute('class')
    element.removeAttribute('style')
    for (const name of STYLES) {
      const value = shown.getPropertyValue(name)
      element.setAttribute(name, (name === 'fill' || name === 'stroke') && value !== 'none' ? plain(value) : value)
    }
  })
  const [wide, high] = [width + 2 * MARGIN, height + 2 * MARGIN]
  // places in percent are of the inner one
  for (const [name, value] of Object.entries({ x: MARGIN, y: MARGIN, width, height })) copy.setAttribute(name, String(value))
  copy.removeAttribute('class')
  copy.setAttribute('overflow', 'visible')
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}"><rect width="100%" height="100%" fill="${plain(background)}"/>${new XMLSerializer().serializeToString(copy)}</svg>`
  return { text, width: wide, height: high }
}

/** As `rgb()`: what is mixed in another space is looked at once it is painted. */
function plainColour(value: string): string {
  const context = document.createElement('canvas').getContext('2d')!
  context.fillStyle = value
  context.fillRect(0, 0, 1, 1)
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data
  return alpha === 255 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${(alpha! / 255).toFixed(3)})`
}

export async function drawingPng({ text, width, height }: DrawnSvg): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  try {
    const image = new Image(width * PIXELS, height * PIXELS)
    image.src = url
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: width * PIXELS, height: height * PIXELS })
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await canvasPng(canvas)
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** @throws Error where the browser makes no picture of it */
export function canvasPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('The browser made no picture of this chart.')) : resolve(blob)), 'image/png')
  })
}

/** Rows with their heading first, as a spreadsheet reads them. */
export const asCsv = (rows: readonly ChartRow[]): Blob => csvBlob([csvText(rows)])

/** Of many rows, written a part at a time: a million of them at once hold the page up. */
export const csvText = (rows: readonly ChartRow[]): string => rows.map((row) => `${spreadsheetLine(row)}\r\n`).join('')
export const csvBlob = (parts: readonly string[]): Blob => new Blob([...parts], { type: 'text/csv' })

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
