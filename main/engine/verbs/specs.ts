/** Verb handlers of specs before they are run: schema, check, estimate. */
import { badInput, Cancelled, PylonError } from '../../contract/errors.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import { specSchema } from '../../contract/shapes/spec.ts'
import { specJsonSchema } from '../../contract/spec-json.ts'
import type { EstimateResult, SpecProblem } from '../../contract/verbs.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import type { PathGuard } from '../files/path-guard.ts'
import { schemaProblems } from '../run-spec/schema-error.ts'

export function specVerbs({
  store,
  queue,
  guard,
  threads: all,
}: EngineContext): Handlers<'specs.schema' | 'specs.check' | 'specs.estimate'> {
  let newest = 0
  let running: Promise<unknown> = Promise.resolve()

  const check = async (spec: unknown, dataset: string | undefined): Promise<{ spec: RunSpec | null; problems: SpecProblem[] }> => {
    const parsed = specSchema.safeParse(spec)
    if (!parsed.success) return { spec: null, problems: schemaProblems(specSchema, spec, parsed.error) }
    const allowed = guarded(guard, parsed.data)
    if (allowed instanceof PylonError) return { spec: null, problems: [problemOf(allowed)] }
    if (dataset === undefined) return { spec: allowed, problems: [] }
    const { examineSpec } = await import('../towers/resolve.ts')
    const { resolved, problems } = examineSpec(allowed, store.datasets.get(dataset))
    const told = problems.map(problemOf)
    return { spec: told.length === 0 ? resolved : null, problems: told }
  }

  return {
    'specs.schema': async () => ({ schema: specJsonSchema() }),

    'specs.check': ({ dataset, spec }) => check(spec, dataset),

    'specs.estimate': async ({ dataset, spec, threads = all }) => {
      const { spec: resolved, problems } = await check(spec, dataset)
      if (resolved === null) throw badInput(problems[0]!.message, problems[0]!.place)
      if (resolved.model !== 'two-tower') return { ...NO_STEPS, threads }
      const mine = ++newest
      await running.catch(() => undefined)
      if (mine !== newest) throw new Cancelled('A newer estimate was asked for.')
      const busy = (): boolean => queue.list().some(({ state }) => state === 'running')
      const before = busy()
      const asked = queue.aside('estimate', {
        spec: resolved,
        datasetFolder: store.workspace.dataset(dataset),
        datasetRecord: store.datasets.get(dataset),
        threads,
      })
      running = asked
      return { ...(await asked), busy: before || busy() }
    },
  }
}

/** A model that counts or solves instead of taking steps. */
const NO_STEPS: Omit<EstimateResult, 'threads'> = {
  method: 'none',
  parameters: { total: 0, tables: [], dense: 0 },
  towers: null,
  memory: { parameters: 0, optimizer: 0, peak: 0 },
  examples: 0,
  batch: 0,
  stepsPerEpoch: 0,
  secondsPerEpoch: 0,
  probedSteps: 0,
  busy: false,
}

/** The spec with its paths resolved, or why one of them may not be named. */
function guarded(guard: PathGuard, spec: RunSpec): RunSpec | PylonError {
  try {
    return guard.input(specSchema, spec)
  } catch (error) {
    if (error instanceof PylonError) return error
    throw error
  }
}

const problemOf = ({ place = '', message }: { readonly place?: string | undefined; readonly message: string }): SpecProblem => ({
  place,
  message: withoutPlace(message, place),
})

/** A PylonError's message begins with its place; a page shows the place by other means. */
function withoutPlace(message: string, place: string): string {
  return place !== '' && message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message
}
