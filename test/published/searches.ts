/**
 * `npm run searches`: does a search pay? On the sample market, several times with fresh seeds: a search by TPE, one at random with as many
 * trials, and the recipe itself as it is, trained on the train part with one seed after the other for as long as the first search trained.
 * All three train at the same time, a thread each, so that whatever else the machine does slows them alike.
 * The best of each by the validation part is fitted again on train + validation, and measured on the test part. Writes docs/searches.md.
 * What was trained is kept in workspaces below PYLON_SEARCHES (default: node_modules/.cache/pylon-searches), one for each way, and not trained
 * again; started once more after a kill, it goes on where it was.
 *
 *   node test/published/searches.ts [--recipe two-tower] [--users 500] [--trials 40] [--repeats 5] [--seed 1]
 *
 * Settled before any outcome was known: the recipe with its own epochs at most, early stopping and space; ASHA as it is offered (2 epochs, one
 * of 3 goes on) for both searches and none for the recipe, whose seeds are each trained to their end; no finals. The test: winners of one way
 * against those of another over users and rounds together (docs/verdicts.md, a round in the place of a seed), corrected for the two
 * comparisons (Holm). The search wins where its median on the test part is higher and p < .05.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { type RunDetail, runDetailSchema, type RunSummary } from '../../main/contract/shapes/run.ts'
import { type SearchDetail, searchDetailSchema, type SearchSummary } from '../../main/contract/shapes/search.ts'
import { holm } from '../../main/engine/evaluation/correction.ts'
import { compareSides, intervalOf, pOf, type Side } from '../../main/engine/evaluation/crossed.ts'
import { mean } from '../../main/engine/evaluation/moments.ts'
import { randomisationTest } from '../../main/engine/evaluation/paired.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { heldOut } from '../../main/engine/evaluation/held-out.ts'
import { loadRanks, queryValues, ranksFile } from '../../main/engine/evaluation/ranks.ts'
import { protocolOfRun } from '../../main/engine/protocol/protocol.ts'
import { answerOf } from '../helpers/workspace.ts'

const root = process.env['PYLON_SEARCHES'] ?? resolve(import.meta.dirname, '../../node_modules/.cache/pylon-searches')
const place = resolve(import.meta.dirname, '../../docs/searches.md')
const { values } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'two-tower' },
    users: { type: 'string', default: '500' },
    trials: { type: 'string', default: '40' },
    repeats: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
})
const [users, trials, repeats, firstSeed] = [values.users, values.trials, values.repeats, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
]
const dataset = `market-${users}`
const RECIPE = ['--dataset', dataset, '--recipe', values.recipe, '--threads', '1']
const WAYS = ['tpe', 'random', 'recipe'] as const
type WayName = (typeof WAYS)[number]

/** One of the three ways, once. */
interface Way {
  readonly run: string
  readonly seconds: number
  /** what was tried, and how many epochs all of it was trained */
  readonly tried: number
  readonly epochs: number
  readonly validation: number
  readonly test: number
}

setPriority(10)
for (const way of WAYS) {
  await mkdir(homeOf(way), { recursive: true })
  const { datasets } = (await ask(way, ['datasets'])) as { datasets: { name: string }[] }
  if (!datasets.some(({ name }) => name === dataset))
    await ask(way, ['import', '--name', dataset, '--sample', ...(users < 5000 ? ['--sample-users', String(users)] : [])])
}
const rounds: Record<WayName, Way>[] = []
for (let round = firstSeed; round < firstSeed + repeats; round++) {
  const search = searched('tpe', round)
  const [tpe, random, recipe] = await Promise.all([search, searched('random', round), repeated(round, search)])
  rounds.push({ tpe, random, recipe })
  console.log(JSON.stringify(rounds.at(-1)))
}
await writeFile(place, await format(await document(), { ...(await resolveConfig(place)), parser: 'markdown' }))
console.log(`wrote ${place}`)

/** The workspace of a way: an engine each, so that they train at the same time. */
function homeOf(way: WayName): string {
  return join(root, way)
}

/** The answer of a verb. */
function ask(way: WayName, args: readonly string[]): Promise<Record<string, unknown>> {
  return answerOf(args, { home: homeOf(way) })
}

async function searched(sampler: 'tpe' | 'random', round: number): Promise<Way> {
  const name = `${values.recipe} ${round}, ${trials} trials on ${dataset}`
  const { searches } = (await ask(sampler, ['search'])) as { searches: SearchSummary[] }
  const known = searches.find((each) => each.name === name)
  const how = ['--sampler', sampler, '--trials', String(trials), '--stop', 'asha', '--finals', '0', '--seed', String(round)]
  if (known === undefined) await ask(sampler, ['search', 'start', ...RECIPE, ...how, '--set', `training.seed=${round}`, '--name', name])
  else if (known.state !== 'finished') await ask(sampler, ['search', 'resume', known.search])
  const shown = async (): Promise<SearchDetail> => searchDetailSchema.parse(await ask(sampler, ['search', 'show', name]))
  if ((await shown()).promoted.length === 0) await ask(sampler, ['search', 'promote', name, '--threads', '1'])
  const { promoted, seconds, trials: tried, best, list } = await shown()
  const run = await detailOf(sampler, promoted[0]!)
  const epochs = list.reduce((sum, trial) => sum + trial.epochs, 0)
  return { run: run.run, seconds, tried, epochs, validation: best!.value, test: run.metrics['ndcg@20']! }
}

/**
 * The recipe with one seed after the other for as long as a search trains that begins at the same time; the best by the validation part. A seed
 * that has begun is trained to its end. @param search what the search answers with
 */
async function repeated(round: number, search: Promise<Way>): Promise<Way> {
  const { runs: known } = (await ask('recipe', ['runs'])) as { runs: RunSummary[] }
  const trained = async (name: string, more: readonly string[]): Promise<RunDetail> => {
    const own = known.find((run) => run.name === name && run.state === 'finished')?.run
    return detailOf('recipe', own ?? String((await ask('recipe', ['train', ...RECIPE, ...more, '--name', name]))['run']))
  }
  let limit = Infinity
  void search.then(({ seconds }) => (limit = seconds))
  const runs: { seed: number; validation: number }[] = []
  let [spent, epochs] = [0, 0]
  for (let i = 1; spent < limit; i++) {
    const seed = 1000 * round + i
    const name = `${values.recipe} ${round}.${i} on ${dataset}`
    const run = await trained(name, ['--seed', String(seed), '--set', 'training.finalFit=false'])
    spent += run.seconds
    epochs += run.epochsLog.length
    runs.push({ seed, validation: Math.max(...run.epochsLog.map(({ validation }) => validation['ndcg@20'] ?? 0)) })
  }
  const { seed, validation } = runs.reduce((a, b) => (b.validation > a.validation ? b : a))
  const best = await trained(`${values.recipe} ${round} on ${dataset}`, ['--seed', String(seed)])
  return { run: best.run, seconds: spent, tried: runs.length, epochs, validation, test: best.metrics['ndcg@20']! }
}

async function detailOf(way: WayName, run: string): Promise<RunDetail> {
  return runDetailSchema.parse(await ask(way, ['show', run]))
}

async function document(): Promise<string> {
  const others = ['random', 'recipe'] as const
  const found = { tpe: await testValues('tpe'), random: await testValues('random'), recipe: await testValues('recipe') }
  const side = (way: WayName): Side => ({ seeds: found[way], isRandom: true })
  const perRound = others.map((other) => differences(found[other], found.tpe))
  const compared = others.map((other) => compareSides(side(other), side('tpe')))
  const adjusted = holm(compared.map(pOf))

  const cell = ({ validation, test, tried, epochs }: Way): string => `${validation.toFixed(4)} / ${test.toFixed(4)} (${tried}, ${epochs})`
  const lines = rounds.map(
    (round, i) =>
      `| ${firstSeed + i} | ${WAYS.map((way) => cell(round[way])).join(' | ')} | ${perRound.map((each) => each[i]).join(' | ')} |`,
  )
  const medians = WAYS.map((way) => `**${median((round) => round[way].validation)} / ${median((round) => round[way].test)}**`)
  const total = compared.map((each, i) => {
    const { low, high } = intervalOf(each)
    return `**${signed(each.difference)}** [${signed(low)}, ${signed(high)}], p ${adjusted[i]!.toPrecision(2)}`
  })
  return [
    '# Does a search pay?',
    '',
    `The sample market with ${users} users; \`${values.recipe}\` as it is with its own space, ${trials} trials, ASHA as it is offered. NDCG@20 on validation`,
    '(what was chosen by) / test (looked at once, by the winner fitted on train + validation), and how much was tried: trials or seeds, and epochs of all.',
    'The recipe is trained with one seed after the other beside the search by TPE, for as long as that one trains. Of a round, differences on the test',
    'part are paired over users, p corrected over the rounds (Holm); of all, they hold for other users and other rounds (docs/verdicts.md), p',
    'corrected over both comparisons.',
    `\`node test/published/searches.ts --recipe ${values.recipe} --users ${users} --trials ${trials} --repeats ${repeats} --seed ${firstSeed}\``,
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
function differences(other: readonly Float64Array[], tpe: readonly Float64Array[]): string[] {
  const pairs = tpe.map((values, round) => values.map((value, user) => value - other[round]![user]!))
  const adjusted = holm(pairs.map((pair) => randomisationTest(pair, { seed: 1 }).p))
  return pairs.map((pair, i) => `${signed(mean(pair))} (p ${adjusted[i]!.toPrecision(2)})`)
}

/** NDCG@20 of each user of the test part by each round's winner. */
async function testValues(way: WayName): Promise<Float64Array[]> {
  const runs = rounds.map((round) => round[way].run)
  // ranks are made by whatever compares runs user by user
  for (const [i, run] of runs.entries()) await ask(way, ['difference', run, runs[i === 0 ? 1 : 0]!])
  const opened = await openDataset(join(homeOf(way), 'datasets', dataset), null)
  const protocol = protocolOfRun((await detailOf(way, runs[0]!)).spec, opened.manifest, 'test')
  const held = heldOut(opened, protocol)
  const ranks = await Promise.all(runs.map((run) => loadRanks(join(homeOf(way), 'runs', run, ranksFile(protocol.hash)), held)))
  return ranks.map((each) => queryValues(held, each, { kind: 'ndcg', k: 20 }))
}
