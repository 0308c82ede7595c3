/**
 * Everything a page, a script or the command line may ask of the engine, declared once. A `query` answers at once; a `job`
 * answers `{ job, … }` at once, runs in a child process, and ends with a `job.finished` event that carries its result.
 * The command line and its help are generated from this table: an input's property is a flag (`maxLength` → `--max-length`).
 */
import type { z } from 'zod'
import type { VerbDefinition } from './verbs/common.ts'
import { backtestVerbs } from './verbs/backtest.ts'
import { clusterVerbs } from './verbs/cluster.ts'
import { curveVerbs } from './verbs/curves.ts'
import { datasetVerbs } from './verbs/datasets.ts'
import { dialVerbs } from './verbs/dial.ts'
import { compatVerbs } from './verbs/compat.ts'
import { skewVerbs } from './verbs/skew.ts'
import { differenceVerbs } from './verbs/difference.ts'
import { encoderVerbs } from './verbs/encoders.ts'
import { entityVerbs } from './verbs/entities.ts'
import { exportVerbs } from './verbs/exports.ts'
import { flowVerbs } from './verbs/flow.ts'
import { planVerbs } from './verbs/index-plan.ts'
import { indexVerbs } from './verbs/indexes.ts'
import { inspectVerbs } from './verbs/inspect.ts'
import { ledgerVerbs } from './verbs/ledger.ts'
import { mapVerbs } from './verbs/map.ts'
import { jobVerbs } from './verbs/jobs.ts'
import { negativesVerbs } from './verbs/negatives.ts'
import { neighbourVerbs } from './verbs/neighbours.ts'
import { publishedVerbs } from './verbs/published.ts'
import { recipeVerbs } from './verbs/recipes.ts'
import { recommendationVerbs } from './verbs/recommendations.ts'
import { reportVerbs } from './verbs/report.ts'
import { rerankVerbs } from './verbs/rerank.ts'
import { runVerbs } from './verbs/runs.ts'
import { runTableVerbs } from './verbs/runs-table.ts'
import { searchVerbs } from './verbs/search.ts'
import { segmentVerbs } from './verbs/segments.ts'
import { settingsVerbs } from './verbs/settings.ts'
import { servingVerbs } from './verbs/serving.ts'
import { sliceVerbs } from './verbs/slices.ts'
import { specVerbs } from './verbs/specs.ts'
import { systemVerbs } from './verbs/system.ts'
import { trackedVerbs } from './verbs/tracked.ts'
import { verdictVerbs } from './verbs/verdict.ts'
import { workspaceVerbs } from './verbs/workspace.ts'

export type { VerbDefinition } from './verbs/common.ts'
export type { LogLine } from './verbs/curves.ts'
export type {
  AnnTableRow,
  DeltaResult,
  ExportResult,
  ImportBundleResult,
  VerifiedBundle,
  VerifiedExport,
  VerifyResult,
} from './verbs/exports.ts'
export type { EntityRow, ImportInput, ImportResult, InspectInput } from './verbs/datasets.ts'
export type { DifferenceResult, DifferenceSlice, DifferenceUser, DifferenceUsersInput } from './verbs/difference.ts'
export type { AnnCurveInput } from './verbs/indexes.ts'
export type { ContributionsResult, FormField, InspectedHit, InspectResult } from './verbs/inspect.ts'
export type { JobInfo } from './verbs/jobs.ts'
export type { NeighboursResult } from './verbs/neighbours.ts'
export type { CompareResult, EvaluateResult, TrainInput } from './verbs/runs.ts'
export type { RerankInput, RerankResult } from './verbs/rerank.ts'
export type { SearchInput } from './verbs/search.ts'
export type { EstimateResult, SpecProblem } from './verbs/specs.ts'
export type { DoctorResult } from './verbs/system.ts'
export type { VerdictResult } from './verbs/verdict.ts'

export const verbs = {
  ...datasetVerbs,
  ...runVerbs,
  ...runTableVerbs,
  ...clusterVerbs,
  ...curveVerbs,
  ...differenceVerbs,
  ...dialVerbs,
  ...compatVerbs,
  ...skewVerbs,
  ...negativesVerbs,
  ...sliceVerbs,
  ...backtestVerbs,
  ...verdictVerbs,
  ...publishedVerbs,
  ...neighbourVerbs,
  ...flowVerbs,
  ...jobVerbs,
  ...inspectVerbs,
  ...encoderVerbs,
  ...entityVerbs,
  ...indexVerbs,
  ...planVerbs,
  ...ledgerVerbs,
  ...mapVerbs,
  ...recipeVerbs,
  ...recommendationVerbs,
  ...reportVerbs,
  ...rerankVerbs,
  ...searchVerbs,
  ...specVerbs,
  ...exportVerbs,
  ...segmentVerbs,
  ...trackedVerbs,
  ...settingsVerbs,
  ...servingVerbs,
  ...workspaceVerbs,
  ...systemVerbs,
} as const satisfies Record<string, VerbDefinition>

type Definition<V extends VerbName> = (typeof verbs)[V]
export type VerbName = keyof typeof verbs
/** Verbs with a word on the command line. */
export type CliVerbName = { [V in VerbName]: Definition<V> extends { cli: string } ? V : never }[VerbName]
/** What a caller passes. */
export type VerbInput<V extends VerbName> = z.input<Definition<V>['input']>
/** What a handler gets: validated, defaults filled in. */
export type VerbParsed<V extends VerbName> = z.output<Definition<V>['input']>
export type VerbOutput<V extends VerbName> = z.output<Definition<V>['output']>
export type JobVerb = { [V in VerbName]: Definition<V> extends { result: z.ZodType } ? V : never }[VerbName]
export type JobResult<V extends JobVerb> = Definition<V> extends { result: infer R extends z.ZodType } ? z.output<R> : never

/** Whether a verb is a job. */
export const isJobVerb = (name: VerbName): name is JobVerb => 'result' in verbs[name]

/** Whether a verb writes into the workspace. */
export function changesWorkspace(name: VerbName): boolean {
  const { changes = isJobVerb(name) }: VerbDefinition = verbs[name]
  return changes
}
