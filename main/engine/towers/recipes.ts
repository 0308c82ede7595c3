/** Recipes: named specs that adapt to a dataset's roles and size, or say what is missing. */
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { type RunSpec, specSchema } from '../../contract/shapes/spec.ts'
import type { RecipeView } from '../../contract/verbs/recipes.ts'
import { airbnb } from './recipes/airbnb.ts'
import { baselines } from './recipes/baselines.ts'
import { facebook } from './recipes/facebook.ts'
import { factorisation } from './recipes/factorisation.ts'
import { general } from './recipes/general.ts'
import { pinterest } from './recipes/pinterest.ts'
import type { Recipe } from './recipes/recipe.ts'
import { spectral } from './recipes/spectral.ts'
import { google } from './recipes/google.ts'
import { resolveSpec } from './resolve.ts'

const recipes = {
  ...general,
  ...google,
  ...airbnb,
  ...pinterest,
  ...facebook,
  ...factorisation,
  ...spectral,
  ...baselines,
} as const satisfies Record<string, Recipe>
export type RecipeName = keyof typeof recipes

export const recipeNames = (): RecipeName[] => Object.keys(recipes) as RecipeName[]

/**
 * A recipe's card; with a dataset also what changes for it, and the complete spec where it fits.
 * @throws PylonError bad-input listing the names
 */
export function describeRecipe(name: string, manifest: DatasetManifest | null): RecipeView {
  const recipe = find(name)
  const { title, group, summary, paper, claims, ingredients, changes, needs } = recipe
  const fits = manifest !== null && unfitness(name, manifest) === null
  return {
    name,
    title,
    group,
    card: {
      summary,
      paper,
      claims: [...claims],
      ingredients: [...ingredients],
      changes: [...changes, ...(fits ? (recipe.adapt(manifest).changes ?? []) : [])],
    },
    needs: needs.map(({ what, met, remedy }) => ({ what, met: manifest === null ? null : met(manifest), remedy })),
    spec: fits ? { ...resolveSpec(recipeSpec(name, manifest), manifest) } : null,
  }
}

/** Why a recipe does not fit a dataset, with the remedy; null where it fits. */
function unfitness(name: string, manifest: DatasetManifest): string | null {
  const missing = find(name).needs.filter(({ met }) => !met(manifest))
  return missing.length === 0 ? null : `It needs ${missing.map(({ what, remedy }) => `${what} (${remedy})`).join(', and ')}.`
}

/**
 * The spec of a recipe for a dataset, features still `auto` where the recipe says so.
 * @throws PylonError bad-input listing the names, or what the dataset lacks
 */
export function recipeSpec(name: string, manifest: DatasetManifest): RunSpec {
  const reason = unfitness(name, manifest)
  if (reason === null) return specSchema.parse({ ...find(name).adapt(manifest).config, recipe: name })
  throw badInput(`The recipe ${name} does not fit dataset ${manifest.name}. ${reason}`, 'recipe')
}

function find(name: string): Recipe {
  if (Object.hasOwn(recipes, name)) return recipes[name as RecipeName]
  const names = recipeNames()
  throw badInput(`There is no recipe "${name}". ${didYouMean(name, names)}There are ${names.join(', ')}.`, 'recipe')
}
