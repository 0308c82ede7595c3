/**
 * From what a caller asks for (a config file, a recipe or a spec, with single values overridden) to a complete, checked run spec.
 * Errors name the config path (`training.epochs`) and the nearest valid key.
 */
import { readFile } from 'node:fs/promises'
import { PylonError } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { seedPath, specSchema, type RunSpec } from '../../contract/shapes/spec.ts'
import type { TrainInput } from '../../contract/verbs.ts'
import { errorCode } from '../files/error-code.ts'
import type { PathGuard } from '../files/path-guard.ts'
import { applyOverrides } from './override.ts'
import { schemaError } from './schema-error.ts'

/**
 * The spec of a run that is to start: every default filled in, `auto` resolved, its paths allowed, fitting the dataset.
 * @throws PylonError bad-input
 */
export async function resolveConfig(input: TrainInput, manifest: DatasetManifest, guard: PathGuard): Promise<RunSpec> {
  let config = await baseConfig(input, manifest)
  config = applyOverrides(specSchema, complete(config, input.set), input.set)
  const { model = 'two-tower' } = config as { model?: unknown }
  const path = seedPath(String(model))
  if (input.seed !== undefined && path !== null) config = applyOverrides(specSchema, config, [`${path}=${input.seed}`])
  const parsed = specSchema.safeParse(config)
  if (!parsed.success) throw schemaError(specSchema, config, parsed.error)
  const { resolveSpec } = await import('../towers/resolve.ts')
  return resolveSpec(guard.input(specSchema, parsed.data), manifest)
}

/**
 * With its defaults, so that a single value of a group can be set that the config leaves out. A config that is not valid by itself stays,
 * as the overrides may be what it lacks, and so does one whose model is replaced, as its defaults are another model's.
 */
function complete(config: object, sets: readonly string[]): object {
  if (sets.length === 0 || sets.some((set) => /^\s*model\s*=/.test(set))) return config
  return specSchema.safeParse(config).data ?? config
}

/** What the overrides are applied to. */
async function baseConfig({ config, recipe, spec }: TrainInput, manifest: DatasetManifest): Promise<object> {
  const given = [config !== undefined && '--config', recipe !== undefined && '--recipe', spec !== undefined && '--spec'].filter(
    (flag) => flag !== false,
  )
  if (given.length > 1)
    throw new PylonError('bad-input', `${given.join(' and ')} exclude each other: give one of them, and change single values with --set.`)
  if (config !== undefined) return notOnlyLabelled(parseObject(await readConfig(config), config), config)
  if (recipe !== undefined) return (await import('../towers/recipes.ts')).recipeSpec(recipe, manifest)
  if (spec !== undefined)
    return notOnlyLabelled(typeof spec === 'string' ? parseObject(spec, '--spec') : asObject(spec, '--spec'), '--spec')
  throw new PylonError('bad-input', 'Say what to train: --recipe NAME (such as two-tower) or --config FILE.json.')
}

/**
 * In a config `recipe` only tells where its values came from: one that names a recipe and no tower or model of its own would train the defaults
 * under that name.
 */
function notOnlyLabelled(config: object, place: string): object {
  const { recipe } = config as { readonly recipe?: unknown }
  if (typeof recipe !== 'string' || ['model', 'user', 'item'].some((key) => key in config)) return config
  throw new PylonError(
    'bad-input',
    `names the recipe ${recipe} and no model: there it says where values came from, and brings none. Give --recipe ${recipe}, and single values with --set.`,
    place,
  )
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new PylonError('not-found', `There is no file ${path}: check --config.`)
    throw new PylonError('bad-input', `${path} cannot be read (${(error as Error).message}).`, undefined, { cause: error })
  }
}

function parseObject(text: string, place: string): object {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new PylonError('bad-input', `is not valid JSON: ${(error as Error).message}`, place, { cause: error })
  }
  return asObject(value, place)
}

function asObject(value: unknown, place: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PylonError('bad-input', 'must be a JSON object: { "user": …, "item": … }', place)
  return value
}
