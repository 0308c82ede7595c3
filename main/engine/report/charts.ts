/** Charts as SVG that stands in a page by itself: colours are classes of the page's style sheet, so that they follow its theme. */
import { Markup, markup } from './markup.ts'

const [WIDTH, HEIGHT] = [760, 260]
/** of a letter in the size of labels, about */
const LETTER = 6.2

export interface ChartLine {
  readonly name: string
  /** ascending */
  readonly x: ArrayLike<number>
  /** as long as x; NaN is a gap */
  readonly y: ArrayLike<number>
  /** an interval around each y */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> }
  readonly dashed?: boolean
  /** from point to point in steps, each holding until the next */
  readonly steps?: boolean
  /** points alone, no line */
  readonly scattered?: boolean
}

export interface ChartAxes {
  /** what the chart shows, for who does not see it */
  readonly label: string
  readonly xTitle: string
  readonly yTitle: string
  readonly xText: (value: number) => string
  readonly yText: (value: number) => string
  /** ticks of x stand at whole numbers */
  readonly wholeX?: boolean
}

/** Round numbers from `low` to `high`, about `count` of them, ascending. */
export function ticks(low: number, high: number, count: number, whole = false): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999)!
  const size = whole ? Math.max(1, Math.ceil(step)) : step
  const first = Math.ceil(low / size - 1e-9)
  return Array.from({ length: Math.floor(high / size + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * size).toPrecision(12)))
}

/** The line of a series by its position: colours go round after eight. */
const colour = (i: number): string => `s${(i % 8) + 1}`
const place = (value: number): string => value.toFixed(1)

/** Lines over one x axis, with their legend. A chart without any point says nothing, so it is none. */
export function lineChart(lines: readonly ChartLine[], axes: ChartAxes): Markup | null {
  const drawn = lines.filter(({ x }) => x.length > 0)
  const xs = drawn.flatMap(({ x }) => Array.from(x))
  const ys = drawn.flatMap(({ y, band }) => [...Array.from(y), ...Array.from(band?.low ?? []), ...Array.from(band?.high ?? [])])
  const known = ys.filter(Number.isFinite)
  if (xs.length === 0 || known.length === 0) return null
  const spread = (values: readonly number[]): [number, number] => {
    const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity])
    return low < high ? [low, high] : [low - 0.5, high + 0.5]
  }
  const [xLow, xHigh] = spread(xs)
  const [least, most] = spread(known)
  const [yLow, yHigh] = [least - 0.04 * (most - least), most + 0.04 * (most - least)]
  const yTicks = ticks(yLow, yHigh, 5)
  const left = 26 + LETTER * Math.max(...yTicks.map((tick) => axes.yText(tick).length))
  const [top, bottom, right] = [10, 40, 24]
  const x = (value: number): number => left + ((value - xLow) / (xHigh - xLow)) * (WIDTH - left - right)
  const y = (value: number): number => HEIGHT - bottom - ((value - yLow) / (yHigh - yLow)) * (HEIGHT - top - bottom)
  const middle = (HEIGHT - bottom + top) / 2
  return markup`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${axes.label}">
      ${yTicks.map(
        (tick) =>
          markup`<line class="grid" x1="${place(left)}" x2="${WIDTH - right}" y1="${place(y(tick))}" y2="${place(y(tick))}" />
            <text class="tick" x="${place(left - 6)}" y="${place(y(tick) + 4)}" text-anchor="end">${axes.yText(tick)}</text>`,
      )}
      ${ticks(xLow, xHigh, 8, axes.wholeX).map(
        (tick) =>
          markup`<line class="axis" x1="${place(x(tick))}" x2="${place(x(tick))}" y1="${HEIGHT - bottom}" y2="${HEIGHT - bottom + 4}" />
            <text class="tick" x="${place(x(tick))}" y="${HEIGHT - bottom + 17}" text-anchor="middle">${axes.xText(tick)}</text>`,
      )}
      <line class="axis" x1="${place(left)}" x2="${WIDTH - right}" y1="${HEIGHT - bottom}" y2="${HEIGHT - bottom}" />
      <text class="name" x="${place((left + WIDTH - right) / 2)}" y="${HEIGHT - 6}" text-anchor="middle">${axes.xTitle}</text>
      <text class="name" transform="translate(12 ${place(middle)}) rotate(-90)" text-anchor="middle">${axes.yTitle}</text>
      ${drawn.map((line, i) => drawnLine(line, colour(i), x, y))}
    </svg>
    ${
      drawn.length > 1 &&
      markup`<figcaption>
      <ul class="legend">
        ${drawn.map((line, i) => markup`<li>${key(line, colour(i))}${line.name}</li>`)}
      </ul>
    </figcaption>`
    }
  </figure>`
}

function drawnLine(line: ChartLine, of: string, x: (value: number) => number, y: (value: number) => number): Markup {
  const { x: xs, y: ys, band, dashed, steps, scattered } = line
  const at = (i: number): string => `${place(x(xs[i]!))},${place(y(ys[i]!))}`
  const known = Array.from(ys, (value, i) => (Number.isFinite(value) ? i : -1)).filter((i) => i >= 0)
  const path = known.map((i, n) =>
    n === 0 || i !== known[n - 1]! + 1 ? `M${at(i)}` : steps ? `H${place(x(xs[i]!))}V${place(y(ys[i]!))}` : `L${at(i)}`,
  )
  const edge = (values: ArrayLike<number>, order: readonly number[]): string[] =>
    order.map((i) => `${place(x(xs[i]!))},${place(y(values[i]!))}`)
  const area = band === undefined ? '' : [...edge(band.high, known), ...edge(band.low, known.toReversed())].join(' ')
  const hasPoints = scattered === true || (steps !== true && known.length <= 60)
  return markup`<g class="${of}">
    ${area !== '' && markup`<polygon class="band" points="${area}" />`}
    ${scattered !== true && markup`<path class="line${dashed === true && ' dashed'}" d="${path.join('')}" />`}
    ${
      hasPoints &&
      known.map(
        (i) =>
          markup`<circle class="${scattered === true && dashed === true ? 'hollow' : 'point'}" cx="${place(x(xs[i]!))}" cy="${place(y(ys[i]!))}" r="2.6" />`,
      )
    }
  </g>`
}

/** The sign of a line in the legend. */
const key = ({ dashed, scattered }: ChartLine, of: string): Markup => markup`<svg class="key ${of}" viewBox="0 0 18 10" aria-hidden="true">
  ${
    scattered === true
      ? markup`<circle class="${dashed === true ? 'hollow' : 'point'}" cx="9" cy="5" r="3" />`
      : markup`<path class="line${dashed === true && ' dashed'}" d="M0,5H18" />`
  }
</svg>`

/** Bars of shares, from left to right under one another. */
export function barChart(label: string, bars: readonly { readonly name: string; readonly share: number; readonly text: string }[]): Markup {
  const [row, from] = [22, 250]
  const most = Math.max(...bars.map(({ share }) => share), 1e-12)
  return markup`<figure>
    <svg viewBox="0 0 ${WIDTH} ${row * bars.length}" role="img" aria-label="${label}">
      ${bars.map(({ name, share, text }, i) => {
        const width = ((WIDTH - from - 70) * Math.max(0, share)) / most
        return markup`<text class="name" x="${from - 8}" y="${i * row + 15}" text-anchor="end">${shorten(name, 38)}</text>
          <rect class="bar s1" x="${from}" y="${i * row + 4}" width="${place(Math.max(1, width))}" height="14" />
          <text class="tick" x="${place(from + width + 6)}" y="${i * row + 15}">${text}</text>`
      })}
    </svg>
  </figure>`
}

/** A mean with its interval on an axis that all rows of a table share; 0 is a line. Filled where it was found not to be chance. */
export function intervalBar(
  of: { readonly mean: number; readonly low: number; readonly high: number; readonly isFound: boolean },
  axis: readonly [number, number],
): Markup {
  const width = 130
  const x = (value: number): string => place(3 + ((width - 6) * (value - axis[0])) / (axis[1] - axis[0] || 1))
  return markup`<svg class="interval${of.isFound && ' found'}" viewBox="0 0 ${width} 16" aria-hidden="true">
    <line class="zero" x1="${x(0)}" x2="${x(0)}" y1="0" y2="16" />
    <line class="whisker" x1="${x(of.low)}" x2="${x(of.high)}" y1="8" y2="8" />
    <circle cx="${x(of.mean)}" cy="8" r="3.5" />
  </svg>`
}

/** The axis of interval bars: all of them, and 0. */
export function intervalAxis(rows: readonly { readonly low: number; readonly high: number }[]): [number, number] {
  return [Math.min(0, ...rows.map(({ low }) => low)), Math.max(0, ...rows.map(({ high }) => high))]
}

export interface ParallelAxis {
  readonly title: string
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** Axes side by side, their values from 0 to 1; `path` draws a line over them by the places of axes and values. */
export function parallelChart(
  label: string,
  axes: readonly ParallelAxis[],
  paths: (
    x: (axis: number) => number,
    y: (at: number) => number,
  ) => readonly { readonly d: string; readonly share: number; readonly isCut: boolean }[],
): Markup {
  const [height, top, bottom, side] = [330, 44, 14, 70]
  const x = (i: number): number => side + (i * (WIDTH - 2 * side)) / Math.max(1, axes.length - 1)
  const y = (at: number): number => height - bottom - at * (height - top - bottom)
  return markup`<figure>
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
      ${paths(x, y).map(({ d, share, isCut }) => markup`<path class="strand q${Math.round(4 * share)}${isCut && ' dashed'}" d="${d}" />`)}
      ${axes.map(({ title, ticks: marks }, i) => {
        const [name, of] = [title.split('.').at(-1)!, title.split('.').slice(0, -1).join('.')]
        return markup`<line class="axis" x1="${place(x(i))}" x2="${place(x(i))}" y1="${y(1)}" y2="${y(0)}" />
          <text class="name" x="${place(x(i))}" y="14" text-anchor="middle">${shorten(name, 16)}</text>
          <text class="tick" x="${place(x(i))}" y="27" text-anchor="middle">${shorten(of, 16)}</text>
          ${marks.map(({ at, text }) => markup`<text class="tick halo" x="${place(x(i) + 6)}" y="${place(y(at) + 4)}">${shorten(text, 14)}</text>`)}`
      })}
    </svg>
  </figure>`
}

export const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)
