/** Curves of runs that differ in their seed alone, as one with a band. */
import { gatherSeeds, type LineSeries, type SeedsCurve } from '@/charts/series.ts'
import { t } from '@/composables/texts.ts'

export interface CurveOfRun {
  readonly family: string
  /** the run's name, without what tells it from others of its family */
  readonly name: string
  readonly line: LineSeries
}

/** One line a family, in the order of their first; one of a single run is its own. */
export const gatherFamilies = (curves: readonly CurveOfRun[]): LineSeries[] =>
  [...Map.groupBy(curves, ({ family }) => family).values()].map((members) => {
    const [{ name, line }] = members as [CurveOfRun, ...CurveOfRun[]]
    if (members.length === 1) return line
    const gathered = gatherParts(members.map((member) => member.line))
    return { ...line, name: `${name} (${t('runs.seeds', { n: members.length })})`, anew: undefined, ...gathered }
  })

/** Each fit by itself, with a gap between them: a mean over the end of one seed's first fit and the start of another's final fit is of neither. */
function gatherParts(lines: readonly LineSeries[]): SeedsCurve {
  const part = (of: (line: LineSeries, anew: number) => readonly [from: number, to: number]): SeedsCurve =>
    gatherSeeds(
      lines.map((line) => {
        const [from, to] = of(line, line.anew ?? line.x.length)
        return { x: Array.from(line.x).slice(from, to), y: Array.from(line.y).slice(from, to) }
      }),
    )
  const first = part((_, anew) => [0, anew])
  if (!lines.every(({ anew }) => anew !== undefined)) return first
  const final = part(({ x }, anew) => [anew, x.length])
  const [begins] = final.x
  if (begins === undefined) return first
  const joined = (a: Float64Array, between: number, b: Float64Array): Float64Array => Float64Array.of(...a, between, ...b)
  return {
    x: joined(first.x, begins, final.x),
    y: joined(first.y, NaN, final.y),
    band: { low: joined(first.band.low, NaN, final.band.low), high: joined(first.band.high, NaN, final.band.high) },
  }
}
