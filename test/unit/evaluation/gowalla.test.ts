import { expect } from 'vitest'
import { mostPopularScorer } from '../../../main/engine/evaluation/baselines.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import { dataFolder } from '../../helpers/data.ts'
import { needing } from '../../helpers/needs.ts'
import { readGowalla } from '../../published/gowalla.ts'

const folder = dataFolder('gowalla')

/** Published with the data: 0.04163 and 0.03169, ties by the smaller item id. */
needing('data:gowalla').test(
  'most popular on Gowalla, also with a validation part cut',
  async () => {
    const dataset = readGowalla(folder!)
    const protocol = protocolOf(dataset)
    const { metrics, users } = await evaluateAll({
      dataset,
      protocol,
      k: [20],
      scorer: mostPopularScorer(dataset, ['train', 'validation']),
    })
    expect([users, metrics['recall@20']!.toFixed(5), metrics['ndcg@20']!.toFixed(5)]).toEqual([29_858, '0.04163', '0.03169'])
  },
  60_000,
)
