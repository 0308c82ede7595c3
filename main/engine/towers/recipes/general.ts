/** The recommended start for any dataset, and what is ahead of it where columns tell much. */
import { autoFeatures } from '../../features/auto.ts'
import { batchFor, itemColumns, type Recipe } from './recipe.ts'
import type { FeatureConfig } from './recipe-features.ts'

export const general = {
  'two-tower': {
    title: 'Two towers with all features',
    group: 'default',
    summary: 'Every feature the dataset has on both sides, an MLP each, in-batch softmax with logQ correction: the default',
    paper: null,
    claims: [],
    ingredients: [
      'features chosen by the columns’ kinds',
      'a hidden layer of 128 with layer norm, output 64',
      'cosine, τ 0.07',
      'in-batch softmax, logQ corrected',
    ],
    changes: [],
    needs: [],
    adapt: (manifest) => ({
      config: {
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
      },
    }),
  },
  'linear-towers': {
    title: 'Linear towers, wide vectors',
    group: 'default',
    summary:
      'Every feature of both sides added up to vectors of 256, no hidden layer, and the time of the request: a factorisation machine in two halves',
    paper: 'Rendle: Factorization machines. ICDM 2010, of whose pairs the dot product has those between user and item',
    claims: ['interactions of all pairs of features, in time linear in their number'],
    ingredients: ['one vector a value of a feature, added up', 'dot product of the two sums'],
    changes: [
      'softmax over the batch with logQ correction, on cosines, instead of a regression',
      'three epochs along a cosine, eight where users have a hundred interactions: towers of many columns overfit soon, and a learning rate that falls to 0 meanwhile gives more than stopping does',
      'the periods of the training time that the request falls in and the item came in, where there are times: worth much where the last of each user is held out, nothing where all that is tested comes later (docs/default.md)',
    ],
    needs: [],
    adapt: (manifest) => {
      const times = manifest.hasTime ? itemColumns(manifest, 'time') : []
      const [user, item] = [autoFeatures('user', manifest), autoFeatures('item', manifest)]
      const request: FeatureConfig[] = manifest.hasTime ? [{ kind: 'time', name: free('request', user), parts: ['period'], dim: 128 }] : []
      const came = times.map(({ name: column }, n): FeatureConfig => {
        return { kind: 'time', name: free(n === 0 ? 'came' : `came-${n + 1}`, item), column, parts: ['period'], dim: 64 }
      })
      return {
        config: {
          user: { features: [...user, ...request], hidden: [], output: 256 },
          item: { features: [...item, ...came], hidden: [], output: 256 },
          match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.07 } },
          loss: { kind: 'in-batch-softmax' },
          training: {
            epochs: manifest.interactions >= 100 * manifest.users ? 8 : 3,
            batchSize: batchFor(manifest, 1024),
            tables: { kind: 'adam', learningRate: 0.003 },
            dense: { kind: 'adam', learningRate: 0.001 },
            schedule: { kind: 'cosine' },
          },
        },
      }
    },
  },
} as const satisfies Record<string, Recipe>

/** A name that no feature has. */
function free(wanted: string, features: readonly { readonly name: string }[]): string {
  return features.some(({ name }) => name === wanted) ? free(`${wanted}-period`, features) : wanted
}
