/** Curves of runs that differ in their seed alone, as one with a band. */
import { gatherSeeds, type LineSeries } from '@/charts/series.ts'
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
    return { ...line, name: `${name} (${t('runs.seeds', { n: members.length })})`, ...gatherSeeds(members.map((member) => member.line)) }
  })
