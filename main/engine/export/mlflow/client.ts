/**
 * MLflow's REST API as far as runs are told to it (https://mlflow.org/docs/latest/rest-api.html), by HTTP alone: this side needs no Python.
 * Secrets come from the environment, go into the header of each request, and nowhere else.
 */
import { z } from 'zod'
import { badInput, unavailable } from '../../../contract/errors.ts'
import { mlflowProblem } from '../../../contract/shapes/tracker.ts'

/** Of one request: a server that takes longer is asked again later. */
const ANSWER_MS = 10_000

/** The network or the server is away for now: the same may be asked again. Anything else that goes wrong is for good. */
export class Unreachable extends Error {}

export interface Measured {
  readonly key: string
  /** NaN and infinities are kept as such */
  readonly value: number
  /** milliseconds since 1970 */
  readonly timestamp: number
  readonly step: number
}
export interface Named {
  readonly key: string
  readonly value: string
}
export type MlflowStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'

const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number)
const runSchema = z.object({
  info: z.object({ run_id: z.string(), status: z.string() }),
  data: z
    .object({
      metrics: z.array(z.object({ key: z.string(), value: number, step: z.coerce.number().default(0) })).default([]),
      params: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
    })
    .prefault({}),
})
/** A run as the server has it: the latest value of each metric. */
export type MlflowRun = z.infer<typeof runSchema>

export class MlflowClient {
  readonly uri: string
  readonly #authorization: string | null

  /** @param uri without a slash at its end @throws PylonError bad-input where it is none of a server */
  constructor(uri: string, env: NodeJS.ProcessEnv = process.env) {
    const problem = mlflowProblem(uri)
    if (problem !== null) throw badInput(`${uri} ${problem}.`, 'MLFLOW_TRACKING_URI')
    this.uri = uri
    this.#authorization = authorizationOf(env)
  }

  /** The id of an experiment, which is made where it is missing. */
  async experiment(name: string): Promise<string> {
    const found = await this.#ask('GET', `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`, undefined, true)
    const known = z.object({ experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string() }) }).safeParse(found).data
    if (known?.experiment.lifecycle_stage === 'deleted')
      throw unavailable(
        `The experiment ${name} of MLflow at ${this.uri} lies in its trash: restore it (mlflow experiments restore), or name another by MLFLOW_EXPERIMENT_NAME.`,
      )
    if (known !== undefined) return known.experiment.experiment_id
    return this.#read(z.object({ experiment_id: z.string() }), await this.#ask('POST', 'experiments/create', { name })).experiment_id
  }

  /** The newest run of an experiment with this tag; null where there is none. */
  async find(experiment: string, { key, value }: Named): Promise<MlflowRun | null> {
    const filter = `tags.\`${key}\` = '${value}'`
    const answer = await this.#ask('POST', 'runs/search', { experiment_ids: [experiment], filter, max_results: 1 })
    return this.#read(z.object({ runs: z.array(runSchema).default([]) }), answer).runs[0] ?? null
  }

  async create(experiment: string, run: { name: string; start: number; tags: readonly Named[] }): Promise<MlflowRun> {
    const asked = { experiment_id: experiment, run_name: run.name, start_time: run.start, tags: run.tags }
    return this.#read(z.object({ run: runSchema }), await this.#ask('POST', 'runs/create', asked)).run
  }

  async get(run: string): Promise<MlflowRun> {
    return this.#read(z.object({ run: runSchema }), await this.#ask('GET', `runs/get?run_id=${encodeURIComponent(run)}`)).run
  }

  /** At most 1,000 metrics, 100 params and 100 tags; all of them are kept, or none. */
  async log(run: string, batch: { metrics?: readonly Measured[]; params?: readonly Named[]; tags?: readonly Named[] }): Promise<void> {
    // JSON has no NaN, and the JSON of protocol buffers says it as a text
    const metrics = (batch.metrics ?? []).map((each) => ({ ...each, value: Number.isFinite(each.value) ? each.value : String(each.value) }))
    await this.#ask('POST', 'runs/log-batch', { run_id: run, metrics, params: batch.params ?? [], tags: batch.tags ?? [] })
  }

  async update(run: string, status: MlflowStatus, end?: number): Promise<void> {
    await this.#ask('POST', 'runs/update', { run_id: run, status, ...(end !== undefined && { end_time: end }) })
  }

  #read<T>(schema: z.ZodType<T>, answer: unknown): T {
    const read = schema.safeParse(answer)
    if (read.success) return read.data
    throw unavailable(`${this.uri} answers, but not as a server of MLflow does: check the address (mlflow:http://HOST:5000).`)
  }

  /** @param missing whether what does not exist is null, and no error @throws Unreachable @throws PylonError unavailable with the remedy */
  async #ask(method: 'GET' | 'POST', path: string, body?: unknown, missing = false): Promise<unknown> {
    const response = await fetch(`${this.uri}/api/2.0/mlflow/${path}`, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...(this.#authorization !== null && { authorization: this.#authorization }) },
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Unreachable(reasonOf(error))
    })
    const text = await response.text().catch((error: unknown) => {
      throw new Unreachable(reasonOf(error))
    })
    const answer = parsed(text)
    if (response.ok) return answer
    const told = z.object({ error_code: z.string(), message: z.string() }).safeParse(answer).data
    if (missing && told?.error_code === 'RESOURCE_DOES_NOT_EXIST') return null
    // somebody else has made it meanwhile: asked again, it is there
    if (told?.error_code === 'RESOURCE_ALREADY_EXISTS') throw new Unreachable(told.message)
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Unreachable(`status ${response.status}`)
    throw unavailable(`MLflow at ${this.uri} ${refusal(response.status, told?.message ?? text)}`)
  }
}

function authorizationOf(env: NodeJS.ProcessEnv): string | null {
  const [token, user, password] = ['TOKEN', 'USERNAME', 'PASSWORD'].map((name) => env[`MLFLOW_TRACKING_${name}`] ?? '')
  if (user !== '' && password !== '') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return token === '' ? null : `Bearer ${token}`
}

function refusal(status: number, message: string): string {
  if (status === 401 || status === 403)
    return `does not let this run in (${status}): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`
  if (status >= 300 && status < 400) return 'sends elsewhere: give the address where it sends to.'
  const said = message.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
  return `refuses (${status}): ${said === '' ? 'check the address (mlflow:http://HOST:5000)' : said}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What fetch says lies in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} s`
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
