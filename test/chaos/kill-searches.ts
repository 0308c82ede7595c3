/**
 * A search and a backtest that are killed: gone on with, they end with the numbers of one that nobody killed. A search that is deleted is
 * there whole, or in the trash whole.
 */
import type { Client } from '../../main/contract/rpc.ts'
import type { SearchDetail } from '../../main/contract/shapes/search.ts'
import type { Victim } from './kill.ts'
import { opened, tinySpec, type Opened } from './tiny.ts'

const EPOCHS = 4
const SEED = 7
const TRIALS = 5

/** What is searched and backtested; the workspace has one of each by the name `whole`. */
export const SEARCH = JSON.stringify({
  dataset: 'd',
  spec: { model: 'two-tower', ...tinySpec(EPOCHS, SEED) },
  space: { 'training.tables.learningRate': { kind: 'range', low: 1e-3, high: 1e-1, log: true } },
  sampler: { kind: 'tpe', startup: 2 },
  stop: { kind: 'asha', minEpochs: 1, factor: 2 },
  budget: { trials: TRIALS },
  finals: { top: 0 },
  seed: SEED,
})
const BACKTEST = { dataset: 'd', recipe: ['item-knn', 'most-popular'], folds: 3 }
export const BACKTEST_ARGS = ['backtest', BACKTEST.dataset, '--recipe', BACKTEST.recipe.join(','), '--folds', String(BACKTEST.folds)]

/** The numbers of a search and a backtest that nobody killed. */
export interface SearchReference {
  /** its id */
  readonly search: string
  readonly trials: string
  readonly backtest: string
}

/** Makes both in a workspace. */
export async function makeSearches({ client, job }: Pick<Opened, 'client' | 'job'>): Promise<SearchReference> {
  const found = await job('search.start', { search: SEARCH, name: 'whole', threads: 1 })
  await job('datasets.backtest', BACKTEST)
  const [backtest] = (await client.call('backtests.list', {})).backtests
  return { search: found.search, trials: trialsOf(found), backtest: await periodsOf(client, backtest!.backtest) }
}

/** All but runs and times of a search's trials. */
const trialsOf = ({ list }: SearchDetail): string =>
  JSON.stringify(list.map(({ number, params, state, value, epochs, curve }) => ({ number, params, state, value, epochs, curve })))

/** What the policies of a backtest reached in each period. */
async function periodsOf(client: Client, backtest: string): Promise<string> {
  const { result } = await client.call('backtests.show', { backtest })
  return JSON.stringify(result?.recipes.map(({ recipe, policies }) => [recipe, policies.map(({ policy, values }) => ({ policy, values }))]))
}

/**
 * Goes on with the search that was killed, where its beginning was stored. Where a trial's process alone died, that trial has failed (it may be
 * what ran out of memory), and the search went on without it.
 */
export const searchFaults = (home: string, reference: SearchReference, victim: Victim): Promise<string[]> =>
  withWorkspace(home, async ({ client, job }) => {
    const killed = (await client.call('search.list', {})).searches.find(({ name }) => name === 'killed')
    if (killed === undefined) return []
    if (killed.state === 'running') return ['the search is running by a dead engine']
    if (killed.state !== 'finished') await job('search.resume', { search: killed.search })
    const found = await client.call('search.show', { search: killed.search })
    const failed = found.list.filter(({ state }) => state === 'failed')
    if (victim === 'job' && failed.length === 1) return found.list.length === TRIALS ? [] : ['the search did not go on without the trial']
    const trials = trialsOf(found)
    return trials === reference.trials ? [] : [`resumed, the search has other trials: ${trials}`]
  })

/** Goes on with the backtest that was killed: the newest, where there are two. */
export const backtestFaults = (home: string, reference: SearchReference): Promise<string[]> =>
  withWorkspace(home, async ({ client, job }) => {
    const { backtests } = await client.call('backtests.list', {})
    const killed = backtests.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0]!
    if (backtests.length < 2) return []
    if (killed.state === 'running') return ['the backtest is running by a dead engine']
    if (killed.state !== 'finished') await job('backtests.resume', { backtest: killed.backtest })
    const periods = await periodsOf(client, killed.backtest)
    return periods === reference.backtest ? [] : [`resumed, the backtest has other values: ${periods}`]
  })

/** The deleted search stands with its trials, or comes back from the trash with them. */
export const deletedFaults = (home: string, reference: SearchReference): Promise<string[]> =>
  withWorkspace(home, async ({ client }) => {
    const { searches } = await client.call('search.list', {})
    const isThere = searches.some(({ search }) => search === reference.search)
    if (!isThere) await client.call('trash.restore', { entry: reference.search })
    const found = await client.call('search.show', { search: reference.search })
    const lost = found.list.filter(({ run }) => run === null).length
    if (lost > 0) return [`the deleted search has lost ${lost} of its runs`]
    return trialsOf(found) === reference.trials ? [] : ['the deleted search has other trials']
  })

async function withWorkspace(home: string, body: (workspace: Opened) => Promise<string[]>): Promise<string[]> {
  const workspace = opened(home)
  try {
    return await body(workspace)
  } finally {
    await workspace.close()
  }
}
