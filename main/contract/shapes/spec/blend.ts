/**
 * A blend: the vectors of finished runs side by side, so that one inner product adds their scores (Huang et al. 2020, 5.1.2); the
 * popularity of items may be one dimension more, at a share that is dialled.
 */
import { z } from 'zod'
import { orNull } from '../parts.ts'

export const blendFields = {
  version: z.literal(1).default(1),
  recipe: orNull(z.string(), 'the recipe it came from'),
  model: z.literal('blend'),
  runs: z.array(z.string()).min(1).max(16).describe('ids of finished runs of one dataset and protocol that have vectors'),
  weights: orNull(
    z.array(z.number().min(0)),
    "share of each run's scores, which count by their standard deviation over the items of each user; null: chosen on the validation part",
  ),
  popularity: orNull(
    z.number().min(-10).max(10),
    'λ: the log of how often an item was interacted with is added to the scores, as many of its standard deviations for each one of theirs; below 0 favours what few know',
  ),
  finalFit: z.boolean().default(true).describe('whether what the runs give at last has learned from the validation part too'),
}
