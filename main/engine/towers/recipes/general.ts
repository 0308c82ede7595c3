/** The recommended start for any dataset. */
import { batchFor, type Recipe } from './recipe.ts'

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
} as const satisfies Record<string, Recipe>
