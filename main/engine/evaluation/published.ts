/**
 * Published splits, told by what is in their parts and not by a name, and what was published on them. Numbers of a paper say something about a
 * run only where both predict the same interactions from the same others.
 */
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { type DatasetManifest, PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import type { ProofOf, PublishedSplit } from '../../contract/verbs/published.ts'
import type { Dataset } from '../dataset/dataset.ts'

interface KnownSplit extends PublishedSplit {
  readonly proofs: readonly ProofOf[]
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** {@link partsDigest} of what is fitted on, and of the test part */
  readonly digests: readonly [string, string]
}

const BARS = 'reczoo/BARS, leaderboard gowalla_m1'
const BSL = 'logs of junkangwu/BSL (Wu et al., ICDE 2024)'

const SPLITS: readonly KnownSplit[] = [
  {
    name: 'Gowalla, split of NGCF and LightGCN',
    source: 'gusye1234/LightGCN-PyTorch, data/gowalla (Wang et al., SIGIR 2019; He et al., SIGIR 2020)',
    users: 29_858,
    items: 40_981,
    interactions: 1_027_370,
    digests: [
      '8851f961f597c4c7ac01bd0d135bc678e8d482b9c8047d6eeb046c3a7ab68c1b',
      '01892448a2a839b3209f81b261f6a7f5ff7f19fbdfe25452533821d7c278b6c2',
    ],
    proofs: [
      {
        model: 'most-popular',
        lambda: 0,
        metrics: { 'recall@20': 0.04163, 'ndcg@20': 0.03169 },
        source: 'counted by NumPy from the files of the split (test/golden/gowalla_most_popular.py); no paper has it',
      },
      {
        model: 'ease',
        lambda: 80,
        metrics: { 'recall@20': 0.176493, 'ndcg@20': 0.146657 },
        source: `${BARS}, with the settings of its log`,
      },
    ],
    results: [
      ['BSPM (no vectors)', 0.192, 0.1597, 'Choi et al.: BSPM. SIGIR 2023 (arXiv:2211.09324)'],
      ['MF, BSL', 0.1882, 0.1584, BSL],
      ['SimpleX', 0.1872, 0.1557, BARS],
      ['UltraGCN', 0.1862, 0.158, BARS],
      ['GF-CF (no vectors)', 0.1849, 0.1518, BARS],
      ['MF, CCL', 0.1837, 0.1493, BARS],
      ['LightGCN', 0.183, 0.1554, 'He et al.: LightGCN. SIGIR 2020'],
      ['EASE (no vectors)', 0.1765, 0.1467, BARS],
      ['MF, softmax', 0.1759, 0.1395, BSL],
      ['YoutubeDNN, two towers', 0.1754, 0.1473, BARS],
      ['Mult-VAE', 0.1641, 0.1335, BARS],
      ['MF, BPR', 0.1627, 0.1378, BARS],
      ['item-kNN', 0.157, 0.1214, BARS],
    ].map(([model, recall, ndcg, source]) => ({
      model: String(model),
      metrics: { 'recall@20': Number(recall), 'ndcg@20': Number(ndcg) },
      source: String(source),
    })),
  },
]

/** Users between two turns of the event loop. */
const TURN = 2000

/** Whether a dataset is as large as one of the splits: without that, none of its interactions need be read. */
export function mayBePublished({ users, items, interactions }: Pick<DatasetManifest, 'users' | 'items' | 'interactions'>): boolean {
  return SPLITS.some((known) => known.users === users && known.items === items && known.interactions === interactions)
}

/** The published split that a dataset is, its validation part counted as train; null where it is none that is known. About a second for a million. */
export async function publishedSplit(
  dataset: Pick<Dataset, 'interactions' | 'ids'>,
): Promise<{ readonly split: PublishedSplit; readonly proofs: readonly ProofOf[] } | null> {
  const test = await partsDigest(dataset, ['test'])
  const known = SPLITS.find(({ digests }) => digests[1] === test)
  if (known === undefined || (await partsDigest(dataset, ['train', 'validation'])) !== known.digests[0]) return null
  const { name, source, results, proofs } = known
  return { split: { name, source, results }, proofs }
}

/** The splits that are known, by name. */
export const publishedNames = (): string[] => SPLITS.map(({ name }) => name)

/**
 * sha256 over a line a user, `user TAB item item …`, users and the items of each in the order of their ids as text: the same whatever order
 * the rows came in. A user without an interaction in these parts has no line.
 */
export async function partsDigest({ interactions, ids }: Pick<Dataset, 'interactions' | 'ids'>, parts: readonly Part[]): Promise<string> {
  const { item, part, offsets } = interactions
  const [users, items] = [await ids('user'), await ids('item')]
  const codes = new Set(parts.map((name) => PART_CODE[name]))
  const hash = createHash('sha256')
  const order = users.map((id, user) => ({ id, user })).sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const [n, { id, user }] of order.entries()) {
    if (n % TURN === TURN - 1) await turn()
    const of: string[] = []
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) if (codes.has(part[at]!)) of.push(items[item[at]!]!)
    if (of.length > 0) hash.update(`${id}\t${of.sort().join(' ')}\n`)
  }
  return hash.digest('hex')
}
