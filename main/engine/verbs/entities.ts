/** Verb handlers of users and items of a dataset: found, shown, listed. The last few datasets stay in memory. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { describeEntities, showEntity } from '../serving/entity.ts'

export function entityVerbs({ opened }: EngineContext): Handlers<'entities.search' | 'entities.show' | 'entities.at'> {
  return {
    'entities.search': ({ dataset, side, text, limit }) =>
      opened.catalogue(dataset, async (catalogue) => {
        const { entities, total } = (await catalogue.finder(side)).find(text, limit)
        return { entities: await describeEntities(catalogue, side, entities), total }
      }),
    'entities.show': ({ dataset, side, id, limit }) => opened.catalogue(dataset, (catalogue) => showEntity(catalogue, side, id, limit)),
    'entities.at': ({ dataset, side, indices }) =>
      opened.catalogue(dataset, async (catalogue) => ({ entities: await describeEntities(catalogue, side, indices) })),
  }
}
