/** What the engine says of files, in the language that is shown. */
import { saidProblem } from '@contract/shapes/problem.ts'
import { t } from '@/composables/texts.ts'

/** In words of the page; as it is where the page has none. */
export function problemWords(message: string): string {
  const said = saidProblem(message)
  if (said === null) return message
  const text = t(`data.problem.${said.code}`, said.values)
  return said.place === '' ? text : t('data.problemAt', { place: said.place, text })
}
