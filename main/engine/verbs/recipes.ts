/** Verb handlers of recipes: list them, show one plain or adapted to a dataset. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { describeRecipe, recipeNames } from '../towers/recipes.ts'

export function recipeVerbs({ store }: EngineContext): Handlers<'recipes.list' | 'recipes.show'> {
  return {
    'recipes.list': async ({ dataset }) => {
      const manifest = dataset === undefined ? null : store.datasets.get(dataset)
      return { recipes: recipeNames().map((name) => describeRecipe(name, manifest)) }
    },
    'recipes.show': async ({ name, dataset }) => describeRecipe(name, dataset === undefined ? null : store.datasets.get(dataset)),
  }
}
