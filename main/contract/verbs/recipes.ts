/** Recipes: named specs that adapt to a dataset, each with its card. */
import { z } from 'zod'
import { dataset, type VerbDefinition } from './common.ts'

export const recipeViewSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  group: z.enum(['default', 'industry', 'factorisation', 'baseline']),
  card: z.strictObject({
    summary: z.string(),
    paper: z.string().nullable(),
    claims: z.array(z.string()).describe('what the paper reports'),
    ingredients: z.array(z.string()).describe('what makes it what it is'),
    changes: z.array(z.string()).describe('what differs from the paper, here and with this dataset'),
  }),
  needs: z.array(
    z.strictObject({
      what: z.string(),
      met: z.boolean().nullable().describe('whether the dataset has it; null without a dataset'),
      remedy: z.string(),
    }),
  ),
  spec: z.record(z.string(), z.unknown()).nullable().describe('complete for the dataset; null without one, or where it lacks something'),
})
export type RecipeView = z.infer<typeof recipeViewSchema>

export const recipeVerbs = {
  'recipes.list': {
    cli: 'recipes',
    summary: 'List the recipes, and whether each fits a dataset',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ recipes: z.array(recipeViewSchema) }),
  },
  'recipes.show': {
    cli: 'recipes show',
    summary: 'Show the card of a recipe: paper, claims, ingredients, what changes for a dataset, and its spec there',
    positional: 'name',
    input: z.strictObject({ name: z.string().min(1).describe('a recipe'), dataset: dataset.optional() }),
    output: recipeViewSchema,
  },
} as const satisfies Record<string, VerbDefinition>
