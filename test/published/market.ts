/**
 * `npm run market`: how far towers come on the sample market: `linear-towers` as it comes, twice, and two relatives of it, fitted on train +
 * validation, and all side by side with shares chosen on the validation part; the default and a paired test beside it. Prints what
 * docs/default.md quotes. Settled by validation alone, of models of train alone; the test part was looked at once. Ten minutes on two quiet cores.
 *
 *   node test/published/market.ts
 *
 * What was trained is kept in the workspace PYLON_MARKET (default: node_modules/.cache/pylon-market) and not trained again.
 */
import { mkdir } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { type RunDetail, runDetailSchema, type RunSummary } from '../../main/contract/shapes/run.ts'
import { differenceResult } from '../../main/contract/verbs/difference.ts'
import { answerOf } from '../helpers/workspace.ts'

const home = process.env['PYLON_MARKET'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-market')
const both = (field: string, value: string): string[] => ['user', 'item'].flatMap((side) => ['--set', `${side}.${field}=${value}`])
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'linear, seed 1': ['--recipe', 'linear-towers', '--seed', '1'],
  'linear, seed 2': ['--recipe', 'linear-towers', '--seed', '2'],
  'a hidden layer': [
    '--recipe',
    'linear-towers',
    '--seed',
    '3',
    ...both('hidden', '[256]'),
    ...both('output', '128'),
    ...both('layerNorm', 'true'),
  ],
  'without periods': ['--recipe', 'linear-towers', '--seed', '4', ...both('features', 'auto')],
}

setPriority(10)
await mkdir(home, { recursive: true })
const { datasets } = (await ask(['datasets'])) as { datasets: { name: string }[] }
if (!datasets.some(({ name }) => name === 'market')) await ask(['import', '--name', 'market', '--sample'])
const { runs } = (await ask(['runs'])) as { runs: RunSummary[] }
const usual = await made('two-tower', ['train', '--dataset', 'market', '--recipe', 'two-tower'])
const members: RunDetail[] = []
for (const [name, how] of Object.entries(MEMBERS)) members.push(await made(name, ['train', '--dataset', 'market', ...how]))
const blend = await made('side by side', ['blend', ...members.map(({ run }) => run)])
for (const run of [usual, ...members, blend]) {
  const { difference, randomisation } =
    run === usual ? { difference: 0, randomisation: { p: 1 } } : differenceResult.parse(await ask(['difference', usual.run, run.run]))
  const figures = ['recall@20', 'ndcg@20', 'coverage@20'].map((metric) => `${metric} ${run.metrics[metric]!.toFixed(4)}`)
  console.log(
    `${run.name.padEnd(16)} ${figures.join('  ')}  NDCG@20 ${difference.toFixed(4)} (p ${randomisation.p.toFixed(4)})  ${run.seconds.toFixed(0)} s`,
  )
}

/** The answer of a verb. */
function ask(args: readonly string[]): Promise<Record<string, unknown>> {
  return answerOf(args, { home })
}

/** The run of that name, made where there is none. */
async function made(name: string, how: readonly string[]): Promise<RunDetail> {
  const known = runs.find((run) => run.name === name && run.state === 'finished')?.run
  if (known === undefined) console.error(name)
  return runDetailSchema.parse(await ask(['show', known ?? String((await ask([...how, '--name', name]))['run'])]))
}
