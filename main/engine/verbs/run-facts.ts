/** What a run's job tells, put into the store. */
import type { EngineContext } from '../engine-context.ts'
import type { JobFact, JobFactKind } from '../queue/job-types.ts'

/** What each kind of fact does to the store. */
const factHandlers: {
  readonly [K in JobFactKind]: (context: EngineContext, at: { run: string; job: string }, fact: Extract<JobFact, { kind: K }>) => void
} = {
  progress: () => {},
  message: ({ store }, { run, job }, { level, text }) => store.results.log({ job, run, level, text }),
  environment: ({ store }, { run }, { environment }) => store.results.setEnvironment(run, environment),
  resumed: ({ store }, { run }, { step, epoch }) => store.results.rewind(run, step, epoch),
  steps: ({ store }, { run }, { rows }) => store.results.addSteps(run, rows),
  epoch: ({ store, announce }, { run, job }, { row }) => {
    store.results.addEpoch(run, row)
    announce('run.epoch', { job, run, row })
  },
  trial: ({ store }, { run }, { number, trial }) => store.results.addTrial(run, number, trial),
  settled: ({ store }, { run }, { spec }) => store.runs.settle(run, spec),
  artefact: ({ store }, { run }, { artefact }) => store.results.addArtefact(run, artefact),
  metrics: ({ store }, { run }, { protocol, metrics, baseline }) => store.results.addMetrics(run, protocol, metrics, baseline),
}

/** Stores a fact of a run's job. */
export function keep(context: EngineContext, run: string, job: string, fact: JobFact): void {
  const take = factHandlers[fact.kind] as (context: EngineContext, at: { run: string; job: string }, fact: JobFact) => void
  take(context, { run, job }, fact)
}
