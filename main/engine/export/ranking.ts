/**
 * How exported vectors rank items for a user, in the words and names of every reader: one table, so that no export can disagree with
 * what the run was measured by. A function of the user's own is stood in for by the metric that the run is retrieved by, and what that
 * costs is measured when the export is made.
 */
import { join } from 'node:path'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { overlap, sampleRows } from '../ann/compare.ts'
import { createExact } from '../ann/exact.ts'
import type { VectorMetric } from '../../contract/shapes/spec.ts'
import { isFunction, matchingOf, metricOf } from '../towers/metric.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readMatrix } from '../model/run-vectors.ts'

/** What each reader calls a metric. */
interface Names {
  /** of an item's row and a user's row */
  readonly words: string
  /** scores of all items for the first user, by NumPy; higher is better */
  readonly numpy: string
  readonly qdrant: string
  readonly milvus: string
  /** operator and operator class of an index */
  readonly pgvector: readonly [string, string]
}

const READERS = {
  cosine: {
    words: 'the cosine of the angle between their rows, which is their dot product once both have length 1',
    numpy: '(items @ users[0]) / (np.linalg.norm(items, axis=1) * np.linalg.norm(users[0]) + 1e-12)',
    qdrant: 'Cosine',
    milvus: 'COSINE',
    pgvector: ['<=>', 'vector_cosine_ops'],
  },
  dot: {
    words: 'the dot product of their rows',
    numpy: 'items @ users[0]',
    qdrant: 'Dot',
    milvus: 'IP',
    pgvector: ['<#>', 'vector_ip_ops'],
  },
  euclidean: {
    words: 'minus the squared Euclidean distance (L2) of their rows: the nearest is the best',
    numpy: '-((items - users[0]) ** 2).sum(axis=1)',
    qdrant: 'Euclid',
    milvus: 'L2',
    pgvector: ['<->', 'vector_l2_ops'],
  },
} as const satisfies Record<VectorMetric, Names>

/** Users whose lists are compared for a stand-in. */
const USERS = 500
const K = 10

export interface Ranking extends Names {
  readonly metric: VectorMetric
  /** null: the run matches by that metric itself */
  readonly standIn: {
    readonly kind: 'expression' | 'module'
    /** share of the function's own ten best that the metric's ten best hold; null where it could not be measured on these vectors */
    readonly recallAt10: number | null
  } | null
}

/** How the vectors of a run rank; its folder holds those of both sides. */
export async function rankingOf(run: RunDetail, runFolder: string, threads: number): Promise<Ranking> {
  const match = matchingOf(run.spec)
  const metric = metricOf(match)
  const names = { metric, ...READERS[metric] }
  if (!isFunction(match)) return { ...names, standIn: null }
  const [users, items] = await Promise.all([RUN_FILES.userVectors, RUN_FILES.itemVectors].map((file) => readMatrix(join(runFolder, file))))
  const dim = items!.width
  // several interests of a user lie in one row: no list of theirs is that of a row
  if (users!.width !== dim) return { ...names, standIn: { kind: match.kind, recallAt10: null } }
  const queries = sampleRows(users!.data, dim, USERS)
  const tens = await Promise.all(
    [match, metric].map(async (matching) => {
      const search = await createExact(items!.data, dim, matching, { threads })
      try {
        return (await search.search(queries, { k: K })).keys
      } finally {
        await search.dispose()
      }
    }),
  )
  const rows = queries.length / dim
  const row = (keys: Int32Array, k: number): Int32Array => keys.subarray(k * K, (k + 1) * K)
  const shares = Array.from({ length: rows }, (_, k) => overlap(row(tens[0]!, k), row(tens[1]!, k)))
  return { ...names, standIn: { kind: match.kind, recallAt10: shares.reduce((sum, share) => sum + share, 0) / rows } }
}

/** What `metric.json` says beside vectors. */
export const METRIC_FILE = 'metric.json'

export function metricFacts({ metric, standIn }: Ranking): object {
  return { metric, standIn }
}

/** The sentences of a README on how items are ranked. */
export function rankingWords({ words, metric, standIn }: Ranking): string[] {
  const rule = `The score of an item for a user is ${words}; items are ranked by it, best first, ties by item order. \`${METRIC_FILE}\` says so for programs.`
  if (standIn === null) return [rule]
  const cost =
    standIn.recallAt10 === null
      ? 'What that costs was not measured, as a user has several vectors.'
      : `Of the function's ten best for a user, ${(100 * standIn.recallAt10).toFixed(1)} % are among the ten best by ${metric} (recall@10, measured when this was written).`
  return [
    rule,
    `**The run itself ranks by a function of its own (\`match.kind\` ${standIn.kind}), which no vector store knows: ${metric} stands in for it** (\`match.retrieve\`). ${cost} Retrieve more and score them again by the function.`,
  ]
}
