/**
 * `npm run ledgers`: do the intervals of the ledger's trainings hold 0 where nothing was changed? On a small market whose columns are known, two
 * groups of trainings of one spec, each with seeds of its own, are compared as a column and its absence are; so often as is said.
 *
 *   node test/published/ledgers.ts [--pairs 40] [--seeds 3] [--epochs 6]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { twoTowerSchema } from '../../main/contract/shapes/spec.ts'
import { importInput } from '../../main/contract/verbs/datasets.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { heldOut } from '../../main/engine/evaluation/held-out.ts'
import { queryValues, rankHeldOut } from '../../main/engine/evaluation/ranks.ts'
import { meanOfRepeats } from '../../main/engine/evaluation/crossed.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { importDataset } from '../../main/engine/import/import.ts'
import { fitTwoTower } from '../../main/engine/jobs/training/fit.ts'
import { fittedScorer } from '../../main/engine/model/scoring.ts'
import { protocolOfRun } from '../../main/engine/protocol/protocol.ts'
import { writePlantedMarket } from '../helpers/planted-columns.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '6' },
  },
})
const [pairs, seeds, epochs] = [values.pairs, values.seeds, values.epochs].map(Number) as [number, number, number]
const folder = mkdtempSync(join(tmpdir(), 'pylon-ledgers-'))
const signal = new AbortController().signal
try {
  const datasetFolder = join(folder, 'dataset')
  const input = importInput.parse({ name: 'planted', ...writePlantedMarket(join(folder, 'files')) })
  await drain(importDataset({ ...input, folder: datasetFolder, say: () => undefined, threads: 1 }))
  const dataset = await openDataset(datasetFolder, null)
  const columns = ['taste', 'genre', 'copy', 'noise'].map((column) => ({ kind: 'category', name: column, column, dim: 8 }))
  const spec = {
    ...twoTowerSchema.parse({
      user: { features: [{ kind: 'id', dim: 16 }] },
      item: { features: columns },
      training: { epochs, batchSize: 256, earlyStopping: null, finalFit: false },
      evaluation: { seen: 'included' },
    }),
    model: 'two-tower' as const,
  }
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const held = heldOut(dataset, protocol)

  const valuesOf = async (seed: number): Promise<Float64Array> => {
    const runFolder = join(folder, String(seed))
    mkdirSync(runFolder)
    let found: Float64Array = new Float64Array(0)
    const own = { ...spec, training: { ...spec.training, seed } }
    const place = { run: 'a', runFolder, fileRecords: [], datasetFolder, datasetRecord: null, spec: own, resume: false, warmStart: null }
    const fit = fitTwoTower(
      { ...place, members: [], threads: 1 },
      own,
      dataset,
      { threads: 1, signal, guard: ANY_PATH, temp: runFolder },
      {
        gates: [],
        metric: 'ndcg@20',
        measure: async function* (model) {
          const scorer = await fittedScorer(model, dataset, 1)
          found = queryValues(held, await drain(rankHeldOut({ dataset, protocol, scorer })), { kind: 'ndcg', k: 20 })
          await scorer.dispose?.()
          yield { kind: 'message', level: 'info', text: `seed ${seed}` }
        },
      },
    )
    let next = await fit.next()
    while (next.done !== true) next = await fit.next()
    await next.value.phase.dispose()
    rmSync(runFolder, { recursive: true })
    return found
  }

  let holds = 0
  for (let pair = 0; pair < pairs; pair++) {
    const differences: Float64Array[] = []
    for (let i = 0; i < seeds; i++) {
      const [a, b] = [await valuesOf(2 * (pair * seeds + i) + 1), await valuesOf(2 * (pair * seeds + i) + 2)]
      differences.push(a.map((value, q) => value - b[q]!))
    }
    const { mean, low, high } = meanOfRepeats(differences)
    if (low <= 0 && high >= 0) holds++
    console.log(`${pair + 1}: ${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}], ${holds} of ${pair + 1} hold 0`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
