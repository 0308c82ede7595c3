/** What is done to interactions before they are split: asked for by the options of an import, recorded in the dataset and in its protocol. */
import { z } from 'zod'

/** The steps in the order in which they are taken. */
export const PREPARATION_STEPS = [
  'events',
  'min-weight',
  'positive-weight',
  'window',
  'duplicates',
  'sample-users',
  'session-gap',
  'min-per-user',
  'min-per-item',
  'core',
] as const

/** Options of `import` and `inspect`, a step each (a window has two). */
export const preparationOptions = {
  events: z
    .string()
    .optional()
    .describe('only these event types, with the weight of each: view=1,buy=5; a name alone weighs as its row does'),
  minWeight: z
    .number()
    .optional()
    .describe(
      'only interactions of at least this weight or rating: lower ones are removed, as if they had not been; --positive-weight keeps them',
    ),
  positiveWeight: z
    .number()
    .optional()
    .describe(
      'interactions of at least this rating are "liked", others "disliked": kept and counted, but neither learned from nor held out',
    ),
  positives: z
    .string()
    .optional()
    .describe('event types that are positives: buy,cart; others are kept and counted, but are no positives unless a run names them'),
  from: z.string().optional().describe('only interactions at or after this time: 2024-01-31, 2024-01-31T12:00, seconds since 1970'),
  to: z.string().optional().describe('only interactions before this time'),
  duplicates: z
    .enum(['keep', 'first', 'last'])
    .default('keep')
    .describe('of interactions of one user with one item (and event type): all, or the first or last in time'),
  sampleUsers: z.number().gt(0).optional().describe('only so many users, drawn by --seed, for a quick look; below 1 a share of them'),
  sessionGap: z
    .string()
    .optional()
    .describe('make sessions of users: a pause longer than this (30m, 2h, 1d) begins another, which is the user ID#2'),
  minPerUser: z.int().min(2).optional().describe('only users of at least so many interactions'),
  minPerItem: z.int().min(2).optional().describe('only items of at least so many interactions'),
  core: z.int().min(2).optional().describe('k-core: of the above, until every user and every item has at least so many'),
} as const

const amounts = z.strictObject({ interactions: z.int(), users: z.int(), items: z.int() })

export const preparationStepSchema = z.strictObject({
  step: z.enum(PREPARATION_STEPS),
  /** as it was asked for */
  setting: z.string(),
  /** users that became sessions are more than before: then the number is below 0 */
  removed: amounts,
  left: amounts,
})
export type PreparationStep = z.infer<typeof preparationStepSchema>

/** What is kept and is no positive, as it is when the steps are done. */
export const apartSchema = z.strictObject({
  positives: z.array(z.string()).describe('event types that are positives'),
  events: z.array(z.strictObject({ event: z.string(), interactions: z.int() })).describe('the other types'),
})
export type Apart = z.infer<typeof apartSchema>

export const describeApart = ({ positives, events }: Apart): string =>
  `kept apart: ${events.map(({ event, interactions }) => `${interactions.toLocaleString('en-US')} ${event}`).join(', ')}; positives are ${positives.join(', ')}`

/** What of the steps makes numbers comparable. */
export const preparedSchema = z.array(preparationStepSchema.pick({ step: true, setting: true }))

/** A step in words: what it took away, what is left. */
export function describeStep({ step, setting, removed, left }: PreparationStep): string {
  const n = (value: number): string => value.toLocaleString('en-US')
  const what =
    step === 'session-gap'
      ? `${n(left.users)} sessions of ${n(left.users + removed.users)} users`
      : `removes ${n(removed.interactions)} interactions, ${n(removed.users)} users, ${n(removed.items)} items`
  return `${step} ${setting}: ${what}; left are ${n(left.interactions)} interactions of ${n(left.users)} users and ${n(left.items)} items`
}
