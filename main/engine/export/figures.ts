/** Charts as SVG files, for model cards and notebooks: lines and points over axes with round numbers, readable on light and dark paper. */

export interface Series {
  readonly name: string
  /** y is null where there is none */
  readonly points: readonly (readonly [x: number, y: number | null])[]
  readonly line?: 'solid' | 'dashed'
  /** of its points, in pixels; default 2.5 */
  readonly radius?: number
  readonly colour?: string
}

export interface Panel {
  readonly title?: string
  readonly xLabel?: string
  readonly series: readonly Series[]
  /** ticks of x; default: round numbers */
  readonly xTicks?: readonly number[]
  /** x grows by factors */
  readonly logX?: boolean
  /** y begins at 0 */
  readonly fromZero?: boolean
}

/** Values over epochs 1, 2, …; null where there is none. */
export interface Curve {
  readonly name: string
  readonly values: readonly (number | null)[]
}

const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 36, 40]
const LETTER = 6.5
const COLOURS = ['#2563eb', '#d97706', '#059669', '#db2777']

/** Curves over epochs as a panel. */
export function curvesPanel(title: string, curves: readonly Curve[]): Panel {
  const epochs = Math.max(0, ...curves.map(({ values }) => values.length))
  const every = Math.max(1, Math.ceil(epochs / 12))
  return {
    title,
    xLabel: 'epoch',
    xTicks: Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) => (epoch - 1) % every === 0),
    series: curves.map(({ name, values }) => ({ name, line: 'solid', points: values.map((value, i) => [i + 1, value] as const) })),
  }
}

/** Panels side by side as one SVG. @param width of one, in pixels */
export function figureSvg(label: string, panels: readonly Panel[], [width, height]: readonly [number, number] = [640, 280]): string {
  const all = width * panels.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${all} ${height}" width="${all}" height="${height}" role="img" aria-label="${escapeXml(label)}" font-family="system-ui, sans-serif" font-size="11" fill="#64748b">`,
    ...panels.flatMap((panel, i) => [`<g transform="translate(${i * width} 0)">`, ...panelSvg(panel, width, height), '</g>']),
    '</svg>',
    '',
  ].join('\n')
}

function panelSvg({ title, xLabel, series, xTicks, logX, fromZero }: Panel, width: number, height: number): string[] {
  const known = series.flatMap(({ points }) => points.filter((point): point is [number, number] => point[1] !== null))
  if (known.length === 0) return []
  const scale = logX === true ? Math.log : (value: number): number => value
  const [least, most] = spread(known.map(([x]) => x))
  const yTicks = niceTicks(...spread(known.map(([, y]) => y).concat(fromZero === true ? [0] : [])))
  const [low, high] = [yTicks[0]!, yTicks.at(-1)!]
  const x = (value: number): number =>
    LEFT + (least === most ? 0.5 : (scale(value) - scale(least)) / (scale(most) - scale(least))) * (width - LEFT - RIGHT)
  const y = (value: number): number => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM)
  const onX = (xTicks ?? niceTicks(least, most)).filter((tick) => tick >= least && tick <= most)
  const starts = legendStarts(series, width)
  return [
    ...(title === undefined ? [] : [`<text x="${LEFT}" y="20" font-size="13" font-weight="600">${escapeXml(title)}</text>`]),
    ...yTicks.map(
      (tick) =>
        `<path d="M${LEFT} ${fixed(y(tick))}H${width - RIGHT}" stroke="#94a3b8" stroke-opacity=".3"/><text x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${text(tick)}</text>`,
    ),
    ...onX.map((tick) => `<text x="${fixed(x(tick))}" y="${height - BOTTOM + 16}" text-anchor="middle">${text(tick)}</text>`),
    ...(xLabel === undefined ? [] : [`<text x="${width - RIGHT}" y="${height - 8}" text-anchor="end">${escapeXml(xLabel)}</text>`]),
    ...series.flatMap(({ name, points, line, radius = 2.5, colour: own }, i) => {
      const colour = own ?? COLOURS[i % COLOURS.length]!
      const places = points.flatMap(([at, value]) => (value === null ? [] : [[fixed(x(at)), fixed(y(value))] as const]))
      const dashes = line === 'dashed' ? ' stroke-dasharray="5 4"' : ''
      return [
        ...(line === undefined
          ? []
          : [
              `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
            ]),
        ...places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${colour}"/>`),
        `<circle cx="${fixed(starts[i]! - 8)}" cy="16" r="3.5" fill="${colour}"/><text x="${fixed(starts[i]!)}" y="20">${escapeXml(name)}</text>`,
      ]
    }),
  ]
}

/** Where the names of the series begin, so that the last ends at the right edge. */
function legendStarts(series: readonly Series[], width: number): number[] {
  let at = width - RIGHT
  return series
    .toReversed()
    .map(({ name }) => {
      const start = at - name.length * LETTER
      at = start - 24
      return start
    })
    .toReversed()
}

/** Round numbers that hold the range between them: steps of 1, 2 or 5 times a power of ten. */
function niceTicks(low: number, high: number): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(low), 1) / 10
  const rough = span / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step))
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

function spread(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return [low, high]
}

const fixed = (value: number): string => value.toFixed(1)
const text = (value: number): string => String(Number(value.toPrecision(6)))
const escapeXml = (raw: string): string => raw.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
