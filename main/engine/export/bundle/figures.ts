/** Curves as SVG, for the model card: lines over epochs, axes with round numbers, readable on light and dark paper. */

export interface Curve {
  readonly name: string
  /** a value an epoch; null where there is none */
  readonly values: readonly (number | null)[]
}

const [WIDTH, HEIGHT] = [640, 280]
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 36, 36]
const COLOURS = ['#2563eb', '#d97706', '#059669', '#db2777']

/** A chart of curves over epochs 1, 2, …. */
export function curvesSvg(title: string, curves: readonly Curve[]): string {
  const epochs = Math.max(...curves.map(({ values }) => values.length))
  const all = curves.flatMap(({ values }) => values.filter((value) => value !== null))
  const ticks = niceTicks(Math.min(...all), Math.max(...all))
  const [low, high] = [ticks[0]!, ticks.at(-1)!]
  const x = (epoch: number): number => LEFT + (epochs === 1 ? 0.5 : (epoch - 1) / (epochs - 1)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
  const every = Math.max(1, Math.ceil(epochs / 12))
  const shown = Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) => (epoch - 1) % every === 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="11" fill="#64748b">`,
    `<text x="${LEFT}" y="20" font-size="13" font-weight="600">${escapeXml(title)}</text>`,
    ...ticks.map(
      (tick) =>
        `<path d="M${LEFT} ${fixed(y(tick))}H${WIDTH - RIGHT}" stroke="#94a3b8" stroke-opacity=".3"/><text x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${label(tick)}</text>`,
    ),
    ...shown.map((epoch) => `<text x="${fixed(x(epoch))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${epoch}</text>`),
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">epoch</text>`,
    ...curves.flatMap(({ name, values }, i) => {
      const points = values.flatMap((value, e) => (value === null ? [] : [`${fixed(x(e + 1))},${fixed(y(value))}`]))
      const colour = COLOURS[i % COLOURS.length]!
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.map((point) => `<circle cx="${point.split(',')[0]!}" cy="${point.split(',')[1]!}" r="2.5" fill="${colour}"/>`),
        `<text x="${WIDTH - RIGHT - 110 * (curves.length - i - 1)}" y="20" text-anchor="end" fill="${colour}">${escapeXml(name)}</text>`,
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

/** Round numbers that hold the range between them: steps of 1, 2 or 5 times a power of ten. */
export function niceTicks(low: number, high: number): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(low), 1) / 10
  const rough = span / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step))
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

const fixed = (value: number): string => value.toFixed(1)
const label = (value: number): string => String(Number(value.toPrecision(6)))
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
