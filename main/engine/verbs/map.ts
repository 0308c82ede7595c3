/** Verb handlers of the map: the item vectors of a run in two dimensions, and what to colour them by. */
import { badInput } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { addRewriting } from '../run-location.ts'
import { mapReference, movedPoints } from '../serving/map/moved.ts'
import { itemColours, mapPoints } from '../serving/map/points.ts'

export function mapVerbs(context: EngineContext): Handlers<'map.points' | 'map.moved' | 'map.layout' | 'map.colours'> {
  const { opened, store, threads } = context
  return {
    'map.points': ({ run, layout }) => opened.model(run, async (model, id) => ({ run: id, ...(await mapPoints(model, layout)) })),
    'map.moved': async ({ run, epoch, to, layout }) => {
      const [row, other] = [store.runs.resolveFinished(run), store.runs.resolveFinished(to)]
      if (row.dataset !== other.dataset)
        throw badInput(
          `Run ${row.id} is of dataset ${row.dataset} and run ${other.id} of ${other.dataset}: they have no items in common.`,
          'to',
        )
      const reference = await opened.model(other.id, (model) => mapReference(model, layout, threads))
      return opened.model(row.id, async (model) => ({
        run: row.id,
        to: other.id,
        epoch,
        layout,
        ...(await movedPoints(model, epoch, reference)),
      }))
    },
    'map.layout': async ({ run, ...ask }) =>
      addRewriting(context, store.runs.resolveFinished(run), [RUN_FILES.mapPlaces, RUN_FILES.mapFacts], {
        job: 'map-layout',
        threads,
        input: (place) => ({ ...place, ask }),
      }),
    'map.colours': ({ dataset, column }) => opened.catalogue(dataset, (catalogue) => itemColours(catalogue, column)),
  }
}
