/** An ANN index as a retriever, so that it is measured by the same code as exact search. Seen items are asked for and dropped. */
import { mergeByBest, vectorsOf } from '../ann/interests.ts'
import type { AnnIndex } from '../ann/usearch.ts'
import type { Retriever } from '../model/retriever.ts'

const BLOCK = 256

/**
 * Retrieves for users by their vectors [users × interests·dim]: each search asks for as many more as the user has seen; the answers for a
 * user's interests are merged.
 */
export function annRetriever(index: AnnIndex, userVectors: Float32Array, interests = 1): Retriever {
  const width = index.dim * interests
  return {
    blockSize: BLOCK,
    retrieve({ users, depth, lists, seen, question }) {
      lists.fill(-1)
      question?.ranks.fill(0)
      for (const [row, user] of users.entries()) {
        const masked = new Set(seen?.(user))
        const wanted = depth + masked.size
        const queries = vectorsOf(userVectors.subarray(user * width, (user + 1) * width), index.dim)
        const answers = queries.map((query) => index.search(query, wanted))
        const { keys } = answers.length === 1 ? answers[0]! : mergeByBest(answers, wanted)
        const found = keys.filter((key) => !masked.has(key)).subarray(0, depth)
        lists.set(found, row * depth)
        if (question === undefined) continue
        for (let i = question.offsets[row]!; i < question.offsets[row + 1]!; i++) question.ranks[i] = found.indexOf(question.items[i]!) + 1
      }
    },
  }
}
