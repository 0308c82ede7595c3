/** From what a caller asks for (a file, flags, a page's form) to a complete, checked search. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { badInput, conflict, PylonError } from '../../contract/errors.ts'
import { issueText } from '../../contract/issue.ts'
import { cutsOf, parseQueryMetric, QUERY_KINDS } from '../../contract/metrics.ts'
import { isSeeded, type RunSpec } from '../../contract/shapes/spec.ts'
import { type Dimension, type SearchSpec, searchSchema } from '../../contract/shapes/search.ts'
import type { SearchInput } from '../../contract/verbs.ts'
import type { EngineContext } from '../engine-context.ts'
import { dotPath } from '../run-spec/schema-error.ts'
import { spaceAround } from '../search/recipe-space.ts'
import { drawParams, groupsOf, type Params, settingsOf } from '../search/space.ts'
import { random } from '../training/random.ts'
import { resolveRun } from './run-jobs.ts'

/** Fields that make numbers incomparable, or are the search's own. */
const FIXED = /^(model|version|recipe|evaluation|training\.(seed|finalFit|earlyStopping\.metric)|seed)\b/

/** @throws PylonError bad-input naming the flag or the place in the file */
export async function defineSearch(context: EngineContext, input: SearchInput): Promise<SearchSpec> {
  const written = await writtenSearch(input)
  const dataset = input.dataset ?? textOf(written['dataset'])
  if (dataset === undefined) throw badInput('is needed', 'dataset')
  const { recipe, config, set } = input
  const hasBase = recipe !== undefined || config !== undefined
  const spec = hasBase || written['spec'] === undefined ? undefined : written['spec']
  if (!hasBase && spec === undefined) throw badInput('Say what to search over: --recipe NAME, --config FILE.json, or a file of a search.')
  const asked = (await resolveRun(context, { dataset, recipe, config, spec, set })).spec
  // what varies is for the search to choose: trials inside its trials would choose against it
  const base = asked.model === 'two-tower' ? { ...asked, training: { ...asked.training, choose: [] } } : asked
  if (context.store.datasets.get(dataset).parts.validation === 0)
    throw conflict(`Dataset "${dataset}" has no validation part to measure trials on: import it with another split.`, 'dataset')
  const dimensions = input.space.map(readDimension)
  refuseTwice(dimensions.map(([path]) => path))
  const given = dimensions.length > 0 ? Object.fromEntries(dimensions) : written['space']
  const search = parsed({
    ...written,
    ...without({
      dataset,
      name: input.name ?? written['name'] ?? base.recipe ?? base.model,
      spec: base,
      space: given ?? spaceAround(base),
      metric: input.metric,
      seed: input.seed,
      parallel: input.parallel,
      sampler: kindOr(input.sampler, written['sampler']),
      stop: kindOr(input.stop, written['stop']),
      budget: {
        ...(written['budget'] as object | undefined),
        ...without({ trials: input.trials, minutes: input.minutes, diskGb: input.diskGb, withoutGain: input.withoutGain }),
      },
      // what holds no chance would be trained to the same again
      finals: { ...(isSeeded(base) ? {} : { seeds: 1 }), ...(written['finals'] as object | undefined), ...without({ top: input.finals }) },
    }),
  })
  check(search, base)
  await checkPoints(context, search)
  return search
}

/** Points of a space that are tried before a search begins. */
const POINTS = 64

/**
 * A field that no spec has, or values that none may have, would let trial after trial fail.
 * @throws PylonError bad-input where no point is a valid spec
 */
async function checkPoints(context: EngineContext, { dataset, spec, space, seed }: SearchSpec): Promise<void> {
  const rng = random(seed, 'search')
  let reason: unknown
  for (let point = 0; point < POINTS; point++) {
    try {
      await resolveRun(context, { dataset, spec, set: settingsOf(space, drawParams(space, rng)) })
      return
    } catch (error) {
      if (!(error instanceof PylonError)) throw error
      reason ??= error
    }
  }
  throw badInput(`No point of the space is a valid spec. ${(reason as PylonError).message}`, 'space', { cause: reason })
}

/** The values that a spec has at the paths of a space. */
export function valuesAt(spec: object, paths: readonly string[]): Params {
  const values: Record<string, unknown> = {}
  for (const path of paths) {
    let at: unknown = spec
    for (const key of path.split(/[.[\]]+/).filter((part) => part !== ''))
      at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
    if (at !== undefined) values[path] = at
  }
  return values
}

/**
 * What every trial's spec has, whatever the space says: it is not fitted again, and its epochs are measured by the search's metric. Where trials
 * may be stopped on their way, each epoch is: one between two evaluations would have no value to be compared by.
 */
export function trialSettings({ metric, stop }: SearchSpec, spec: RunSpec): string[] {
  const k = JSON.stringify([...new Set([...spec.evaluation.k, ...cutsOf([metric])])])
  if (spec.model !== 'two-tower') return [`evaluation.k=${k}`]
  const { earlyStopping } = spec.training
  if (earlyStopping === null) return [`evaluation.k=${k}`, 'training.finalFit=false']
  const each =
    stop.kind === 'none'
      ? []
      : [`training.earlyStopping.everyEpochs=1`, `training.earlyStopping.patience=${earlyStopping.patience * earlyStopping.everyEpochs}`]
  return [`evaluation.k=${k}`, 'training.finalFit=false', `training.earlyStopping.metric=${metric}`, ...each]
}

function check(search: SearchSpec, base: RunSpec): void {
  const { space, metric, stop, budget, sampler } = search
  if (parseQueryMetric(metric) === null)
    throw badInput(`"${metric}" is no metric of a user: give ${QUERY_KINDS.map((kind) => `${kind}@K`).join(', ')}.`, 'metric')
  const paths = Object.entries(space).flatMap(([path, { tied }]) => [path, ...tied])
  if (paths.length === 0)
    throw badInput('There is nothing to vary: give --space field=low:high, such as --space training.batchSize=128,256,512.', 'space')
  refuseTwice(paths)
  const fixed = paths.find((path) => FIXED.test(path))
  if (fixed !== undefined)
    throw badInput(`"${fixed}" is the same for all trials, or their numbers would not compare: leave it out.`, 'space')
  groupsOf(space)
  if (base.model === 'blend') throw badInput('A blend chooses its shares itself: search over its runs.', 'spec')
  if (stop.kind !== 'none' && base.model !== 'two-tower')
    throw badInput(`A trial of ${base.model} has no epochs to stop after: leave --stop out.`, 'stop')
  if (sampler.kind !== 'grid' && Object.entries(budget).every(([, limit]) => limit === null))
    throw badInput('It would never end: give it trials, minutes, gigabytes, or trials without gain.', 'budget')
}

function refuseTwice(paths: readonly string[]): void {
  const twice = paths.find((path, i) => paths.indexOf(path) !== i)
  if (twice !== undefined) throw badInput(`"${twice}" is in it twice.`, 'space')
}

async function writtenSearch({ file, search }: SearchInput): Promise<Record<string, unknown>> {
  if (file === undefined && search === undefined) return {}
  const text =
    file === undefined
      ? search
      : await readFile(file, 'utf8').catch((error: unknown) => {
          throw new PylonError('bad-input', `${file} cannot be read (${(error as Error).message}).`, 'file', { cause: error })
        })
  let value: unknown = text
  try {
    if (typeof text === 'string') value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw badInput(`is not valid JSON: ${(error as Error).message}`, file === undefined ? 'search' : 'file')
  }
  const object = z.record(z.string(), z.unknown()).safeParse(value)
  if (!object.success)
    throw badInput('must be a JSON object: { "dataset": …, "spec": …, "space": … }', file === undefined ? 'search' : 'file')
  // the file that a workspace keeps of a search has its trials beside it
  const inner = z.record(z.string(), z.unknown()).safeParse(object.data['search'])
  return inner.success ? inner.data : object.data
}

function parsed(value: object): SearchSpec {
  const { data, error } = searchSchema.safeParse(value)
  if (data !== undefined) return data
  const issue = error.issues[0]!
  throw badInput(`${issueText(issue)}.`, dotPath(issue.path))
}

/** `training.batchSize=128,256`, `a.rate+b.rate=1e-4:1e-1:log`. */
function readDimension(text: string): [string, Dimension] {
  const [names, values] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
  const [path, ...tied] = names.split('+').map((name) => name.trim())
  if (!text.includes('=') || path === undefined || path === '' || values.trim() === '')
    throw badInput(`"${text}" is no field=low:high or field=a,b,c.`, 'space')
  const parts = values.split(':').map((part) => part.trim())
  const [low, high] = [Number(parts[0]), Number(parts[1])]
  const flags = parts.slice(2)
  const isRange = parts.length >= 2 && parts.slice(0, 2).every((part) => part !== '' && !Number.isNaN(Number(part)))
  const unknown = flags.find((flag) => flag !== 'log' && flag !== 'int')
  if (isRange && unknown !== undefined) throw badInput(`"${text}": a range may be log and int, and not "${unknown}".`, 'space')
  if (isRange && Number.isFinite(low) && Number.isFinite(high))
    return [path, { kind: 'range', low, high, log: flags.includes('log'), integer: flags.includes('int'), tied, when: null }]
  return [path, { kind: 'choice', values: readList(values), tied, when: null }]
}

/** A JSON list, or values between commas, each JSON or else a word. */
function readList(text: string): unknown[] {
  const read = (part: string): unknown => {
    try {
      return JSON.parse(part) as unknown
    } catch {
      return part
    }
  }
  const whole = read(text)
  return Array.isArray(whole) ? whole : text.split(',').map((part) => read(part.trim()))
}

/** A rule by its name alone has its defaults, unless the file says more of the same one. */
function kindOr(kind: string | undefined, written: unknown): unknown {
  if (kind === undefined) return written
  return typeof written === 'object' && written !== null && 'kind' in written && written.kind === kind ? written : { kind }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const without = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
