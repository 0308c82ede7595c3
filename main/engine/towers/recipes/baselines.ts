/** The baselines as recipes: what a two-tower has to beat. */
import type { Recipe } from './recipe.ts'

const common = { group: 'baseline', needs: [] } as const

export const baselines = {
  'most-popular': {
    ...common,
    title: 'Most popular',
    summary: 'Items by their number of interactions: the line every model has to beat',
    paper: null,
    claims: [],
    ingredients: ['counts of train and validation', 'popularity.kind market or recency for the line by market or of late'],
    changes: [],
    adapt: () => ({ config: { model: 'most-popular' } }),
  },
  'item-knn': {
    ...common,
    title: 'Item-item nearest neighbours',
    summary: 'Items similar to those a user has met, by cosine of their user sets',
    paper:
      'Sarwar, Karypis, Konstan & Riedl: Item-based collaborative filtering recommendation algorithms. WWW 2001; Dacrema et al., RecSys 2019',
    claims: ['tuned well, it beats many newer models (Dacrema et al. 2019)'],
    ingredients: [
      'cosine with shrinkage',
      'published on Gowalla (BARS): neighbours 100, shrinkage 0, normalise and itemMean true, recall@20 .1570',
    ],
    changes: ['shrinkage and neighbours are chosen on the validation part; pin them to repeat a published figure'],
    adapt: () => ({ config: { model: 'item-knn' } }),
  },
  ease: {
    ...common,
    title: 'EASE',
    summary: 'Linear item-item regression with a zero diagonal, in closed form',
    paper: 'Steck: Embarrassingly shallow autoencoders for sparse data. WWW 2019',
    claims: ['more accurate than deep autoencoders on most of their data sets, with one hyper-parameter'],
    ingredients: ['the inverse of XᵀX + λI', 'published on Gowalla (BARS): lambda 80, recall@20 .1765'],
    changes: [
      'λ is chosen on the validation part; pin it to repeat a published figure',
      'the smaller of users and items is inverted, by Woodbury’s identity',
      'of each item the 4,000 weights of largest magnitude are kept, which matters only beyond as many items; keep null keeps all',
    ],
    adapt: () => ({ config: { model: 'ease' } }),
  },
  ials: {
    ...common,
    title: 'iALS',
    summary: 'Matrix factorisation by alternating least squares over all pairs',
    paper:
      'Hu, Koren & Volinsky: Collaborative filtering for implicit feedback datasets. ICDM 2008; Rendle, Krichene, Zhang & Koren: Revisiting the performance of iALS on item recommendation benchmarks. RecSys 2022',
    claims: ['tuned well, it is on par with the best models of its benchmarks'],
    ingredients: [
      'exact solutions, row by row',
      'λ(n_u + α₀ n)^ν with ν = 1',
      'published on ML-20M: unobservedWeight 0.1, regularisation 0.003',
    ],
    changes: [
      'α₀ and λ are chosen on the validation part with fits of 6 epochs, then d from 32 to 256 as far as it gains; pin them to repeat a published figure',
      'rows that met at most a quarter of d are solved by the Woodbury identity in the basis of the Gram matrix: the same solutions in less time',
      'it sweeps until ten epochs bring nothing on the validation part, 100 times at most: on Gowalla it is best after 6, on Singapore’s Airbnb after 40',
    ],
    adapt: () => ({ config: { model: 'ials' } }),
  },
} as const satisfies Record<string, Recipe>
