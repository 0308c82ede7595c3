/** An ANN index as a retriever, so that it is measured by the same code as exact search. Seen items are asked for and dropped. */
import type { AnnIndex } from '../ann/usearch.ts'
import type { Retriever } from './retrieve.ts'

const BLOCK = 256

/** Retrieves for users by their vectors [users × dim]: each search asks for as many more as the user has seen. */
export function annRetriever(index: AnnIndex, userVectors: Float32Array): Retriever {
  const { dim } = index
  return {
    blockSize: BLOCK,
    retrieve({ users, depth, lists, seen, question }) {
      lists.fill(-1)
      question?.ranks.fill(0)
      for (const [row, user] of users.entries()) {
        const masked = new Set(seen?.(user))
        const { keys } = index.search(userVectors.subarray(user * dim, (user + 1) * dim), depth + masked.size)
        const found = keys.filter((key) => !masked.has(key)).subarray(0, depth)
        lists.set(found, row * depth)
        if (question === undefined) continue
        for (let i = question.offsets[row]!; i < question.offsets[row + 1]!; i++) question.ranks[i] = found.indexOf(question.items[i]!) + 1
      }
    },
  }
}
