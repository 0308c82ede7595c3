/**
 * `npm run default`: the default recipe beside the baselines and the closed form on the sample market and on the real data sets that are
 * there (PYLON_DATA), three seeds of it, each recipe as it comes; writes docs/default.md. The opponent is the one that is best on the
 * validation part. What stands below the table, by hand, stays. What was trained is kept in the workspace PYLON_DEFAULT (default: node_modules/.cache/pylon-default) and not trained
 * again. About an hour on two cores.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runDetailSchema, type RunDetail, type RunSummary } from '../../main/contract/shapes/run.ts'
import { differenceResult } from '../../main/contract/verbs/difference.ts'
import { dataFolder } from '../helpers/data.ts'
import { answerOf } from '../helpers/workspace.ts'

const home = process.env['PYLON_DEFAULT'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-default')
const place = resolve(import.meta.dirname, '../../docs/default.md')
const SEEDS = [1, 2, 3]
const OPPONENTS = ['most-popular', 'item-knn', 'ease', 'ials', 'spectral'] as const
const SETS = {
  'ml-latest-small': dataFolder('ml-latest-small'),
  albany: dataFolder('inside-airbnb-albany'),
  singapore: dataFolder('inside-airbnb-singapore'),
  'sample market': 'sample',
} as const

const short = (value: number): string => value.toFixed(4).replace(/^0/, '')
const recipeOf = ({ recipe, model }: RunDetail): string => recipe ?? model
const minutes = (runs: readonly RunDetail[]): string =>
  `${(runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length / 60).toFixed(1)} min`

setPriority(10)
await mkdir(home, { recursive: true })
const only = process.argv.slice(2)
const rows: string[] = []
for (const [set, folder] of Object.entries(SETS)) {
  if (folder === null || (only.length > 0 && !only.includes(set))) continue
  rows.push(await rowOf(set, folder))
}
const written = await readFile(place, 'utf8')
const byHand = written.indexOf('\n## ')
await writeFile(
  place,
  await format(document(rows) + (byHand < 0 ? '' : written.slice(byHand)), { ...(await resolveConfig(place)), parser: 'markdown' }),
)
console.log(`wrote ${place}`)

/** The answer of a verb. */
function ask(args: readonly string[]): Promise<Record<string, unknown>> {
  return answerOf(args, { home })
}

/** Imports the set and trains what is not there yet. */
async function rowOf(set: string, folder: string): Promise<string> {
  const name = set.replaceAll(' ', '-')
  const { datasets } = (await ask(['datasets'])) as { datasets: { name: string }[] }
  if (!datasets.some((each) => each.name === name))
    await ask(['import', '--name', name, ...(folder === 'sample' ? ['--sample'] : ['--path', folder])])
  const { runs } = (await ask(['runs'])) as { runs: RunSummary[] }
  const trained = async (recipe: string, seed: number): Promise<RunDetail> => {
    const label = `${recipe} ${seed} on ${name}`
    const known = runs.find((run) => run.name === label && run.state === 'finished')
    const own = recipe === 'two-tower' ? ['--seed', String(seed)] : []
    if (known === undefined) console.log(label)
    const run = known?.run ?? String((await ask(['train', '--dataset', name, '--recipe', recipe, '--name', label, ...own]))['run'])
    return runDetailSchema.parse(await ask(['show', run]))
  }
  const opponents: RunDetail[] = []
  for (const recipe of OPPONENTS) opponents.push(await trained(recipe, 1))
  const own: RunDetail[] = []
  for (const seed of SEEDS) own.push(await trained('two-tower', seed))
  const best = opponents.reduce((a, b) => (validationOf(b) > validationOf(a) ? b : a))
  const tests: string[] = []
  for (const { run } of own) {
    const { difference, randomisation } = differenceResult.parse(await ask(['difference', best.run, run]))
    tests.push(`${difference >= 0 ? '+' : '−'}${Math.abs(difference).toFixed(4)} (p ${randomisation.p.toFixed(4)})`)
  }
  const cells = [...opponents.map((run) => figures([run])), `**${figures(own)}**`, recipeOf(best), tests.join('<br>'), minutes(own)]
  return `| ${[set, ...cells].join(' | ')} |`
}

/** The highest that a run has reached on the validation part, by a model of train alone. */
function validationOf({ epochsLog, trials }: RunDetail): number {
  return Math.max(0, ...trials.map(({ value }) => value), ...epochsLog.map(({ validation }) => validation['ndcg@20'] ?? 0))
}

/** `.3712 / .1671`, of several runs with their standard deviations. */
function figures(runs: readonly RunDetail[]): string {
  return ['recall@20', 'ndcg@20']
    .map((metric) => {
      const values = runs.map(({ metrics }) => metrics[metric] ?? NaN)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1))
      return values.length === 1 ? short(mean) : `${short(mean)} ± ${short(deviation)}`
    })
    .join(' / ')
}

function document(lines: readonly string[]): string {
  const head = [
    '',
    ...OPPONENTS,
    `two-tower, ${SEEDS.length} seeds`,
    'best on validation',
    'two-tower less it, NDCG@20 by seed',
    'a run takes',
  ]
  return [
    '# The default beside the others',
    '',
    'Test recall@20 / NDCG@20 (mean ± standard deviation over seeds), every recipe as it comes, fitted on train + validation, leave-last-out,',
    'all items as candidates, what was seen masked. `npm run default` trains and writes this; the paired test is the one of `pylon difference`.',
    'Times are of the machine it ran on, and of whatever else ran there.',
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...lines,
    '',
  ].join('\n')
}
