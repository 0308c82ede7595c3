/** What the seeds of a curve lie between, as one shape, or one between two gaps. */
import type { LineSeries } from './series.ts'

/** How dark a band is: of many that lie over each other each is fainter, so that their curves stand out. */
const opacityOf = (bands: number): number => Math.min(0.18, 0.54 / bands)

type Point = readonly [x: number, low: number, high: number]

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
  const isDrawn = ([at, low, high]: Point): boolean => Number.isFinite(low + high) && (!logX || at > 0) && (!logY || low > 0)
  const parts: Point[][] = [[]]
  for (let i = 0; i < x.length; i++) {
    const point: Point = [x[i]!, band.low[i]!, band.high[i]!]
    if (isDrawn(point)) parts.at(-1)!.push(point)
    else if (!Number.isFinite(point[1] + point[2])) parts.push([]) // the curve has a gap
  }
  const shapes = parts.filter((part) => part.length > 0)
  const renderItem = (params: { dataIndex: number }, api: { coord: (point: number[]) => number[] }): object | null =>
    params.dataIndex > 0
      ? null
      : {
          type: 'group',
          children: shapes.map((part) => ({
            type: 'polygon',
            shape: {
              points: [...part.map(([at, , high]) => api.coord([at, high])), ...part.toReversed().map(([at, low]) => api.coord([at, low]))],
            },
            style: { fill: color, opacity: opacityOf(of) },
          })),
        }
  const data = shapes.flat().map((point) => [...point])
  const encode = { x: 0, y: [1, 2] }
  return [{ type: 'custom', name, silent: true, clip: true, z: 1, dimensions: ['x', 'low', 'high'], encode, data, renderItem }]
}
