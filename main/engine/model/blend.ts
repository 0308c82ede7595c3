/**
 * Several models' vectors side by side as those of one: an inner product over the whole adds the members' scores,
 * [w₁u₁; w₂u₂]·[v₁; v₂] = w₁(u₁·v₁) + w₂(u₂·v₂) (Huang et al. 2020, Embedding-based Retrieval in Facebook Search, 5.1.2). Before that a
 * member's scores are divided by their standard deviation over the items, user by user, which changes no member's own ranking and
 * makes weights mean the same whatever a loss made of the scale. One index holds it, and one query asks it.
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { badData } from '../../contract/errors.ts'
import type { Side } from '../dataset/dataset.ts'
import { normaliseRows, widenForEuclidean } from '../ann/scale-vectors.ts'
import { rmsLength } from '../compute/dot.ts'
import { createProducts } from '../compute/gemm.ts'
import { tryParseJson } from '../files/json-file.ts'
import { readMatrix } from './run-vectors.ts'
import { type RecordedFiles, RUN_FILES, runFile } from './run-files.ts'

/** How a member's vectors are compared; a function of the user's own adds up to no inner product. */
const metricSchema = z.enum(['dot', 'cosine', 'euclidean'])
export type MemberMetric = z.infer<typeof metricSchema>

/** What is recorded of a blend: its members in the order in which their vectors stand side by side. */
const blendSchema = z.strictObject({
  version: z.literal(1),
  members: z
    .array(
      z.strictObject({
        run: z.string(),
        name: z.string(),
        model: z.string(),
        metric: metricSchema,
        /** width of the member's own vectors */
        dim: z.int().min(1),
        /** share of the scores; all of them are 1 together */
        weight: z.number().gt(0).max(1),
        /** what item vectors are multiplied by; user vectors by weight / length / deviation */
        length: z.number().gt(0),
        /** whether it has towers, in its folder */
        towers: z.boolean(),
      }),
    )
    .min(1),
  /** one dimension more: the popularity of items, see {@link popularityScale} */
  popularity: z
    .strictObject({
      /** λ, beside the shares, which are 1 together */
      weight: z.number(),
      length: z.number().gt(0),
      /** of the items' {@link logCounts} */
      deviation: z.number().min(0),
    })
    .nullable()
    .default(null),
})
export type BlendFile = z.infer<typeof blendSchema>

export const MEMBERS = 'members/'
/** The files of a member, in the run's folder. */
export const memberFile = (member: number, file: string): string => `${MEMBERS}${member}/${file}`
/** [width × width]: how the coordinates of item vectors vary together */
export const COVARIANCE = 'covariance.npy'

/** How a member's vectors become a part of the blend's. */
export interface MemberScale extends Pick<BlendFile['members'][number], 'metric' | 'weight' | 'length'> {
  readonly covariance: Float32Array
}

/** Vectors [rows × dim] whose inner products rank, and add up, as the metric's scores do; wider by two where it is Euclidean. */
export function asInnerProducts(vectors: Float32Array, dim: number, side: Side, metric: MemberMetric): Float32Array {
  if (metric === 'cosine') return normaliseRows(vectors, dim)
  return metric === 'dot' ? vectors : widenForEuclidean(vectors, dim, side === 'user' ? 'query' : 'item')
}
export const innerWidth = (dim: number, metric: MemberMetric): number => (metric === 'euclidean' ? dim + 2 : dim)

/** The covariance [width × width] of item vectors [items × width], which gives the deviation of any user's scores. */
export async function covarianceOf(items: Float32Array, width: number, threads: number): Promise<Float32Array> {
  const rows = items.length / width
  const mean = new Float64Array(width)
  for (let i = 0; i < items.length; i++) mean[i % width]! += items[i]! / rows
  const centred = items.map((value, i) => (value - mean[i % width]!) / Math.sqrt(rows))
  const products = await createProducts({ threads })
  try {
    return await products.transposed(centred, centred, rows)
  } finally {
    await products.dispose()
  }
}

/** How well known each item is, as one number [items × 1]: log(1 + interactions). */
export const logCounts = (counts: ArrayLike<number>): Float32Array => Float32Array.from(counts, (count) => Math.log1p(count))

/** How that number enters: as a member whose users all are 1. */
export const popularityScale = ({ weight, length, deviation }: NonNullable<BlendFile['popularity']>): MemberScale => ({
  metric: 'dot',
  weight,
  length,
  covariance: Float32Array.of(deviation ** 2),
})

/** Root mean square of the lengths of rows, 1 where all are zero. */
export const meanLength = (vectors: Float32Array, width: number): number => rmsLength(vectors, width) || 1

/**
 * Users as of a member's towers or files, [rows × width] and inner products, divided by the deviation of their scores and at the member's
 * share; a zero row stays zero. Holds as many numbers again for some rows at a time.
 */
export async function scaledUsers(users: Float32Array, width: number, scale: MemberScale, threads: number): Promise<Float32Array> {
  const { covariance, weight, length } = scale
  const rows = users.length / width
  const out = new Float32Array(users.length)
  const products = rows < FEW ? null : await createProducts({ threads })
  for (let from = 0; from < users.length; from += USER_BLOCK * width) {
    // of length 1: the deviation of a short vector is beyond float32
    const block = normaliseRows(users.subarray(from, from + USER_BLOCK * width), width)
    const turned = products === null ? plainProduct(block, covariance, width) : await products.product(block, covariance, width)
    for (let at = 0; at < block.length; at += width) {
      let variance = 0
      for (let j = at; j < at + width; j++) variance += block[j]! * turned[j]!
      const factor = variance > 0 ? weight / length / Math.sqrt(variance) : 0
      for (let j = at; j < at + width; j++) out[from + j] = block[j]! * factor
    }
  }
  await products?.dispose()
  return out
}
const USER_BLOCK = 8192
/** Fewer rows than this are no work for ONNX Runtime. */
const FEW = 64

function plainProduct(rows: Float32Array, square: Float32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length)
  for (let at = 0; at < rows.length; at += width)
    for (let k = 0; k < width; k++) for (let j = 0; j < width; j++) out[at + j]! += rows[at + k]! * square[k * width + j]!
  return out
}

export const scaledItems = (items: Float32Array, { length }: Pick<MemberScale, 'length'>): Float32Array =>
  items.map((value) => value * length)

/** Rows of several parts beside each other. */
export function sideBySide(parts: readonly { readonly vectors: Float32Array; readonly width: number }[]): Float32Array {
  const total = parts.reduce((sum, { width }) => sum + width, 0)
  const rows = parts[0]!.vectors.length / parts[0]!.width
  const out = new Float32Array(rows * total)
  let column = 0
  for (const { vectors, width } of parts) {
    for (let row = 0; row < rows; row++) out.set(vectors.subarray(row * width, (row + 1) * width), row * total + column)
    column += width
  }
  return out
}

/** @throws PylonError not-found or bad-data where it is not what was written */
export async function readBlend(run: RecordedFiles): Promise<BlendFile> {
  const path = await runFile(run, RUN_FILES.blend)
  const parsed = blendSchema.safeParse(tryParseJson(await readFile(path, 'utf8')))
  if (!parsed.success) throw badData(`It does not say what the blend is made of. ${z.prettifyError(parsed.error)}`, path)
  return parsed.data
}

/** How each member's vectors enter. @throws PylonError as {@link readBlend} */
export async function readScales(run: RecordedFiles, { members }: BlendFile): Promise<MemberScale[]> {
  return Promise.all(
    members.map(async ({ metric, weight, length, dim }, i) => {
      const path = await runFile(run, memberFile(i, COVARIANCE))
      const width = innerWidth(dim, metric)
      const { data, width: found } = await readMatrix(path, width)
      if (found !== width) throw badData(`It is ${found} wide, its member's vectors ${width}.`, path)
      return { metric, weight, length, covariance: data }
    }),
  )
}
