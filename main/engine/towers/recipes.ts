/** Recipes: named specs that adapt to a dataset's roles and size. */
import { PylonError } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { specSchema, type RunConfig, type RunSpec } from '../../contract/shapes/spec.ts'

interface Recipe {
  readonly summary: string
  config(manifest: DatasetManifest): RunConfig
}

/** The recipes by name. */
export const recipes = {
  'most-popular': {
    summary: 'Items by their number of training interactions: the line every model has to beat',
    config: () => ({ model: 'most-popular' }),
  },
  'item-knn': {
    summary: 'Items similar to those a user has met, by cosine of their user sets (Sarwar et al. 2001)',
    config: () => ({ model: 'item-knn' }),
  },
  ease: {
    summary: 'Linear item-item regression in closed form (Steck 2019)',
    config: () => ({ model: 'ease' }),
  },
  ials: {
    summary: 'Matrix factorisation by alternating least squares over all pairs (Hu et al. 2008, Rendle et al. 2021)',
    config: () => ({ model: 'ials' }),
  },
  'mf-softmax': {
    summary: 'Matrix factorisation by user and item id, cosine, softmax over uniformly sampled negatives (Wu et al. 2022, "SL")',
    config: (manifest) => ({
      user: { features: [{ kind: 'id', dim: 64 }], output: null },
      item: { features: [{ kind: 'id', dim: 64 }], output: null },
      match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.1 } },
      loss: { kind: 'sampled-softmax', negatives: 2048, sampler: { kind: 'uniform' } },
      training: {
        epochs: 60,
        batchSize: batchFor(manifest),
        tables: { kind: 'adam', learningRate: 0.005 },
        earlyStopping: { patience: 5 },
        finalFit: true,
      },
    }),
  },
  'two-tower': {
    summary: 'Every feature the dataset has on both sides, an MLP each, in-batch softmax with logQ correction: the default',
    config: (manifest) => ({
      user: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
      item: { features: 'auto', hidden: [128], layerNorm: true, output: 64 },
      match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
      loss: { kind: 'in-batch-softmax' },
      training: {
        epochs: 40,
        batchSize: batchFor(manifest),
        tables: { kind: 'adam', learningRate: 0.003 },
        dense: { kind: 'adam', learningRate: 0.001 },
        earlyStopping: { patience: 4 },
      },
    }),
  },
} as const satisfies Record<string, Recipe>

export type RecipeName = keyof typeof recipes

/** The spec of a recipe for a dataset, features still `auto` where the recipe says so. @throws PylonError bad-input listing the names */
export function recipeSpec(name: string, manifest: DatasetManifest): RunSpec {
  const recipe: Recipe | undefined = Object.hasOwn(recipes, name) ? recipes[name as RecipeName] : undefined
  if (recipe === undefined) {
    throw new PylonError('bad-input', `There is no recipe "${name}". There are ${Object.keys(recipes).join(', ')}.`, 'recipe')
  }
  return specSchema.parse({ ...recipe.config(manifest), recipe: name })
}

/** Large batches for large data: at least about a hundred steps an epoch, 2,048 at the most. */
function batchFor(manifest: DatasetManifest): number {
  const wanted = manifest.parts.train / 100
  return Math.max(128, Math.min(2048, 2 ** Math.round(Math.log2(wanted))))
}
