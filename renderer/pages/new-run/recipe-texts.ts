/** What a recipe is called, does and needs, in the language of the page; what that has no words for is said in the engine's. */
import type { RecipeView } from '@contract/verbs/recipes.ts'
import { engineWords } from '@/composables/engine-words.ts'
import { language } from '@/composables/texts.ts'
import { cardLines } from '@/locales/zh/recipe-cards.ts'
import { recipeTexts } from '@/locales/zh/recipes.ts'

type Need = RecipeView['needs'][number]
const entry = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined => (language.value === 'zh' ? table[key] : undefined)

export const titleOf = ({ name, title }: RecipeView): string => entry(recipeTexts, name)?.[0] ?? title
export const summaryOf = ({ name, card }: RecipeView): string => entry(recipeTexts, name)?.[1] ?? card.summary
/** A claim, an ingredient or a change of its card. */
export const lineOf = (line: string): string => entry(cardLines, line) ?? line
export const needOf = ({ what }: Need): string => engineWords(what)
export const remedyOf = ({ remedy }: Need): string => engineWords(remedy)

/** Those that a dataset does not meet. */
export const lacksOf = ({ needs }: RecipeView): string[] => needs.filter(({ met }) => met === false).map(needOf)
