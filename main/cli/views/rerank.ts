/** The result of re-ranking as text: retrieval and second stage side by side. */
import { metricAtCut } from '../../contract/metrics.ts'
import type { RerankResult } from '../../contract/verbs/rerank.ts'
import { protocolLine } from '../measures.ts'
import { counted, metric, right, style, table } from '../table.ts'

export function showRerank({ top, features, trainedOn, users, retrieved, reranked, protocol }: RerankResult): string {
  const cut = Math.min(10, top)
  const names = [metricAtCut('recall', top), ...['ndcg', 'recall', 'mrr', 'hit'].map((kind) => metricAtCut(kind, cut))]
  return [
    table(
      ['metric', right('retrieved'), right('re-ranked')],
      [...new Set(names)].map((name) => [name, metric(retrieved[name] ?? 0), metric(reranked[name] ?? 0)]),
    ),
    protocolLine(protocol),
    `${counted(users, 'users')}; the second stage learned from ${counted(trainedOn, 'users')} whose validation item was among their ${counted(top, 'candidates')}`,
    style('dim', `cross features: ${features.join(', ')}`),
  ].join('\n')
}
