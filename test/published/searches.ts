/**
 * `npm run searches`: does a search pay? On the sample market, several times with fresh seeds: a search by TPE, one at random with as many
 * trials, and the recipe itself trained with one seed after the other for as long as the first search took, the best by the validation part.
 * Each is measured on the test part once; the differences are paired over users and corrected (Holm). Writes docs/searches.md. What was
 * trained is kept in the workspace PYLON_SEARCHES (default: node_modules/.cache/pylon-searches) and not trained again.
 *
 *   node test/published/searches.ts [--users 5000] [--trials 40] [--epochs 12] [--repeats 5]
 *
 * With these figures about ten hours on two cores.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { type RunDetail, runDetailSchema, type RunSummary } from '../../main/contract/shapes/run.ts'
import { type SearchDetail, searchDetailSchema, type SearchSummary } from '../../main/contract/shapes/search.ts'
import { differenceResult } from '../../main/contract/verbs/difference.ts'
import { holm } from '../../main/engine/evaluation/correction.ts'
import { pylon } from '../helpers/workspace.ts'

const home = process.env['PYLON_SEARCHES'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-searches')
const place = resolve(import.meta.dirname, '../../docs/searches.md')
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '5000' },
    trials: { type: 'string', default: '40' },
    epochs: { type: 'string', default: '12' },
    repeats: { type: 'string', default: '5' },
  },
})
const [users, trials, epochs, repeats] = [values.users, values.trials, values.epochs, values.repeats].map(Number) as [
  number,
  number,
  number,
  number,
]
const dataset = `market-${users}`
const SETTINGS = ['--set', `training.epochs=${epochs}`]

/** One of the three ways, once. */
interface Way {
  readonly run: string
  readonly seconds: number
  /** what was tried */
  readonly tried: number
  readonly validation: number
  readonly test: number
}

setPriority(10)
await mkdir(home, { recursive: true })
const { datasets } = (await ask(['datasets'])) as { datasets: { name: string }[] }
if (!datasets.some(({ name }) => name === dataset))
  await ask(['import', '--name', dataset, '--sample', ...(users < 5000 ? ['--sample-users', String(users)] : [])])
const rounds: Record<'tpe' | 'random' | 'recipe', Way>[] = []
for (let seed = 1; seed <= repeats; seed++) {
  const tpe = await searched('tpe', seed)
  const random = await searched('random', seed)
  rounds.push({ tpe, random, recipe: await repeated(tpe.seconds, seed) })
  console.log(JSON.stringify(rounds.at(-1)))
}
await writeFile(place, await format(await document(), { ...(await resolveConfig(place)), parser: 'markdown' }))
console.log(`wrote ${place}`)

/** The answer of a verb. */
async function ask(args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, json, stderr } = await pylon([...args, '--json'], { home })
  if (code === 0 && json !== null) return json
  throw new Error(`pylon ${args.join(' ')}: ${stderr.slice(-500)}`)
}

async function searched(sampler: 'tpe' | 'random', seed: number): Promise<Way> {
  const name = `${sampler} ${seed}, ${trials} trials of ${epochs} epochs on ${dataset}`
  const { searches } = (await ask(['search'])) as { searches: SearchSummary[] }
  const known = searches.find((each) => each.name === name)
  const start = [
    'search',
    'start',
    '--dataset',
    dataset,
    '--recipe',
    'two-tower',
    ...SETTINGS,
    '--sampler',
    sampler,
    '--trials',
    String(trials),
  ]
  if (known === undefined) await ask([...start, '--finals', '0', '--seed', String(seed), '--name', name])
  else if (known.state !== 'finished') await ask(['search', 'resume', known.search])
  const shown = async (): Promise<SearchDetail> => searchDetailSchema.parse(await ask(['search', 'show', name]))
  if ((await shown()).promoted.length === 0) await ask(['search', 'promote', name])
  const { promoted, seconds, best } = await shown()
  const run = await detailOf(promoted[0]!)
  return { run: run.run, seconds, tried: trials, validation: best!.value, test: run.metrics['ndcg@20']! }
}

/** The recipe with one seed after the other until as long a time is over; the best by the validation part. */
async function repeated(seconds: number, seed: number): Promise<Way> {
  const runs: RunDetail[] = []
  const { runs: known } = (await ask(['runs'])) as { runs: RunSummary[] }
  for (let spent = 0, i = 1; spent < seconds; i++) {
    const name = `recipe ${seed}.${i}, ${epochs} epochs on ${dataset}`
    const own = known.find((run) => run.name === name && run.state === 'finished')?.run
    const train = ['train', '--dataset', dataset, '--recipe', 'two-tower', ...SETTINGS, '--seed', String(1000 * seed + i), '--name', name]
    const run = await detailOf(own ?? String((await ask(train))['run']))
    spent += run.seconds
    runs.push(run)
  }
  const best = runs.reduce((a, b) => (validationOf(b) > validationOf(a) ? b : a))
  return { run: best.run, seconds, tried: runs.length, validation: validationOf(best), test: best.metrics['ndcg@20']! }
}

const detailOf = async (run: string): Promise<RunDetail> => runDetailSchema.parse(await ask(['show', run]))

function validationOf({ epochsLog }: RunDetail): number {
  return Math.max(...epochsLog.map(({ validation }) => validation['ndcg@20'] ?? 0))
}

async function document(): Promise<string> {
  const median = (of: (round: (typeof rounds)[number]) => number): string => {
    const sorted = rounds.map(of).sort((a, b) => a - b)
    const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!]
    return ((low + high) / 2).toFixed(4)
  }
  const tests = await Promise.all(
    (['random', 'recipe'] as const).map(async (other) => {
      const pairs = []
      for (const round of rounds) pairs.push(differenceResult.parse(await ask(['difference', round[other].run, round.tpe.run])))
      const adjusted = holm(pairs.map(({ randomisation }) => randomisation.p))
      return pairs.map(
        ({ difference }, i) => `${difference >= 0 ? '+' : '−'}${Math.abs(difference).toFixed(4)} (p ${adjusted[i]!.toPrecision(2)})`,
      )
    }),
  )
  const cell = ({ validation, test, tried }: Way): string => `${validation.toFixed(4)} / ${test.toFixed(4)} (${tried})`
  const ways = ['tpe', 'random', 'recipe'] as const
  const lines = rounds.map(
    (round, i) => `| ${i + 1} | ${ways.map((way) => cell(round[way])).join(' | ')} | ${tests[0]![i]} | ${tests[1]![i]} |`,
  )
  const medians = ways.map((way) => `**${median((round) => round[way].validation)} / ${median((round) => round[way].test)}**`)
  return [
    '# Does a search pay?',
    '',
    `The sample market with ${users} users; \`two-tower\` of ${epochs} epochs at most, its own space, ${trials} trials. NDCG@20 on validation (what was`,
    'chosen by) / test (looked at once, by the winner fitted on train + validation), and how much was tried. The recipe is trained with one seed',
    'after the other for as long as the search by TPE took. Differences on the test part are paired over users, p corrected over the rounds (Holm).',
    `\`node test/published/searches.ts --users ${users} --trials ${trials} --epochs ${epochs} --repeats ${repeats}\``,
    '',
    '| round | TPE | at random | the recipe, as long | TPE less random | TPE less the recipe |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    `| median | ${medians.join(' | ')} | | |`,
    '',
  ].join('\n')
}
