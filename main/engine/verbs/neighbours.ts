/** Neighbours: items for a user, items like an item, from a finished run's model. */
import { PylonError } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../context.ts'

export function neighbourVerbs(_: EngineContext): Handlers<'neighbours.recommend' | 'neighbours.similar'> {
  const missing = (): never => {
    throw new PylonError('unavailable', 'not yet')
  }
  return { 'neighbours.recommend': async () => missing(), 'neighbours.similar': async () => missing() }
}
