/** What the engine says of files, in the language that is shown. */
import { saidProblem, type SaidPlace, type SaidProblem } from '@contract/shapes/problem.ts'
import { inPageWords } from '@/composables/page-words.ts'
import { t } from '@/composables/texts.ts'

/** In words of the page; as it is where the page has none. */
export function problemWords(message: string): string {
  const said = saidProblem(message)
  if (said === null) return inPageWords(message)
  const text = inPageWords(t(`data.problem.${said.code}`, inWords(said.values)))
  return said.place === null ? text : t('data.problemAt', { place: placeWords(said.place), text })
}

/** `3 fields` as a number, and what they are counted against: words that the engine says in English. */
const inWords = ({ fields, first, ...values }: SaidProblem['values']): SaidProblem['values'] => ({
  ...values,
  ...(fields !== undefined && { fields, n: String(Number.parseInt(fields)) }),
  ...(first !== undefined && { first: t(`data.problemFirst.${first === 'header' ? 'header' : 'row'}`) }),
})

const placeWords = ({ file, ...within }: SaidPlace): string =>
  file + (['line', 'row', 'column'] as const).map((part) => (within[part] === '' ? '' : t(`data.problemPlace.${part}`, within))).join('')
