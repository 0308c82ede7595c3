/** Recipes as text: the list, and one card with the spec it becomes for a dataset. */
import type { RecipeView } from '../../contract/verbs/recipes.ts'
import { pairs, style, table } from '../table.ts'

export function showRecipes({ recipes }: { readonly recipes: readonly RecipeView[] }): string {
  const note = ({ needs }: RecipeView): string => {
    const missing = needs.filter(({ met }) => met === false)
    if (missing.length > 0) return style('yellow', `lacks ${missing.map(({ what }) => what).join('; ')}`)
    const asked = needs.filter(({ met }) => met === null)
    return asked.length === 0 ? '' : `needs ${asked.map(({ what }) => what).join('; ')}`
  }
  return table(
    ['recipe', 'what it is', ''],
    recipes.map((recipe) => [recipe.name, recipe.card.summary, note(recipe)]),
  )
}

export function showRecipe({ name, title, card, needs, spec }: RecipeView): string {
  const list = (heading: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${style('bold', heading)}\n${lines.map((line) => `  - ${line}`).join('\n')}`]
  const told = needs.map(({ what, met, remedy }) => (met === false ? style('yellow', `${what}: missing; ${remedy}`) : what))
  return [
    pairs([
      ['recipe', `${style('bold', name)}  ${title}`],
      ['paper', card.paper ?? '–'],
      ['', card.summary],
    ]),
    ...list('The paper says', card.claims),
    ...list('Ingredients', card.ingredients),
    ...list('Different here', card.changes),
    ...list('Needs', told),
    ...(spec === null ? [] : [`${style('dim', 'spec')}\n${JSON.stringify(spec, null, 2)}`]),
  ].join('\n\n')
}
