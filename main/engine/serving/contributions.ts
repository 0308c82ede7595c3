/** What each interaction of a history contributes to the score of a hit: the score with it less the score without it. */
import { badInput } from '../../contract/errors.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { beforeTest } from '../dataset/interactions.ts'
import type { ContributionsResult } from '../../contract/verbs.ts'
import { splitInterests } from '../ann/interests.ts'
import { createMatcher } from '../ann/matcher.ts'
import { matchingOf } from '../towers/metric.ts'
import { describeEvents } from './entity.ts'
import type { OpenModel } from './open-model.ts'

/** The most recent interactions that are left out one by one: so many more user vectors are embedded, in one pass. */
const MAX_LEFT_OUT = 256

/**
 * @param without positions that are left out already
 * @throws PylonError not-found; bad-input where the model reads no history
 */
export async function historyContributions(
  model: OpenModel,
  { id, without, item }: { id: string; without: readonly number[]; item: string },
): Promise<Omit<ContributionsResult, 'run'>> {
  const user = await model.indexOf('user', id)
  const hit = model.vectorOf('item', await model.indexOf('item', item))
  const { offsets } = model.dataset.interactions
  const visible = beforeTest(model.dataset.interactions)
  const [from, to] = [offsets[user]!, offsets[user + 1]!]
  const omitted = new Set(without)
  const positions: number[] = []
  for (let p = to - 1; p >= from && positions.length < MAX_LEFT_OUT; p--)
    if (visible.has(p) && !omitted.has(p - from)) positions.push(p - from)
  const [whole, ...others] = await model.embedWithout(user, [omitted, ...positions.map((position) => new Set([...omitted, position]))])
  if (whole === null || whole === undefined) throw badInput('There is nothing to leave out.', 'id')
  const versions = [whole, ...others.map((vector) => vector ?? whole)]
  const [score, ...leftOut] = await scoresOf(model, hit, versions)
  const changes = new Map(
    positions.map((position, i) => {
      const vector = others[i] ?? null
      return [position, vector === null ? null : { change: score! - leftOut[i]!, turn: 1 - cosine(whole, vector) }]
    }),
  )
  const events = await describeEvents(model.catalogue, 'user', user, { limit: Infinity, parts: EARLIER_PARTS.test })
  const lengths = (await model.encoders()).flatMap(({ userLayout }) =>
    userLayout.contextBags.filter(({ kind }) => kind === 'history').map(({ maxLength }) => maxLength),
  )
  return {
    item,
    score: score!,
    history: events.map((event) => {
      const change = changes.get(event.position) ?? null
      return { ...event, kept: !omitted.has(event.position), change: change?.change ?? null, turn: change?.turn ?? null }
    }),
    maxLength: Math.max(...lengths),
  }
}

/** Scores of one item by several versions of a user, as the model scores: of several interests the best. */
async function scoresOf(model: OpenModel, hit: Float32Array, versions: readonly Float32Array[]): Promise<number[]> {
  const { dim, spec } = model
  const queries = versions.flatMap((version) => splitInterests(version, dim))
  const interests = queries.length / versions.length
  const rows = new Float32Array(queries.length * dim)
  for (const [i, query] of queries.entries()) rows.set(query, i * dim)
  const scores = new Float32Array(queries.length)
  const matcher = await createMatcher(hit, dim, matchingOf(spec), { threads: 1 })
  await matcher.score(rows, queries.length, scores)
  await matcher.dispose()
  return versions.map((_, i) => Math.max(...scores.subarray(i * interests, (i + 1) * interests)))
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  return ab / (Math.sqrt(aa * bb) || 1)
}
