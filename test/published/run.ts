/**
 * `npm run published -- NAME…`: baselines on Gowalla beside the figures BARS publishes (reczoo/BARS, matching/), each with the settings
 * its log names. Heavy, so not a test; exits with 1 where a figure is off by more than .002. Needs the data folder (PYLON_DATA). What
 * `pylon prove` holds to four digits is held there.
 */
import { availableParallelism } from 'node:os'
import { ialsEpoch, ialsLoss, initialFactors } from '../../main/engine/evaluation/baselines/ials.ts'
import { fitItemKnn } from '../../main/engine/evaluation/baselines/item-knn.ts'
import { interactionMatrix, type InteractionMatrix } from '../../main/engine/dataset/interaction-matrix.ts'
import { evaluateAll } from '../../main/engine/evaluation/evaluate.ts'
import { type FittedModel, fittedScorer } from '../../main/engine/model/scoring.ts'
import { protocolOf } from '../helpers/protocol.ts'
import { EARLIER_PARTS } from '../../main/contract/shapes/protocol.ts'
import type { BlockRetriever } from '../../main/engine/model/blocks.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { dataFolder } from '../helpers/data.ts'
import { easeLists } from '../../main/engine/evaluation/baselines/ease-lists.ts'
import { readGowalla } from './gowalla.ts'

const TOLERANCE = 0.002
const threads = availableParallelism()

interface Published {
  /** recall@20 and ndcg@20; null where nobody has published this model on this split */
  readonly figures: readonly [number, number] | null
  readonly fit: (matrix: InteractionMatrix) => Promise<FittedModel | BlockRetriever>
}

const history = { parts: EARLIER_PARTS.test, events: [] } as const

const models: Readonly<Record<string, Published>> = {
  /** cosine, 100 neighbours, similarities normalised to sum 1, deviations from the item mean */
  'item-knn': {
    figures: [0.156994, 0.121364],
    fit: async (matrix) => {
      const weights = await drain(fitItemKnn(matrix, { neighbours: 100, shrinkage: 0, normalise: true, itemMean: true }))
      return { kind: 'item-item', weights, ...history }
    },
  },
  /** λ 80, no weight dropped; about ten minutes and 5 GB */
  ease: { figures: [0.176493, 0.146657], fit: (matrix) => drain(easeLists(matrix, { lambda: 80, threads })) },
  ials: {
    figures: null,
    fit: async (matrix) => {
      const options = { dim: 64, regularisation: 0.003, unobservedWeight: 0.1, frequencyScaling: 1, embeddingSd: 0.1, seed: 1 }
      const factors = initialFactors(matrix, options)
      for (let epoch = 1; epoch <= 8; epoch++) {
        await drain(ialsEpoch(matrix, factors, options))
        console.log(`  epoch ${epoch}, loss ${ialsLoss(matrix, factors, options).toFixed(5)}`)
      }
      return { kind: 'vectors', matching: 'dot', dim: 64, users: Float32Array.from(factors.users), items: Float32Array.from(factors.items) }
    },
  },
}

const wanted = process.argv.slice(2)
const folder = dataFolder('gowalla')
const unknown = wanted.find((name) => !Object.hasOwn(models, name))
if (folder === null) fail('There is no gowalla folder in the data: set PYLON_DATA.')
else if (wanted.length === 0 || unknown !== undefined) fail(`Name some of ${Object.keys(models).join(', ')}.`)
else {
  const dataset = readGowalla(folder)
  const matrix = interactionMatrix(dataset, EARLIER_PARTS.test, [])
  const protocol = protocolOf(dataset)
  for (const name of wanted) {
    const { figures, fit } = models[name]!
    const started = performance.now()
    const fitted = await fit(matrix)
    const scorer = 'retrieve' in fitted ? fitted : await fittedScorer(fitted, dataset, threads)
    const seconds = (performance.now() - started) / 1000
    const { metrics } = await evaluateAll({ dataset, protocol, k: [20], scorer })
    if ('dispose' in scorer) await scorer.dispose?.()
    const ours = [metrics['recall@20']!, metrics['ndcg@20']!] as const
    const off = figures === null ? 0 : Math.max(...figures.map((figure, i) => Math.abs(figure - ours[i]!)))
    const published = figures === null ? 'none published' : `published ${figures.map((figure) => figure.toFixed(4)).join(' / ')}`
    console.log(`${name}: recall@20 ${ours[0].toFixed(4)}, ndcg@20 ${ours[1].toFixed(4)} (${published}); fitted in ${seconds.toFixed(0)} s`)
    if (off > TOLERANCE) fail(`${name} is off by ${off.toFixed(4)}, more than ${TOLERANCE}.`)
  }
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
