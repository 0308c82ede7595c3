/**
 * `npm run searches`: does a search pay? On the sample market, several times with fresh seeds: a search by TPE, one at random with as many
 * trials, and the recipe itself as it is, trained on the train part with one seed after the other for as long as the first search took.
 * The best of each by the validation part is fitted again on train + validation, and measured on the test part. Writes docs/searches.md. What was trained is kept in the workspace PYLON_SEARCHES (default:
 * node_modules/.cache/pylon-searches) and not trained again; started once more after a kill, it goes on where it was.
 *
 *   node test/published/searches.ts [--users 500] [--trials 40] [--repeats 5]
 *
 * Settled before any outcome was known, from what a trial costs (one thread on two busy cores: 5 s to begin, 3 s an epoch at 500 users,
 * 5.5 s at 1,000): 500 users; the recipe with its own 40 epochs at most, early stopping and space; ASHA as it is offered (2 epochs, one of 3
 * goes on) for both searches and none for the recipe, whose seeds are each trained to their end; no finals. The test: winners of one way
 * against those of another over users and rounds together (docs/verdicts.md, a round in the place of a seed), corrected for the two
 * comparisons (Holm). The search wins where its median on the test part is higher and p < .05. Two to four hours.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { type RunDetail, runDetailSchema, type RunSummary } from '../../main/contract/shapes/run.ts'
import { type SearchDetail, searchDetailSchema, type SearchSummary } from '../../main/contract/shapes/search.ts'
import { differenceResult } from '../../main/contract/verbs/difference.ts'
import { holm } from '../../main/engine/evaluation/correction.ts'
import { compareSides, intervalOf, pOf, type Side } from '../../main/engine/evaluation/crossed.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { heldOut } from '../../main/engine/evaluation/held-out.ts'
import { loadRanks, queryValues, ranksFile } from '../../main/engine/evaluation/ranks.ts'
import { protocolOfRun } from '../../main/engine/protocol/protocol.ts'
import { answerOf } from '../helpers/workspace.ts'

const home = process.env['PYLON_SEARCHES'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-searches')
const place = resolve(import.meta.dirname, '../../docs/searches.md')
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '500' },
    trials: { type: 'string', default: '40' },
    repeats: { type: 'string', default: '5' },
  },
})
const [users, trials, repeats] = [values.users, values.trials, values.repeats].map(Number) as [number, number, number]
const dataset = `market-${users}`
const RECIPE = ['--dataset', dataset, '--recipe', 'two-tower', '--threads', '1']

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
function ask(args: readonly string[]): Promise<Record<string, unknown>> {
  return answerOf(args, { home })
}

async function searched(sampler: 'tpe' | 'random', round: number): Promise<Way> {
  const name = `${sampler} ${round}, ${trials} trials on ${dataset}`
  const { searches } = (await ask(['search'])) as { searches: SearchSummary[] }
  const known = searches.find((each) => each.name === name)
  const how = ['--sampler', sampler, '--trials', String(trials), '--stop', 'asha', '--finals', '0', '--seed', String(round)]
  if (known === undefined) await ask(['search', 'start', ...RECIPE, ...how, '--set', `training.seed=${round}`, '--name', name])
  else if (known.state !== 'finished') await ask(['search', 'resume', known.search])
  const shown = async (): Promise<SearchDetail> => searchDetailSchema.parse(await ask(['search', 'show', name]))
  if ((await shown()).promoted.length === 0) await ask(['search', 'promote', name, '--threads', '1'])
  const { promoted, seconds, trials: tried, best } = await shown()
  const run = await detailOf(promoted[0]!)
  return { run: run.run, seconds, tried, validation: best!.value, test: run.metrics['ndcg@20']! }
}

/** The recipe with one seed after the other until as long a time is over; the best by the validation part. */
async function repeated(seconds: number, round: number): Promise<Way> {
  const { runs: known } = (await ask(['runs'])) as { runs: RunSummary[] }
  const trained = async (name: string, more: readonly string[]): Promise<RunDetail> => {
    const own = known.find((run) => run.name === name && run.state === 'finished')?.run
    return detailOf(own ?? String((await ask(['train', ...RECIPE, ...more, '--name', name]))['run']))
  }
  const runs: { seed: number; validation: number }[] = []
  for (let spent = 0, i = 1; spent < seconds; i++) {
    const seed = 1000 * round + i
    const run = await trained(`recipe ${round}.${i} on ${dataset}`, ['--seed', String(seed), '--set', 'training.finalFit=false'])
    spent += run.seconds
    runs.push({ seed, validation: Math.max(...run.epochsLog.map(({ validation }) => validation['ndcg@20'] ?? 0)) })
  }
  const { seed, validation } = runs.reduce((a, b) => (b.validation > a.validation ? b : a))
  const best = await trained(`recipe ${round} on ${dataset}`, ['--seed', String(seed)])
  return { run: best.run, seconds, tried: runs.length, validation, test: best.metrics['ndcg@20']! }
}

async function detailOf(run: string): Promise<RunDetail> {
  return runDetailSchema.parse(await ask(['show', run]))
}

async function document(): Promise<string> {
  const ways = ['tpe', 'random', 'recipe'] as const
  const others = ['random', 'recipe'] as const
  const perRound = await Promise.all(others.map(differencesTo))
  const sides = new Map<string, Side>()
  for (const way of ways) sides.set(way, { seeds: await Promise.all(rounds.map((round) => testValues(round[way].run))), isRandom: true })
  const compared = others.map((other) => compareSides(sides.get(other)!, sides.get('tpe')!))
  const adjusted = holm(compared.map(pOf))

  const cell = ({ validation, test, tried }: Way): string => `${validation.toFixed(4)} / ${test.toFixed(4)} (${tried})`
  const lines = rounds.map(
    (round, i) => `| ${i + 1} | ${ways.map((way) => cell(round[way])).join(' | ')} | ${perRound.map((each) => each[i]).join(' | ')} |`,
  )
  const medians = ways.map((way) => `**${median((round) => round[way].validation)} / ${median((round) => round[way].test)}**`)
  const total = compared.map((each, i) => {
    const { low, high } = intervalOf(each)
    return `**${signed(each.difference)}** [${signed(low)}, ${signed(high)}], p ${adjusted[i]!.toPrecision(2)}`
  })
  return [
    '# Does a search pay?',
    '',
    `The sample market with ${users} users; \`two-tower\` as it is with its own space, ${trials} trials, ASHA as it is offered. NDCG@20 on validation (what`,
    'was chosen by) / test (looked at once, by the winner fitted on train + validation), and how much was tried. The recipe is trained with one seed',
    'after the other for as long as the search by TPE took. Of a round, differences on the test part are paired over users, p corrected over the',
    'rounds (Holm); of all, they hold for other users and other rounds (docs/verdicts.md), p corrected over both comparisons.',
    `\`node test/published/searches.ts --users ${users} --trials ${trials} --repeats ${repeats}\``,
    '',
    '| round | TPE | at random | the recipe, as long | TPE less random | TPE less the recipe |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    `| median | ${medians.join(' | ')} | | |`,
    `| all | | | | ${total.join(' | ')} |`,
    '',
  ].join('\n')
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(4)}`
}

function median(of: (round: (typeof rounds)[number]) => number): string {
  const sorted = rounds.map(of).sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2).toFixed(4)
}

/** The search's winner less another way's, round by round. */
async function differencesTo(other: 'random' | 'recipe'): Promise<string[]> {
  const pairs = []
  for (const round of rounds) pairs.push(differenceResult.parse(await ask(['difference', round[other].run, round.tpe.run])))
  const adjusted = holm(pairs.map(({ randomisation }) => randomisation.p))
  return pairs.map(({ difference }, i) => `${signed(difference)} (p ${adjusted[i]!.toPrecision(2)})`)
}

/** NDCG@20 of each user of the test part, from the ranks that `pylon difference` has left. */
async function testValues(run: string): Promise<Float64Array> {
  const opened = await openDataset(join(home, 'datasets', dataset), null)
  const protocol = protocolOfRun((await detailOf(run)).spec, opened.manifest, 'test')
  const held = heldOut(opened, protocol)
  return queryValues(held, await loadRanks(join(home, 'runs', run, ranksFile(protocol.hash)), held), { kind: 'ndcg', k: 20 })
}
