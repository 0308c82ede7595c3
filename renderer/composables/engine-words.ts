/**
 * What the engine says, in the language of the page: every error, refusal, warning and note that a page shows passes through
 * {@link engineWords}. The engine's sentences are English and meant for a terminal too. English keeps them, with places of the page for
 * commands; Chinese has a sentence for each of the engine's templates (`locales/zh/engine`, a test asks for each of them).
 */
import { shallowRef, watch } from 'vue'
import { saidProblem, type SaidPlace, type SaidProblem } from '@contract/shapes/problem.ts'
import { inPageWords } from './page-words.ts'
import { sayingBy, type Sayer } from './said.ts'
import { language, t } from './texts.ts'

/** Of the language that is shown, loaded when it is; null where that is the engine's own. */
const sayer = shallowRef<Sayer | null>(null)
let chinese: Sayer | null = null
watch(language, () => void loadEngineWords(), { immediate: true })

/** Resolves when the sentences of the language that is shown are there; what shows one is drawn again then. */
export async function loadEngineWords(): Promise<void> {
  if (language.value === 'zh') chinese ??= sayingBy((await import('@/locales/zh/engine/all.ts')).sayings)
  sayer.value = language.value === 'zh' ? chinese : null
}

/** A sentence of the engine, or several, in words of the page; as it is where the page has none. */
export function engineWords(text: string): string {
  const problem = saidProblem(text)
  if (problem !== null) return problemWords(problem)
  return inPageWords(sayer.value?.say(text) ?? text)
}

/** What is said of files has codes, for the remedies that a page offers beside it; so both languages have words for it by code. */
function problemWords({ code, values, place }: SaidProblem): string {
  const text = inPageWords(t(`data.problem.${code}`, inWords(values)))
  return place === null ? text : t('data.problemAt', { place: placeWords(place), text })
}

/** `3 fields` as a number, what they are counted against, roles and units as words: what the engine says in English. */
const inWords = ({ fields, first, ...values }: SaidProblem['values']): SaidProblem['values'] => {
  const spoken = (['role', 'unit', 'other'] as const).flatMap((name) => {
    const value = values[name]
    return value === undefined ? [] : [[`${name}Word`, sayer.value?.word(value) ?? value] as const]
  })
  return {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, sayer.value?.say(value) ?? value])),
    ...Object.fromEntries(spoken),
    ...(fields !== undefined && { fields, n: String(Number.parseInt(fields)) }),
    ...(first !== undefined && { first: t(`data.problemFirst.${first === 'header' ? 'header' : 'row'}`) }),
  }
}

const placeWords = ({ file, ...within }: SaidPlace): string =>
  file + (['line', 'row', 'column'] as const).map((part) => (within[part] === '' ? '' : t(`data.problemPlace.${part}`, within))).join('')
