/** Names of metrics: taken apart, put in order, and which way is better. */
import { expect, test } from 'vitest'
import {
  betterWay,
  cutsOf,
  formatMetric,
  headlineOf,
  inMetricOrder,
  kindsOf,
  metricAtCut,
  parseMetric,
  parseQueryMetric,
} from '../../../main/contract/metrics.ts'

test('a name is taken apart and put together', () => {
  expect(parseMetric('cold.recall@20')).toEqual({ slice: 'cold', kind: 'recall', k: 20 })
  expect(['seconds', '@5', 'recall@'].map(parseMetric)).toEqual([null, null, null])
  expect(metricAtCut('cold.recall', 20)).toBe('cold.recall@20')
  for (const name of ['recall@5', 'cold.ndcg@20', 'own@1']) expect(formatMetric(parseMetric(name)!)).toBe(name)
  const names = ['recall@20', 'recall@5', 'ndcg@10', 'cold.recall@5', 'other']
  expect([cutsOf(names), kindsOf(names), headlineOf(names), headlineOf(['hit@1'])]).toEqual([
    [5, 10, 20],
    ['recall', 'ndcg', 'cold.recall'],
    'ndcg@10',
    'hit@1',
  ])
})

test('a metric of a query is of all queries, of a kind that one query has, at a cut-off from 1', () => {
  expect(parseQueryMetric('map@10')).toEqual({ kind: 'map', k: 10 })
  const others = ['cold.recall@20', 'coverage@20', 'ndcg@0', 'ndcg@1000000', 'NDCG@20', ' ndcg@20', 'ndcg@', 'ndcg']
  expect(others.map(parseQueryMetric)).toEqual(others.map(() => null))
})

test('names stand in one order: all queries first, then by kind and cut-off; what is unknown comes last', () => {
  const names = ['cold.recall@5', 'own@3', 'gini@5', 'coverage@5', 'ndcg@20', 'recall@20', 'recall@5', 'recall@5']
  expect(inMetricOrder(names)).toEqual(['recall@5', 'recall@20', 'ndcg@20', 'coverage@5', 'gini@5', 'own@3', 'cold.recall@5'])
})

test('an even exposure is better, and nobody says so of how novel or alike items are', () => {
  expect(['recall@5', 'cold.ndcg@5', 'gini@20', 'novelty@20', 'similarity@20', 'own@3'].map(betterWay)).toEqual([
    'higher',
    'higher',
    'lower',
    null,
    null,
    'higher',
  ])
})
