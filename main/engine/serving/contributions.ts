/** What each interaction of a history contributes to the score of a hit: the score with it less the score without it. */
import { PylonError } from '../../contract/errors.ts'
import { PART_CODE, PARTS } from '../../contract/shapes/dataset.ts'
import type { ContributionsResult } from '../../contract/verbs.ts'
import type { VectorMetric } from '../ann/vectors.ts'
import { describeEvents } from './entity.ts'
import type { OpenModel } from './model.ts'

/** The most recent interactions that are left out one by one: so many more user vectors are embedded, in one pass. */
const MOST = 256

/**
 * @param without positions that are left out already
 * @throws PylonError not-found; bad-input where the model reads no history
 */
export async function contributions(
  model: OpenModel,
  { id, without, item }: { id: string; without: readonly number[]; item: string },
): Promise<Omit<ContributionsResult, 'run'>> {
  const user = await model.indexOf('user', id)
  const hit = model.vectorOf('item', await model.indexOf('item', item))
  const { offsets, part } = model.dataset.interactions
  const [from, to] = [offsets[user]!, offsets[user + 1]!]
  const left = new Set(without)
  const positions: number[] = []
  for (let p = to - 1; p >= from && positions.length < MOST; p--)
    if ((part[p] === PART_CODE.train || part[p] === PART_CODE.validation) && !left.has(p - from)) positions.push(p - from)
  const [whole, ...others] = await model.embedWithout(user, [left, ...positions.map((position) => new Set([...left, position]))])
  if (whole === null || whole === undefined) throw new PylonError('bad-input', 'There is nothing to leave out.', 'id')
  const score = similarity(model.metric, whole, hit)
  const changes = new Map(
    positions.map((position, i) => {
      const vector = others[i] ?? null
      return [
        position,
        vector === null ? null : { change: score - similarity(model.metric, vector, hit), turn: 1 - similarity('cosine', whole, vector) },
      ]
    }),
  )
  const known = PARTS.filter((name) => name === 'train' || name === 'validation')
  const events = await describeEvents(model.catalogue, 'user', user, { limit: Infinity, parts: known })
  const lengths = (await model.encoders()).userLayout.contextBags.filter(({ kind }) => kind === 'history').map(({ maxLength }) => maxLength)
  return {
    item,
    score,
    history: events.map((event) => {
      const change = changes.get(event.position) ?? null
      return { ...event, kept: !left.has(event.position), change: change?.change ?? null, turn: change?.turn ?? null }
    }),
    maxLength: Math.max(...lengths),
  }
}

function similarity(metric: VectorMetric, a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  if (metric === 'euclidean') return 2 * ab - aa - bb
  return metric === 'dot' ? ab : ab / (Math.sqrt(aa * bb) || 1)
}
