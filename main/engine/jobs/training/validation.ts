/** The validation metrics of a model in training: the users drawn once by the seed, ranked by the same code as the final evaluation. */
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import { evaluateAll } from '../../evaluation/evaluate.ts'
import { heldOut } from '../../evaluation/held-out.ts'
import { makeProtocol } from '../../evaluation/protocol.ts'
import { vectorScorer } from '../../evaluation/vectors.ts'
import { drain } from '../../training/embed.ts'
import { embedItems, embedUsers, type Phase } from '../../training/phase.ts'
import { random, shuffle } from '../../training/random.ts'

/** A function that evaluates the phase's present weights on the validation part. */
export function createValidation(phase: Phase, threads: number): () => Promise<Metrics> {
  const { spec, dataset, model } = phase
  const { manifest } = dataset
  const protocol = makeProtocol({
    manifest,
    part: 'validation',
    seen: spec.evaluation.seen,
    events: spec.evaluation.events,
    search: 'exact',
  })
  const users = drawUsers(heldOut(dataset, protocol).users, spec.training.earlyStopping?.maxUsers ?? Infinity, spec.training.seed)
  const k = [...new Set([...spec.evaluation.k, cutOff(spec.training.earlyStopping?.metric)])]
  return async () => {
    const vectors = await drain(embedUsers(phase, 'train', threads, users))
    const userVectors = new Float32Array(manifest.users * model.dim)
    for (const [row, user] of users.entries()) userVectors.set(vectors.subarray(row * model.dim, (row + 1) * model.dim), user * model.dim)
    const itemVectors = await drain(embedItems(phase, threads))
    const scorer = await vectorScorer({ userVectors, itemVectors, dim: model.dim, threads, match: spec.match })
    try {
      return (await evaluateAll({ dataset, protocol, k, scorer, users, slices: [] })).metrics
    } finally {
      await scorer.dispose()
    }
  }
}

/** At most `count` of the users, drawn by the seed, in index order. */
function drawUsers(users: Int32Array, count: number, seed: number): Int32Array {
  if (users.length <= count) return users
  const drawn = users.slice()
  shuffle(drawn, random(seed, 'validation'))
  return drawn.slice(0, count).sort()
}

function cutOff(metric = 'ndcg@20'): number {
  return Number(metric.split('@')[1] ?? 20)
}
