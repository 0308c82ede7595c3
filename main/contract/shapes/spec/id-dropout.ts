/** A default that depends on what stands beside it: how often training hides the id of an entity whose contents the tower reads too. */
import { isPlain, type Plain } from '../../plain.ts'

/** Share of examples; DropoutNet (Volkovs et al. 2017), figures in docs/texts.md. */
export const ID_DROPOUT = 0.1

/**
 * A config, where it is of a two-tower with an id beside a vector of contents: the id hides itself in {@link ID_DROPOUT} of the examples,
 * unless it says another `unknownRate`. Training leans on the id else, and the vector says nothing of who is new.
 */
export function withIdDropout(config: Plain): Plain {
  if ('model' in config && config['model'] !== 'two-tower') return config
  const changed: Record<string, unknown> = { ...config }
  for (const side of ['user', 'item']) {
    const tower = config[side]
    if (!isPlain(tower) || !Array.isArray(tower['features']) || !tower['features'].some(isContentVector)) continue
    const features = tower['features'].map((feature: unknown) =>
      isPlain(feature) && feature['kind'] === 'id' ? { unknownRate: ID_DROPOUT, ...feature } : feature,
    )
    changed[side] = { ...tower, features }
  }
  return changed
}

const isContentVector = (feature: unknown): boolean =>
  isPlain(feature) && (feature['kind'] === 'vector' || (feature['kind'] === 'text' && isPlain(feature['encoder'])))
