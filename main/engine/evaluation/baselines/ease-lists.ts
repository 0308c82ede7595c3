/**
 * EASE with every weight, for catalogues whose weights do not fit in memory: scores are made item by item for all users at once, of which
 * each user's best are kept. Ties go to the lower item index, as everywhere.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import { rowOf } from '../../dataset/interactions.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'
import type { BlockRetriever } from '../../model/blocks.ts'
import { easeColumns, type InverseOptions } from './ease.ts'

/** Items kept of each user. */
const DEPTH = 20
/** Items between two tellings of progress. */
const TURN = 200

/**
 * The first {@link DEPTH} items of each user that they have not met in the matrix, of those that have a score (`scoreHistory`). Memory is min(users, items)² × 4 bytes, time the inverse
 * and items × interactions additions.
 */
export async function* easeLists(matrix: InteractionMatrix, options: InverseOptions): AsyncGenerator<Progress, BlockRetriever> {
  const weightsOf = yield* easeColumns(matrix, options)
  const { users, items, byUser } = matrix
  const lists = new Int32Array(users * DEPTH).fill(-1)
  const best = new Float32Array(users * DEPTH).fill(-Infinity)
  const weights = new Float32Array(items)
  for (let item = 0; item < items; item++) {
    if (item % TURN === 0) yield { stage: 'scores', done: item, total: items, unit: 'items' }
    weightsOf(item, weights)
    for (let user = 0; user < users; user++) {
      let score = 0
      let met = false
      for (let i = byUser.offsets[user]!, end = byUser.offsets[user + 1]!; i < end; i++) {
        met ||= byUser.indices[i] === item
        score += weights[byUser.indices[i]!]!
      }
      if (!met && score !== 0) insert(user, item, score)
    }
  }
  return {
    blockSize: 1024,
    retrieve({ users: block, depth, lists: out, seen }) {
      for (const [row, user] of block.entries()) {
        if (seen?.(user).length !== 0 && rowOf(byUser, user).length === 0) throw new Error('Another history was masked than fitted.')
        out.fill(-1, row * depth, (row + 1) * depth)
        out.set(lists.subarray(user * DEPTH, user * DEPTH + Math.min(depth, DEPTH)), row * depth)
      }
    },
  }

  /** Items come in order, so an equal score goes behind. */
  function insert(user: number, item: number, score: number): void {
    let at = (user + 1) * DEPTH - 1
    if (score <= best[at]!) return
    for (; at > user * DEPTH && best[at - 1]! < score; at--) {
      best[at] = best[at - 1]!
      lists[at] = lists[at - 1]!
    }
    best[at] = score
    lists[at] = item
  }
}
