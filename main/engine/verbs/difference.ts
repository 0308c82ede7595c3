/**
 * Verb handlers of the query-level difference of two runs, and of curves over K: made from the ranks of held-out items,
 * which a job computes once a run.
 */
import { conflict, type PylonError } from '../../contract/errors.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import { ResourceCache } from '../ann/resource-cache.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { type Paired, pairQueries } from '../evaluation/difference.ts'
import { heldOut, type HeldOut } from '../evaluation/held-out.ts'
import { curvesOverK, loadRanks, metricAt, ranksFile } from '../evaluation/ranks.ts'
import { differenceUsers } from '../serving/difference-users.ts'
import { runLocation } from '../run-location.ts'
import { runFile } from '../model/run-files.ts'
import type { RunRow } from '../store/runs.ts'
import { hasRanks, keepRanked, measuredRun, pairOf, runToRank } from './ranked-runs.ts'

/** Comparisons and curves that are kept: going back to one is instant. */
const PAIRS = 4
const CURVES = 200
/** K of the stored curves. */
const MAX_K = 1_000

type Verb = 'runs.slices' | 'runs.difference' | 'difference.users' | 'runs.rank' | 'curves.ranks'

export function differenceVerbs(context: EngineContext): Handlers<Verb> {
  const { store, queue, opened } = context
  const { runs } = store

  const pairs = new ResourceCache<Paired>({ capacity: PAIRS, load: (key) => loadPair(context, key), dispose: () => {} })
  const curves = new ResourceCache<ReturnType<typeof curvesOverK>>({
    capacity: CURVES,
    load: async (id) => {
      const row = runs.resolve(id)
      const { protocol, held, items } = await heldOutOf(context, row)
      return curvesOverK(
        held,
        await loadRanks(await runFile(runLocation(store, row), ranksFile(protocol.hash)), held),
        Math.min(MAX_K, items),
      )
    },
    dispose: () => {},
  })

  return {
    'runs.difference': async ({ runs: asked, metric, seed, users }) => {
      metricAt(metric)
      const [a, b] = pairOf(context, asked)
      return queue.add({
        job: 'difference',
        runs: [a.id, b.id],
        threads: context.threads,
        beside: true,
        input: () => ({ a: runToRank(context, a), b: runToRank(context, b), metric, seed, users }),
        settle: ({ ranked, difference }) => {
          keepRanked(context, ranked)
          const named = ({ id, name, seed: own }: RunRow) => ({ run: id, name, seed: own })
          return { a: named(a), b: named(b), ...difference }
        },
      })
    },

    'runs.slices': async ({ runs: asked, metric, fdr }) => {
      metricAt(metric)
      const [a, b] = pairOf(context, asked)
      return queue.add({
        job: 'slices',
        runs: [a.id, b.id],
        threads: context.threads,
        beside: true,
        input: () => ({ a: runToRank(context, a), b: runToRank(context, b), metric, fdr }),
        settle: ({ ranked, slices }) => {
          keepRanked(context, ranked)
          return { a: { run: a.id, name: a.name }, b: { run: b.id, name: b.name }, ...slices }
        },
      })
    },

    'difference.users': async ({ runs: asked, metric, ...page }) => {
      const [a, b] = pairOf(context, asked)
      metricAt(metric)
      for (const row of [a, b]) if (!hasRanks(context, row)) throw unranked(row)
      const key = JSON.stringify([a.id, b.id, metric])
      return opened.catalogue(a.dataset, (catalogue) => pairs.with(key, (paired) => differenceUsers(catalogue, paired, page)))
    },

    'runs.rank': async ({ runs: asked }) => {
      const rows = asked.map((run) => measuredRun(context, run))
      return queue.add({
        job: 'rank',
        ...(rows.length === 1 && { run: rows[0]!.id }),
        runs: rows.map(({ id }) => id),
        threads: context.threads,
        beside: true,
        input: () => ({ runs: rows.map((row) => runToRank(context, row)) }),
        settle: (ranked) => {
          keepRanked(context, ranked)
          return { runs: ranked.map(({ run }) => run) }
        },
      })
    },

    'curves.ranks': async ({ runs: asked, maxK }) => {
      const rows = asked.map((run) => runs.resolve(run))
      const [ranked, missing] = [rows.filter((row) => hasRanks(context, row)), rows.filter((row) => !hasRanks(context, row))]
      const found = []
      for (const { id, name, seed, protocol } of ranked) {
        const { recall, ndcg, hit } = await curves.with(id, (curve) => curve)
        const cut = (values: Float64Array): Float64Array => values.slice(0, maxK)
        found.push({ run: id, name, seed, protocolHash: protocol!, recall: cut(recall), ndcg: cut(ndcg), hit: cut(hit) })
      }
      return { curves: found, missing: missing.map(({ id }) => id) }
    },
  }
}

function unranked({ id }: RunRow): PylonError {
  return conflict(`The held-out items of run ${id} are not ranked yet: ask for runs.difference first.`, 'runs')
}

/** What the protocol of a run holds out of its dataset, and the items there are to rank. */
async function heldOutOf({ store, opened }: EngineContext, row: RunRow): Promise<{ protocol: Protocol; held: HeldOut; items: number }> {
  const protocol = store.results.protocol(row.protocol!)
  return opened.catalogue(row.dataset, ({ dataset }) => ({ protocol, held: heldOut(dataset, protocol), items: dataset.manifest.items }))
}

async function loadPair(context: EngineContext, key: string): Promise<Paired> {
  const [a, b, metric] = JSON.parse(key) as [string, string, string]
  const { store, opened } = context
  const row = store.runs.resolve(a)
  const protocol = store.results.protocol(row.protocol!)
  return opened.catalogue(row.dataset, async ({ dataset }) => {
    const held = heldOut(dataset, protocol)
    const file = ranksFile(protocol.hash)
    const [ranksA, ranksB] = await Promise.all(
      [a, b].map(async (run) => loadRanks(await runFile(runLocation(store, store.runs.resolve(run)), file), held)),
    )
    return pairQueries({ dataset, protocol, held, ranksA: ranksA!, ranksB: ranksB!, metric: metricAt(metric) })
  })
}
