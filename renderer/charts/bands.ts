/** What the seeds of a curve lie between, as one shape. */
import type { LineSeries } from './series.ts'

/** How dark a band is: of many that lie over each other each is fainter, so that their curves stand out. */
const opacityOf = (bands: number): number => Math.min(0.18, 0.54 / bands)

/**
 * A series of ECharts that draws the whole band at its first point; none where the curve has no band. What a log axis cannot show is left
 * out.
 * @param of how many bands the chart has
 */
export function bandOf(
  { name, x, band }: LineSeries,
  color: string,
  { logX, logY, of }: { readonly logX: boolean; readonly logY: boolean; readonly of: number },
): Record<string, unknown>[] {
  if (band === undefined) return []
  const points = Array.from(x, (at, i) => [at, band.low[i]!, band.high[i]!] as const).filter(
    ([at, low, high]) => Number.isFinite(low + high) && (!logX || at > 0) && (!logY || low > 0),
  )
  const renderItem = (params: { dataIndex: number }, api: { coord: (point: number[]) => number[] }): object | null =>
    params.dataIndex > 0
      ? null
      : {
          type: 'polygon',
          shape: {
            points: [
              ...points.map(([at, , high]) => api.coord([at, high])),
              ...points.toReversed().map(([at, low]) => api.coord([at, low])),
            ],
          },
          style: { fill: color, opacity: opacityOf(of) },
        }
  const data = points.map((point) => [...point])
  const encode = { x: 0, y: [1, 2] }
  return [{ type: 'custom', name, silent: true, clip: true, z: 1, dimensions: ['x', 'low', 'high'], encode, data, renderItem }]
}
