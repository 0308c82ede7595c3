/** What a message about a file names as its remedy, as options of the form: a page has no flags to type. */

/** By what the message says. */
const REMEDIES = [
  { said: '--bad-rows skip', name: 'badRows', value: 'skip' },
  { said: '--missing-ids drop', name: 'missingIds', value: 'drop' },
  { said: '--missing-ids keep', name: 'missingIds', value: 'keep' },
  { said: '--date-format dmy', name: 'dateFormat', value: 'dmy' },
  { said: '--date-format dmy, mdy', name: 'dateFormat', value: 'mdy' },
  { said: '--date-format dmy, mdy or ymd', name: 'dateFormat', value: 'ymd' },
] as const
export type Remedy = (typeof REMEDIES)[number]

export const remediesOf = (message: string): Remedy[] => REMEDIES.filter(({ said }) => message.includes(said))
