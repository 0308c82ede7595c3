/**
 * Both towers with int8 weights beside those of float32, and what that costs: every user and item is embedded by both, and both are measured
 * by the protocol of the run.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unavailable } from '../../../contract/errors.ts'
import { cutsOf, inMetricOrder } from '../../../contract/metrics.ts'
import type { Progress, Stage } from '../../../contract/shapes/progress.ts'
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import { overlap } from '../../ann/compare.ts'
import { onnxBytes } from '../../compute/onnx.ts'
import { trace } from '../../compute/trace.ts'
import type { Dataset, Side } from '../../dataset/dataset.ts'
import { evaluate, type Evaluation } from '../../evaluation/evaluate.ts'
import { createBatcher } from '../../features/batches.ts'
import { encodeSide } from '../../features/encode.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { fittedScorer } from '../../model/scoring.ts'
import { standaloneProgram } from '../../model/standalone.ts'
import type { RunTowers } from '../../model/towers.ts'
import { Embedder, type Trained } from '../../training/embed.ts'
import { type ExportSource, openMeasured, openTowers, requireRanking, requireTwoTower } from '../source.ts'
import { quantisedGraph } from './graph.ts'
import { quantisedState } from './quantise.ts'

const SIDES = ['user', 'item'] as const
const FILES = { user: 'user_tower.int8.onnx', item: 'item_tower.int8.onnx' } as const
const FLOAT_FILES = { user: RUN_FILES.userTower, item: RUN_FILES.itemTower } as const
export const INT8_FILE = 'int8.json'
/** Items of the lists that are compared. */
const K = 10

interface Int8Facts {
  readonly weights: string
  readonly protocol: string
  /** bytes of both towers */
  readonly bytes: { readonly float32: number; readonly int8: number }
  readonly metrics: { readonly float32: Metrics; readonly int8: Metrics }
  /** share of the ten best by float32 that are among the ten best by int8, users' mean */
  readonly sameTop10: number
}

/**
 * `user_tower.int8.onnx`, `item_tower.int8.onnx` and `int8.json`.
 * @throws PylonError bad-input for a blend, unavailable without a test part, conflict where the dataset was replaced
 */
export async function* writeInt8(source: ExportSource): Stage {
  const { run, folder, threads } = source
  requireTwoTower(source)
  const { dataset, protocol } = await openMeasured(
    source,
    unavailable('What int8 costs is measured on the test part, which this dataset does not have: export without it.', 'int8'),
  )
  const pair = (await openTowers(source)).pairs[0]!
  const small = quantisedState(pair.model, pair.trained)
  for (const side of SIDES) {
    yield { stage: 'write int8 towers', done: side === 'user' ? 0 : 1, total: 2, unit: 'towers' }
    const graph = await trace(standaloneProgram(pair.model[side], small))
    const facts = { side, dim: String(graph.outputs[0]!.shape[1]), weights: 'int8' }
    await writeFileAtomic(join(folder, FILES[side]), onnxBytes(quantisedGraph(graph), facts))
  }
  const measured: Evaluation[] = []
  for (const trained of [pair.trained, small]) {
    const { user, item } = yield* embedded(pair, trained, dataset, threads)
    const matching = requireRanking(source).metric
    const scorer = await fittedScorer({ kind: 'vectors', dim: pair.model.dim, users: user, items: item, matching }, dataset, threads)
    try {
      measured.push(
        yield* evaluate({ dataset, protocol, k: [...new Set([K, ...cutsOf(Object.keys(run.metrics))])], scorer, keepLists: true }),
      )
    } finally {
      await scorer.dispose?.()
    }
  }
  const [float32, int8] = measured as [Evaluation, Evaluation]
  const bytes = async (files: Readonly<Record<Side, string>>): Promise<number> => {
    const sizes = await Promise.all(SIDES.map((side) => stat(join(folder, files[side]))))
    return sizes.reduce((sum, { size }) => sum + size, 0)
  }
  const facts: Int8Facts = {
    weights: 'int8, symmetric: a scale for each row of a table and each column of a layer; activations float32',
    protocol: protocol.hash,
    bytes: { float32: await bytes(FLOAT_FILES), int8: await bytes(FILES) },
    metrics: { float32: float32.metrics, int8: int8.metrics },
    sameTop10: sameTop(float32, int8),
  }
  await writeFileAtomic(join(folder, INT8_FILE), `${JSON.stringify(facts, null, 2)}\n`)
}

/** Vectors of all users, as of the test part, and of all items. */
async function* embedded(
  { model, encoders }: RunTowers,
  trained: Trained,
  dataset: Dataset,
  threads: number,
): AsyncGenerator<Progress, Record<Side, Float32Array>> {
  const batcher = await createBatcher(encoders, dataset, { parts: [], eventCodes: null })
  const vectors: Partial<Record<Side, Float32Array>> = {}
  for (const side of SIDES) {
    const encoded = await encodeSide(encoders, side, dataset)
    const embedder = await Embedder.create(model[side], trained, { threads })
    try {
      const all = Int32Array.from({ length: encoded.count }, (_, i) => i)
      vectors[side] = yield* embedder.embed(encoded, all, (block) =>
        side === 'user' ? batcher.queryContext(block, 'train+validation') : null,
      )
    } finally {
      await embedder.dispose()
    }
  }
  return vectors as Record<Side, Float32Array>
}

function sameTop(a: Evaluation, b: Evaluation): number {
  const first = ({ lists }: Evaluation, u: number): Int32Array =>
    lists!.items.subarray(u * lists!.depth, u * lists!.depth + Math.min(K, lists!.depth))
  let sum = 0
  for (let u = 0; u < a.users; u++) sum += overlap(first(a, u), first(b, u))
  return sum / a.users
}

/** What README.md says of them. */
export async function int8Words(folder: string): Promise<string[]> {
  const { bytes, metrics, sameTop10, weights } = JSON.parse(await readFile(join(folder, INT8_FILE), 'utf8')) as Int8Facts
  const shown = inMetricOrder(Object.keys(metrics.int8)).filter((name) => /^(cold\.)?(recall|ndcg)@/.test(name))
  const mega = (size: number): string => `${(size / 1e6).toFixed(1)} MB`
  return [
    '',
    `\`${FILES.user}\` and \`${FILES.item}\` have the same inputs and output with weights of ${weights}: ${mega(bytes.int8)} instead of ${mega(bytes.float32)}. What that costs, measured by the protocol of the run when this was written (\`${INT8_FILE}\`): of the ten best by float32, ${(100 * sameTop10).toFixed(1)} % are among the ten best by int8.`,
    '',
    '| metric | float32 | int8 | difference |',
    '|---|--:|--:|--:|',
    ...shown.map((name) => {
      const [before, after] = [metrics.float32[name]!, metrics.int8[name]!]
      return `| ${name} | ${before.toFixed(4)} | ${after.toFixed(4)} | ${after < before ? '−' : '+'}${Math.abs(after - before).toFixed(4)} |`
    }),
  ]
}
