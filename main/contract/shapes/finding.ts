/** What speaks against a dataset, or for another split: a code and the values of its sentence, which pages say in their own language. */
import { z } from 'zod'

/** English sentences by code; a page has the same in its languages. Values called `chance` or ending in `share` are shares of one. */
export const FINDING_TEXTS = {
  'one-event-users': '{n} of {users} users ({share}) have one interaction: nothing of theirs can be learned from and tested on as well.',
  'users-without-test': '{n} of {users} users ({share}) have training interactions and no test item: the metrics are of the others.',
  'future-in-training':
    '{n} training interactions ({share}) are later than the earliest test interaction: what the model learns from includes what was not known then.',
  'test-popularity':
    'The test part that was given is no random one: the {n} most popular items, with a tenth of all interactions, are {share} of it and {validationShare} of the validation part. What is best on one need not be best on the other.',
  'one-time': 'Every interaction has the same time, so there is no order: leave the column out with --map time=none, or name another.',
  'time-zero':
    '{n} interactions have the time 0 or -1, as programs write a missing one, and come before all others: leave them out with --from.',
  'time-future': '{n} interactions are of after today, the latest of {latest}: are the times read as they are meant (--date-format)?',
  'split-time':
    'Recommended: --split {split}. It holds out the newest tenth, trains on nothing later, and still measures on {n} users who were there before.',
  'split-leave-last':
    'Recommended: --split {split}. A cut in time would leave {n} users to measure on; {users} users have two items or more, of which the last is held out.',
  'split-random': 'Recommended: --split {split}. The interactions have no order that one could hold out the last by.',
  'leak-user-column':
    'Leak: the user column "{column}" names the held-out item of {n} of {users} users ({share}; by chance {chance}). Leave it out with --kinds users.{column}=ignore.',
  'leak-user-code':
    'Leak: the user column "{column}" alone tells the held-out item: {share} of users with the same value have the same one (by chance {chance}). Leave it out with --kinds users.{column}=ignore.',
  'leak-item-column':
    'Leak: the item column "{column}" names users who have the item in test, at {n} of {items} items ({share}; by chance {chance}). Leave it out with --kinds items.{column}=ignore.',
  'leak-item-count':
    'Leak: the item column "{column}" is ordered as the test interactions are counted, among items of like training counts too ({share} of pairs agree). Leave it out with --kinds items.{column}=ignore.',
  'leak-user-count':
    'Leak: the user column "{column}" is ordered as the test interactions are counted, among users of like training counts too ({share} of pairs agree). Leave it out with --kinds users.{column}=ignore.',
  'leak-duplicates':
    'Leak: {n} of {rows} test interactions ({share}) are in the training part as well, with the same user, item and time. Import with --duplicates first, or remove them.',
  'leak-history':
    'Leak: the column "{column}" names later items of its user, at {n} of {rows} of its rows ({share}; by chance {chance}): a history must end before its interaction.',
  'leak-twin-items':
    'Leak: {n} of {rows} test interactions ({share}) are of items with a near-duplicate in training, such as {first} and {second}: give both one id.',
  'leak-session':
    'Leak: {n} of {rows} test interactions ({share}) are in a session ("{column}") that has training interactions. Cut between sessions: split by time, or take the sessions as users.',
  'again-added': 'Added to {dataset}: {n} interactions, {users} users and {items} items that it did not have.',
  'again-columns-missing':
    '{file} lacks columns that {dataset} has: {columns}. They are not in the new dataset, or empty for the new rows.',
  'again-columns-new': '{file} has columns that {dataset} has not: {columns}.',
  'not-checked': 'Not checked for leaks, as it is too large: {what}.',
} as const
export type FindingCode = keyof typeof FINDING_TEXTS

const codes = Object.keys(FINDING_TEXTS) as [FindingCode, ...FindingCode[]]

export const findingSchema = z.strictObject({
  code: z.enum(codes),
  values: z.record(z.string(), z.union([z.string(), z.number()])).describe('what its sentence tells'),
  split: z.string().optional().describe('of a recommended split: what --split takes'),
})
export type Finding = z.infer<typeof findingSchema>

/** Leaks and warnings stand against the data, a recommendation speaks for something. */
export const findingLevel = ({ code }: Pick<Finding, 'code'>): 'warning' | 'info' =>
  code.startsWith('split-') || code === 'not-checked' || (code.startsWith('again-') && code !== 'again-columns-missing')
    ? 'info'
    : 'warning'

/** The values as texts. @param say how a number and a share are written */
export function findingTexts(
  { values }: Finding,
  say: { readonly number: (n: number) => string; readonly share: (share: number) => string },
): Record<string, string> {
  const text = (key: string, value: string | number): string =>
    typeof value === 'string' ? value : key === 'chance' || /share$/i.test(key) ? say.share(value) : say.number(value)
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, text(key, value)]))
}

/** In English. */
export function describeFinding(finding: Finding): string {
  const texts = findingTexts(finding, {
    number: (n) => n.toLocaleString('en-US'),
    share: (share) => `${Number((100 * share).toPrecision(3))} %`,
  })
  return FINDING_TEXTS[finding.code].replaceAll(/\{(\w+)\}/g, (hole, key: string) => texts[key] ?? hole)
}
