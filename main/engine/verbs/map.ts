/** Verb handlers of the map: the item vectors of a run in two dimensions, and what to colour them by. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { itemColours, mapPoints } from '../serving/item-map.ts'

export function mapVerbs({ opened }: EngineContext): Handlers<'map.points' | 'map.colours'> {
  return {
    'map.points': ({ run }) => opened.model(run, async (model, id) => ({ run: id, ...(await mapPoints(model)) })),
    'map.colours': ({ dataset, column }) => opened.catalogue(dataset, (catalogue) => itemColours(catalogue, column)),
  }
}
