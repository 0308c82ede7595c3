/**
 * What a job is: an async generator that runs in a child process, yields facts and returns its result. Everything here crosses a
 * process border (structured clone), so it is plain data and typed arrays. A job writes only into the folders its input names; it
 * never touches SQLite: the engine stores its facts.
 */
import type { ErrorShape } from '../../contract/errors.ts'
import type { AnnCurve, IndexInfo } from '../../contract/shapes/ann.ts'
import type { ExecutorName } from '../compute/executor.ts'
import type { PathGuard } from '../files/path-guard.ts'
import type { BundleManifest } from '../../contract/shapes/bundle.ts'
import type { ExportFormat } from '../../contract/shapes/export.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import type { Environment, EpochRow, Trial, RunDetail, RunSummary, StepRow, TrainResult } from '../../contract/shapes/run.ts'
import type { DatasetManifest, KindsBefore } from '../../contract/shapes/dataset.ts'
import type { FileInspection } from '../../contract/shapes/inspection.ts'
import type { CopyReport, WorkspaceReport } from '../../contract/shapes/workspace.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { SearchDetail, SearchVerdict } from '../../contract/shapes/search.ts'
import type { Metrics, Protocol } from '../../contract/shapes/protocol.ts'
import type { IndexSpec, RunSpec, TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { TrackedSourceRead } from '../../contract/shapes/tracked.ts'
import type { TrackedImportInput, TrackedSummary } from '../../contract/verbs/tracked.ts'
import type { RecordedFiles, RunFolders } from '../model/run-files.ts'
import type { Gate } from '../search/stopping.ts'
import type {
  AnnCurveInput,
  CompareResult,
  DoctorResult,
  EstimateResult,
  EvaluateResult,
  RerankInput,
  RerankResult,
  ExportResult,
  ImportInput,
  InspectInput,
  VerifiedBundle,
  VerifyResult,
  DeltaResult,
  DifferenceResult,
  VerdictResult,
} from '../../contract/verbs.ts'
import type { BacktestInput, BacktestResult } from '../../contract/verbs/backtest.ts'
import type { ClusterExportResult } from '../../contract/verbs/cluster.ts'
import type { ToldResult } from '../../contract/verbs/runs.ts'
import type { DialInput, DialResult } from '../../contract/verbs/dial.ts'
import type { CompatInput, CompatResult } from '../../contract/verbs/compat.ts'
import type { SkewInput, SkewResult } from '../../contract/verbs/skew.ts'
import type { PlanInput, PlanResult } from '../../contract/verbs/index-plan.ts'
import type { LayoutOptions, LayoutResult } from '../../contract/verbs/map.ts'
import type { MeasuredSegment } from '../../contract/verbs/segments.ts'
import type { ProofInput, ProofOf, ProofResult } from '../../contract/verbs/published.ts'
import type { NegativesInput, NegativesResult } from '../../contract/verbs/negatives.ts'
import type { RecommendationsResult } from '../../contract/verbs/recommendations.ts'
import type { ReportInput, ReportResult } from '../../contract/verbs/report.ts'
import type { SlicesResult } from '../../contract/verbs/slices.ts'
import type { Ablation, LedgerInput, LedgerResult } from '../../contract/verbs/ledger.ts'

/** What a job reports while it works. Yield as often as convenient: the engine coalesces progress and batches rows. */
export type JobFact =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'message'; readonly level: 'info' | 'warning'; readonly text: string }
  | { readonly kind: 'environment'; readonly environment: Environment }
  /** rows of `step` > this step and of `epoch` > this epoch are forgotten: they will be reported again. 0, 0: from the start */
  | { readonly kind: 'resumed'; readonly step: number; readonly epoch: number }
  | { readonly kind: 'steps'; readonly rows: readonly StepRow[] }
  | { readonly kind: 'epoch'; readonly row: EpochRow }
  /** settings tried, the `number`-th (from 0) of the run; a repeated number takes its place */
  | { readonly kind: 'trial'; readonly number: number; readonly trial: Trial }
  /** what the run had left to choose is chosen: from here on this is its spec */
  | { readonly kind: 'settled'; readonly spec: RunSpec }
  /** a finished file; `path` is relative to the run's folder, with forward slashes */
  | { readonly kind: 'artefact'; readonly artefact: Artefact }
  /** numbers besides the result's own, such as ANN metrics or the validation part */
  | { readonly kind: 'metrics'; readonly protocol: Protocol; readonly metrics: Metrics; readonly baseline?: Metrics }
export type JobFactKind = JobFact['kind']

/** What a run's job is told about the run. All paths are absolute. */
export interface RunLocation extends RunFolders {
  readonly run: string
}

export interface TrainJob extends RunLocation {
  /** default: onnxruntime */
  readonly executor?: ExecutorName | undefined
  /** go on from the last checkpoint in `runFolder`; where there is none, from the start (and yield `resumed` 0, 0) */
  readonly resume: boolean
  /** the run to start from, where the spec names one */
  readonly warmStart: RecordedFiles | null
  /** of a blend: its runs, in the order of the spec */
  readonly members: readonly BlendMember[]
  readonly threads: number
  /** bytes that the vectors of its epochs may take; default: none are kept */
  readonly epochBudget?: number
  /** folder of the job that trains it elsewhere, where this process follows one; a run that is resumed knows it */
  readonly elsewhere?: string
}
/** A trial of a search: the validation part is what it is measured on, the test part is not looked at. */
export interface TrialJob extends Omit<TrainJob, 'members' | 'epochBudget' | 'elsewhere'> {
  readonly metric: string
  readonly gates: readonly Gate[]
}
export interface TrialResult extends Pick<TrainResult, 'epochs' | 'bestEpoch' | 'seconds' | 'examplesPerSecond' | 'peakRssMb'> {
  /** it stopped before a gate, with a checkpoint to go on from */
  readonly isPaused: boolean
  /** of the best epoch: on the whole validation part, of a paused one as its epochs were measured; null where nothing was */
  readonly value: number | null
}
export interface BlendMember extends RecordedFiles {
  readonly run: string
  readonly name: string
  readonly spec: RunSpec
}
export interface EstimateJob extends Pick<RunFolders, 'datasetFolder' | 'datasetRecord'> {
  readonly spec: TwoTowerSpec
  readonly threads: number
}
export interface ImportJob {
  /** paths are absolute */
  readonly input: ImportInput
  /** of the dataset that is followed */
  readonly kindsBefore?: KindsBefore
  /** does not exist yet; the engine moves it to its place when the job has returned */
  readonly folder: string
}
export interface EvaluateJob extends RunLocation {
  readonly k: readonly number[]
  readonly split: 'validation' | 'test'
  readonly ann: boolean
}
export interface ExportJob extends RunLocation {
  readonly format: ExportFormat
  /** new or empty; checked by the verb */
  readonly out: string
  readonly allEncoders?: boolean | undefined
  readonly int8?: boolean | undefined
  readonly dim?: number | undefined
  readonly alignTo?: (RunLocation & { readonly name: string }) | undefined
  /** what the store knows of the run, and of its files, to verify them by */
  readonly detail: RunDetail
}
export interface ClusterExportJob extends Pick<RunFolders, 'datasetFolder' | 'datasetRecord'> {
  readonly spec: TwoTowerSpec
  readonly name: string
  readonly pylon: string
  readonly files: number
  readonly record: number
  readonly out: string
  /** folders of the workspace, which nothing is written into */
  readonly guarded: readonly string[]
}
export interface VerifyJob {
  readonly path: string
}
/** Folders of the workspace that nothing is written into are `guarded`. */
export interface DeltaJob {
  readonly from: string
  readonly to: string
  readonly out: string
  readonly guarded: readonly string[]
}
export interface ApplyDeltaJob {
  readonly path: string
  readonly onto: string
  readonly out: string
  readonly guarded: readonly string[]
}
export interface ImportBundleJob {
  readonly path: string
  /** does not exist yet; gets `run/` and `dataset/`, which the engine moves to their places */
  readonly folder: string
}
export interface ImportedBundle {
  readonly manifest: BundleManifest
  readonly spec: RunSpec
  readonly protocol: Protocol
  readonly dataset: DatasetManifest
  /** of the run's folder */
  readonly files: readonly Artefact[]
  readonly verified: VerifiedBundle
}
export interface IndexJob extends RunLocation {
  readonly name: string
  readonly index: IndexSpec
}
export interface RecommendAllJob extends RunLocation {
  readonly ask: { readonly k: number; readonly includeSeen: boolean; readonly out: string }
}
/** A run told to another program. */
export interface LogJob {
  readonly to: { readonly kind: 'mlflow'; readonly uri: string } | { readonly kind: 'tensorboard'; readonly folder: string }
  readonly detail: RunDetail
  /** all of it */
  readonly steps: readonly StepRow[]
}
export interface DialJob extends RunLocation {
  readonly ask: DialInput
}
export interface CompatJob {
  readonly a: RunLocation
  readonly b: RunLocation
  readonly ask: Omit<CompatInput, 'runs'>
}
export interface CompatJobResult extends Omit<CompatResult, 'a' | 'b'> {
  /** widths of both runs' vectors */
  readonly dims: readonly [a: number, b: number]
}
export interface SkewJob extends RunLocation {
  readonly ask: SkewInput
}
export interface NegativesJob extends RunLocation {
  readonly ask: NegativesInput
}
export interface PlanJob extends RunLocation {
  readonly ask: PlanInput
}
export interface MapLayoutJob extends RunLocation {
  readonly ask: LayoutOptions
}
export interface RerankJob extends RunLocation {
  readonly ask: RerankInput
}
export interface LedgerJob extends RunLocation {
  readonly ask: LedgerInput
  /** the complete trials of its ablation, and why others failed */
  readonly trials: readonly AblationTrial[]
  readonly ablation: LedgerResult['ablation']
}
/** A run trained anew as it is, without a column, or with a column shuffled; with one of the seeds. */
export interface AblationTrial {
  /** `item.price`; null: the whole spec */
  readonly column: string | null
  readonly how: Ablation | null
  readonly seed: number
  /** null where it failed */
  readonly place: RunLocation | null
  readonly epochs: number
  readonly seconds: number
  readonly error: string | null
}
export interface AnnCurveJob extends RunLocation {
  readonly ask: AnnCurveInput
}
/** A finished run whose held-out items are to be ranked. */
export interface RunToRank extends RunLocation {
  /** hash of the protocol it was measured by on the test part */
  readonly protocol: string
}
export interface SegmentJob {
  /** of one protocol */
  readonly places: readonly RunToRank[]
  /** dense indices */
  readonly items: Int32Array
}
export interface SegmentJobResult extends Pick<MeasuredSegment, 'protocol' | 'items'> {
  readonly ranked: readonly RankedRun[]
  /** of each place */
  readonly measured: readonly Pick<MeasuredSegment['runs'][number], 'inside' | 'outside'>[]
}
export interface RankJob {
  readonly runs: readonly RunToRank[]
}
/** A run and its file of ranks, made now or there already. */
export interface RankedRun {
  readonly run: string
  readonly artefact: Artefact
}
export interface DifferenceJob {
  readonly a: RunToRank
  readonly b: RunToRank
  readonly metric: string
  readonly seed: number
  /** of the greatest changes, how many each way */
  readonly users: number
}
export interface DifferenceJobResult {
  readonly ranked: readonly RankedRun[]
  /** all but who the runs are */
  readonly difference: Omit<DifferenceResult, 'a' | 'b'>
}
/** Models held to what was published of them on the split that the dataset is. */
export interface ProofJob extends Pick<RunFolders, 'datasetFolder' | 'datasetRecord'> {
  readonly ask: ProofInput
  readonly split: string
  readonly proofs: readonly ProofOf[]
}
export interface BacktestJob extends Pick<RunFolders, 'datasetFolder' | 'datasetRecord'> {
  /** where each fold leaves what it found, and finds what was found before; made where it is not there */
  readonly work: string
  readonly ask: BacktestInput
  readonly recipes: readonly { readonly recipe: string; readonly spec: RunSpec }[]
}
export interface SlicesJob extends Pick<DifferenceJob, 'a' | 'b' | 'metric'> {
  readonly fdr: number
}
export interface SlicesJobResult {
  readonly ranked: readonly RankedRun[]
  /** all but who the runs are */
  readonly slices: Omit<SlicesResult, 'a' | 'b'>
}
/** Runs that differ only in their seed. */
export interface RankedFamily {
  readonly runs: readonly RunToRank[]
  /** whether another seed would make another model */
  readonly isRandom: boolean
}
export interface VerdictJob {
  readonly a: RankedFamily
  readonly b: RankedFamily
  readonly metric: string
  /** as typed: a number, or a percentage */
  readonly within: string
}
export interface VerdictJobResult {
  readonly ranked: readonly RankedRun[]
  /** all but who the sides are */
  readonly verdict: Omit<VerdictResult, 'a' | 'b'> & Record<'a' | 'b', Pick<VerdictResult['a'], 'mean' | 'sd'>>
}
/** Tables of ranked runs, a protocol each; the answer is the best row of each metric that has one. */
export interface MarksJob {
  readonly tables: readonly (readonly RankedFamily[])[]
  readonly metrics: readonly string[]
}
/** A run as a report tells of it, and where it lies to be ranked. */
export interface ReportRun {
  readonly summary: RunSummary
  readonly place: RunToRank
  /** whether another seed would make another model */
  readonly isRandom: boolean
}
export interface ReportJob {
  readonly ask: ReportInput
  readonly title: string
  /** when it was asked for, and by which version */
  readonly at: string
  readonly pylon: string
  readonly runs: readonly ReportRun[]
  /** runs of one protocol */
  readonly tables: readonly { readonly protocol: Protocol; readonly runs: readonly string[] }[]
  readonly curves: readonly {
    readonly run: string
    readonly epoch: ArrayLike<number>
    readonly loss: ArrayLike<number>
    readonly validation: Readonly<Record<string, ArrayLike<number>>>
  }[]
  readonly ledgers: readonly LedgerResult[]
  readonly searches: readonly SearchDetail[]
  readonly tracked: readonly TrackedSummary[]
  readonly differences: CompareResult['differences']
}
export interface ReportJobResult {
  readonly ranked: readonly RankedRun[]
  readonly report: ReportResult
}
export const LIBRARIES = [
  'better-sqlite3',
  '@duckdb/node-api',
  'onnxruntime-node',
  'usearch',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-node',
  // no package of its own: a processor that ONNX Runtime may run on
  'webgpu',
] as const
export type Library = (typeof LIBRARIES)[number]

/** Jobs by name: their input and their result. */
export interface Jobs {
  /** a few steps of training, for what a whole one costs */
  estimate: { input: EstimateJob; result: Omit<EstimateResult, 'busy'> }
  /** a look at files before they are imported; paths are absolute */
  inspect: { input: { input: InspectInput; threads: number; kindsBefore?: KindsBefore }; result: FileInspection }
  import: { input: ImportJob; result: DatasetManifest }
  train: { input: TrainJob; result: TrainResult }
  trial: { input: TrialJob; result: TrialResult }
  /** the finals of a search compared; of each its runs, one a seed */
  finals: { input: { finals: { trial: number; places: RunLocation[] }[]; metric: string }; result: SearchVerdict }
  evaluate: { input: EvaluateJob; result: EvaluateResult }
  export: { input: ExportJob; result: ExportResult }
  'cluster-export': { input: ClusterExportJob; result: ClusterExportResult }
  verify: { input: VerifyJob; result: VerifyResult }
  delta: { input: DeltaJob; result: DeltaResult }
  'apply-delta': { input: ApplyDeltaJob; result: VerifiedBundle }
  /** paths are absolute */
  'import-tracked': { input: Pick<TrackedImportInput, 'path' | 'experiment' | 'map'>; result: TrackedSourceRead }
  'import-bundle': { input: ImportBundleJob; result: ImportedBundle }
  index: { input: IndexJob; result: IndexInfo }
  curve: { input: AnnCurveJob; result: AnnCurve }
  'recommend-all': { input: RecommendAllJob; result: RecommendationsResult }
  log: { input: LogJob; result: ToldResult }
  dial: { input: DialJob; result: DialResult }
  compat: { input: CompatJob; result: CompatJobResult }
  skew: { input: SkewJob; result: SkewResult }
  plan: { input: PlanJob; result: PlanResult }
  negatives: { input: NegativesJob; result: NegativesResult }
  segment: { input: SegmentJob; result: SegmentJobResult }
  'map-layout': { input: MapLayoutJob; result: LayoutResult }
  rerank: { input: RerankJob; result: RerankResult }
  ledger: { input: LedgerJob; result: LedgerResult }
  rank: { input: RankJob; result: readonly RankedRun[] }
  prove: { input: ProofJob; result: ProofResult }
  backtest: { input: BacktestJob; result: BacktestResult }
  slices: { input: SlicesJob; result: SlicesJobResult }
  difference: { input: DifferenceJob; result: DifferenceJobResult }
  verdict: { input: VerdictJob; result: VerdictJobResult }
  'write-report': { input: ReportJob; result: ReportJobResult }
  marks: { input: MarksJob; result: readonly Readonly<Record<string, number>>[] }
  /** loads one native library and does something tiny with it, away from the engine, as it may crash */
  /** a workspace's database into a file, while its engine writes on; the answer is that file */
  /** `own`: the engine that asks, which is no other one; null where none has opened the workspace */
  report: { input: { home: string; askingEngine: string | null }; result: WorkspaceReport }
  'copy-database': { input: { from: string; to: string }; result: string }
  /** a workspace into an empty folder */
  copy: { input: { from: string; to: string }; result: CopyReport }
  'self-test': { input: { library: Library }; result: DoctorResult['libraries'][number] }
}
export type JobName = keyof Jobs

/** What every body gets. */
export interface JobContext {
  readonly threads: number
  /** aborted when a cancel was asked: write a checkpoint if there is one to write, then throw {@link Cancelled} */
  readonly signal: AbortSignal
  /** asked for each file of others that is opened */
  readonly guard: PathGuard
  /** an empty folder of this job, removed by the engine when the job ends in whatever way */
  readonly temp: string
}

/** The body of a job. `context.signal` is checked between yields; the driver lets the event loop turn between them. */
export type JobBody<J extends JobName> = (input: Jobs[J]['input'], context: JobContext) => AsyncGenerator<JobFact, Jobs[J]['result']>

/** What a job process is sent, once, then at most a few `cancel`. */
export type ToJob =
  | {
      [J in JobName]: {
        readonly kind: 'start'
        readonly job: J
        readonly input: Jobs[J]['input']
        readonly threads: number
        readonly temp: string
      }
    }[JobName]
  | { readonly kind: 'cancel' }

/** What a job process posts: facts, then exactly one `done` or `failed` (or it dies). */
export type FromJob =
  | { readonly kind: 'fact'; readonly fact: JobFact }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorShape }
