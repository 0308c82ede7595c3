/** Items for a user, or like an item, as the command line lists them. */
import type { Hit } from '../../contract/shapes/run.ts'
import type { NeighboursResult } from '../../contract/verbs.ts'
import { overlap } from '../ann/compare.ts'
import type { Hits } from '../ann/topk.ts'
import { describeEntities } from './entity.ts'
import type { OpenModel } from './open-model.ts'
import { retrieve, type RetrievalQuery } from './query.ts'

/** @throws PylonError not-found, bad-input */
export async function neighbours(
  model: OpenModel,
  asked: Omit<RetrievalQuery, 'index' | 'without'>,
): Promise<Omit<NeighboursResult, 'run'>> {
  const { entityIndex, exact, near, warnings } = await retrieve(model, { ...asked, index: null, without: [] })
  return {
    query: await describeQuery(model, asked, entityIndex),
    warnings: [...warnings],
    search: near === null ? 'exact' : 'ann',
    recallVsExact: near === null ? null : overlap(exact.keys, near.keys),
    hits: await describeHits(model, near ?? exact),
  }
}

async function describeQuery(
  model: OpenModel,
  { side }: Pick<RetrievalQuery, 'side'>,
  entityIndex: number | null,
): Promise<NeighboursResult['query']> {
  if (entityIndex === null) return { kind: 'features', id: null, title: null, popularity: 0 }
  const entity = (await describeEntities(model.catalogue, side, [entityIndex]))[0]!
  return { kind: side, id: entity.id, title: entity.title, popularity: side === 'item' ? entity.popularity : 0 }
}

async function describeHits({ catalogue }: OpenModel, { keys, scores }: Hits): Promise<Hit[]> {
  const items = await describeEntities(catalogue, 'item', keys)
  return items.map(({ id, title, popularity }, i) => ({ rank: i + 1, item: id, score: scores[i]!, title, popularity }))
}
