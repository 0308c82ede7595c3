/** Samples of a long run: their slope, and a small drawing. */

export interface Sample {
  readonly minutes: number
  readonly rssMb: number
  readonly heapMb: number
  readonly descriptors: number
}
type Measure = Exclude<keyof Sample, 'minutes'>

/** Growth an hour of the least-squares line; 0 for fewer than two samples. */
export function slopeOf(samples: readonly Sample[], measure: Measure): number {
  const n = samples.length
  const [x, y] = [samples.reduce((sum, { minutes }) => sum + minutes / 60, 0) / n, samples.reduce((sum, s) => sum + s[measure], 0) / n]
  let [above, below] = [0, 0]
  for (const sample of samples) {
    const dx = sample.minutes / 60 - x
    above += dx * (sample[measure] - y)
    below += dx * dx
  }
  return below === 0 ? 0 : above / below
}

const [WIDTH, HEIGHT, LEFT, TOP] = [640, 110, 60, 24]
const MEASURES: readonly (readonly [measure: Measure, title: string])[] = [
  ['rssMb', 'resident memory after a collection, MB'],
  ['heapMb', 'JavaScript heap after a collection, MB'],
  ['descriptors', 'open descriptors'],
]

/** One panel a measure, from zero, over minutes. */
export function plotSoak(samples: readonly Sample[]): string {
  const end = Math.max(1, samples.at(-1)?.minutes ?? 1)
  const panels = MEASURES.map(([measure, title], i) => {
    const most = Math.max(1, ...samples.map((sample) => sample[measure]))
    const top = i * (HEIGHT + 2 * TOP) + TOP
    const points = samples
      .map((s) => `${(LEFT + (s.minutes / end) * WIDTH).toFixed(1)},${(top + HEIGHT * (1 - s[measure] / most)).toFixed(1)}`)
      .join(' ')
    const frame = `M${LEFT} ${top}V${top + HEIGHT}H${LEFT + WIDTH}`
    return [
      `<text x="${LEFT}" y="${top - 8}">${title}</text>`,
      `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most.toFixed(0)}</text>`,
      `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>`,
      `<text x="${LEFT + WIDTH}" y="${top + HEIGHT + 16}" text-anchor="end">${end.toFixed(0)} min</text>`,
      `<path d="${frame}" fill="none" stroke="#888"/>`,
      `<polyline points="${points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>`,
    ].join('\n')
  })
  const [width, height] = [LEFT + WIDTH + 20, MEASURES.length * (HEIGHT + 2 * TOP)]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="white"/>
${panels.join('\n')}
</svg>
`
}
