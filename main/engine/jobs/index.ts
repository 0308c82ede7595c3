/** The bodies of the jobs. Each is loaded when its process needs it, so a process carries only the native libraries of its own job. */
import type { JobBody, JobName } from '../queue/job-types.ts'

const bodies = {
  estimate: async () => (await import('./estimate.ts')).estimateJob,
  inspect: async () => (await import('./inspect.ts')).inspectJob,
  import: async () => (await import('./import.ts')).importJob,
  train: async () => (await import('./train.ts')).train,
  trial: async () => (await import('./trial.ts')).trialJob,
  finals: async () => (await import('./finals.ts')).finalsJob,
  evaluate: async () => (await import('./evaluate.ts')).evaluateJob,
  export: async () => (await import('./export.ts')).exportJob,
  'cluster-export': async () => (await import('./cluster-export.ts')).clusterExportJob,
  verify: async () => (await import('./bundle.ts')).verifyJob,
  delta: async () => (await import('./bundle.ts')).deltaJob,
  'apply-delta': async () => (await import('./bundle.ts')).applyDeltaJob,
  'import-tracked': async () => (await import('./import-tracked.ts')).importTrackedJob,
  'import-bundle': async () => (await import('./bundle.ts')).importBundleJob,
  index: async () => (await import('./index-build.ts')).indexJob,
  plan: async () => (await import('./index-plan.ts')).indexPlanJob,
  curve: async () => (await import('./curve.ts')).curveJob,
  'recommend-all': async () => (await import('./recommend-all.ts')).recommendAllJob,
  negatives: async () => (await import('./negatives.ts')).negativesJob,
  log: async () => (await import('./log.ts')).logJob,
  dial: async () => (await import('./dial.ts')).dialJob,
  compat: async () => (await import('./compat.ts')).compatJob,
  skew: async () => (await import('./skew.ts')).skewJob,
  segment: async () => (await import('./segment.ts')).segmentJob,
  'map-layout': async () => (await import('./map-layout.ts')).mapLayoutJob,
  rerank: async () => (await import('./rerank.ts')).rerankJob,
  ledger: async () => (await import('./ledger.ts')).ledgerJob,
  rank: async () => (await import('./rank.ts')).rankJob,
  prove: async () => (await import('./prove.ts')).proveJob,
  backtest: async () => (await import('./backtest.ts')).backtestJob,
  slices: async () => (await import('./slices.ts')).slicesJob,
  difference: async () => (await import('./difference.ts')).differenceJob,
  verdict: async () => (await import('./verdict.ts')).verdictJob,
  'write-report': async () => (await import('./write-report.ts')).writeReportJob,
  marks: async () => (await import('./marks.ts')).marksJob,
  'copy-database': async () => (await import('./copy.ts')).copyDatabaseJob,
  copy: async () => (await import('./copy.ts')).copyJob,
  report: async () => (await import('./report.ts')).reportJob,
  'self-test': async () => (await import('./self-test.ts')).selfTestJob,
} satisfies { [J in JobName]: () => Promise<JobBody<J>> }

/** The body of a job, ready to be called. */
export function loadJob<J extends JobName>(job: J): Promise<JobBody<J>> {
  return (bodies[job] as unknown as () => Promise<JobBody<J>>)()
}
