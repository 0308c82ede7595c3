/** A report: ranks and tests what its parts need, then writes them into one file. */
import { checkNewFile } from '../export/export-folder.ts'
import { holm } from '../evaluation/correction.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { type LabelledRun, labelOf, metricRows } from '../../contract/metric-rows.ts'
import type { RunSummary } from '../../contract/shapes/run.ts'
import { REPORT_PARTS, type ReportPart } from '../../contract/verbs/report.ts'
import type { JobContext, JobFact, RankedFamily, RankedRun, ReportJob, ReportJobResult, ReportRun } from '../queue/job-types.ts'
import type { Markup } from '../report/markup.ts'
import { markup } from '../report/markup.ts'
import { reportPage } from '../report/page.ts'
import * as parts from '../report/parts/runs.ts'
import { searchPart } from '../report/parts/search.ts'
import { trackedPart } from '../report/parts/tracked.ts'
import { composed } from '../report/report.ts'
import { speechOf } from '../report/words.ts'
import { differenceJob } from './difference.ts'
import { marksJob } from './marks.ts'
import { rankJob } from './rank.ts'
import { slicesJob } from './slices.ts'
import { verdictJob } from './verdict.ts'

/** Of the users who change most, each way. */
const USERS = 5
const WITHIN = '2%'
const FDR = 0.1
/** Parts that stand on the ranks of held-out items. */
const RANKED: readonly ReportPart[] = ['metrics', 'tests', 'users', 'slices']

/** A table's rows: runs that differ only in their seed. */
interface Row extends RankedFamily {
  readonly label: string
  /** of its first run */
  readonly firstLabel: string
}

export async function* writeReportJob(job: ReportJob, context: JobContext): AsyncGenerator<JobFact, ReportJobResult> {
  if (job.ask.out !== undefined) await checkNewFile(job.ask.out)
  const { ask } = job
  const speech = speechOf(ask.language)
  const wanted = (part: ReportPart): boolean => ask.parts.length === 0 || ask.parts.includes(part)
  const summaries = job.runs.map(({ summary }) => summary)
  const labelled = (run: RunSummary): LabelledRun => ({ ...run, label: labelOf(run, summaries) })
  const made = new Map<ReportPart, Markup>()
  const add = (part: ReportPart, content: Markup | null): void => {
    if (content !== null && wanted(part)) made.set(part, content)
  }

  // one run alone is compared with none, so that nothing has to be ranked for it
  const needsRanks = RANKED.some(wanted) ? job.tables.filter(({ runs }) => runs.length > 1) : []
  const toRank = needsRanks.flatMap(({ runs }) => runs.flatMap((id) => placeOf(job, id)))
  const ranked = yield* rankJob({ runs: toRank }, context)
  const tables = job.tables.map((table) => ({ ...table, rows: rowsOf(job, ranked, table.runs, labelled) }))
  const compared = tables.filter(({ rows, runs }) => rows.length > 1 && needsRanks.some((each) => each.runs === runs))

  const marked = []
  for (const { protocol, runs, rows } of tables) {
    const own = runs.map((id) => labelled(summaries.find(({ run }) => run === id)!))
    const metrics = parts.columnsOf(own, ask.metrics, ask.metric)
    const isCompared = wanted('metrics') && metrics.length > 0 && compared.some((each) => each.protocol === protocol)
    const [best] = isCompared ? yield* marksJob({ tables: [rows], metrics }) : [{}]
    marked.push({ protocol, runs: own, best: best! })
  }
  const unmeasured = summaries.filter(({ protocolHash }) => protocolHash === null).map(labelled)
  add('metrics', parts.metricsPart(marked, unmeasured, ask, speech))

  if (wanted('tests')) {
    const tested = []
    for (const { protocol, rows } of compared) {
      const [first, ...others] = rows
      const verdicts = []
      for (const b of others) verdicts.push((yield* verdictJob({ a: first!, b, metric: ask.metric, within: WITHIN }, context)).verdict)
      const adjusted = holm(verdicts.map(({ p }) => p))
      const told = verdicts.map((verdict, i) => ({ name: others[i]!.label, verdict, adjusted: adjusted[i]! }))
      tested.push({ first: first!.label, protocol, rows: told })
    }
    add('tests', parts.testsPart(tested, speech))
  }

  const [a, b] = compared[0]?.rows ?? []
  if (a !== undefined && b !== undefined) {
    const pair = { a: a.runs[0]!, b: b.runs[0]!, metric: ask.metric }
    const side = ({ runs: [run], firstLabel }: Row) => ({ run: run!.run, name: firstLabel })
    if (wanted('users')) {
      const { difference } = yield* differenceJob({ ...pair, seed: 1, users: USERS }, context)
      add('users', parts.usersPart({ ...difference, a: { ...side(a), seed: null }, b: { ...side(b), seed: null } }, speech))
    }
    if (wanted('slices')) {
      const { slices } = yield* slicesJob({ ...pair, fdr: FDR }, context)
      add('slices', parts.slicesPart({ ...slices, a: side(a), b: side(b) }, speech))
    }
  }

  yield { kind: 'progress', progress: { stage: 'write', done: 0, total: null, unit: 'parts' } }
  const label = (id: string): string => labelled(summaries.find(({ run }) => run === id)!).label
  add(
    'curves',
    parts.curvesPart(
      job.curves.map(({ run, ...curve }) => ({ label: label(run), ...curve })),
      ask.metric,
      speech,
    ),
  )
  add(
    'ledger',
    parts.ledgerPart(
      job.ledgers.map((ledger) => ({ label: label(ledger.run), ledger })),
      speech,
    ),
  )
  add('search', job.searches.length === 0 ? null : markup`${job.searches.map((search) => searchPart(search, speech))}`)
  add('tracked', trackedPart(job.tracked, speech))
  add(
    'config',
    parts.configPart(
      job.runs.map(({ summary }) => label(summary.run)),
      job.differences,
      speech,
    ),
  )

  const page = reportPage({ ...job, sections: composed(ask.text, made, speech) }, speech)
  if (ask.out !== undefined) await writeFileAtomic(ask.out, page)
  return {
    ranked,
    report: {
      out: ask.out ?? null,
      html: ask.out === undefined ? page : null,
      bytes: Buffer.byteLength(page),
      parts: REPORT_PARTS.filter((part) => made.has(part)),
      empty: ask.parts.filter((part) => !made.has(part)),
    },
  }
}

function placeOf({ runs }: ReportJob, id: string): ReportRun['place'][] {
  return runs.filter(({ place }) => place.run === id).map(({ place }) => place)
}

/** The runs of a table as they are ranked now, a row a family, in the order of {@link metricRows}. */
function rowsOf(job: ReportJob, ranked: readonly RankedRun[], ids: readonly string[], labelled: (run: RunSummary) => LabelledRun): Row[] {
  const own = job.runs.filter(({ summary }) => ids.includes(summary.run))
  return metricRows(
    own.map(({ summary }) => labelled(summary)),
    [],
    true,
  ).map(({ label, runs }) => ({
    label,
    firstLabel: runs[0]!.label,
    isRandom: own.find(({ summary }) => summary.run === runs[0]!.run)!.isRandom,
    runs: runs.map(({ run }) => {
      const { place } = own.find(({ summary }) => summary.run === run)!
      const made = ranked.filter((each) => each.run === run).map(({ artefact }) => artefact)
      return { ...place, fileRecords: [...place.fileRecords.filter(({ path }) => !made.some((each) => each.path === path)), ...made] }
    }),
  }))
}
