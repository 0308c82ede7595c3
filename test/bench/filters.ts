/**
 * Where comparing every item that a filter lets through stops paying: one query compared with all of them beside the index asked as deep as
 * the filter needs, by width and by share, one after the other. Random vectors at 50,000 items where no amount is given. Of each row: how many
 * candidates, how deep the index is asked, both medians, and the recall of the index.
 */
import { indexSchema } from '../../main/contract/shapes/spec.ts'
import { buildIndex } from '../../main/engine/ann/usearch.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { Retriever } from '../../main/engine/model/retriever.ts'
import { depthFor, searchIndex } from '../../main/engine/model/search-index.ts'
import { numbers } from '../helpers/numbers.ts'

const [WIDTHS, SHARES, K, QUERIES] = [[16, 64, 256], [1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02], 20, 60]

export async function benchFilters(items = 50_000): Promise<void> {
  console.log('width   share  candidates   depth   compared ms   index ms   ratio   recall')
  for (const dim of WIDTHS) {
    const vectors = numbers(items * dim, 1)
    const index = await drain(buildIndex(vectors, { dim, metric: 'dot', spec: indexSchema.parse({}) }))
    const retriever = new Retriever(vectors, dim, 'dot')
    const draws = numbers(items, 5)
    for (const share of SHARES) {
      const order = [...draws.keys()].sort((a, b) => draws[a]! - draws[b]!).slice(0, Math.round(items * share))
      const filter = share === 1 ? null : new Uint8Array(items)
      for (const key of order) if (filter !== null) filter[key] = 1
      const depth = depthFor({ k: K, excluded: 0, candidates: order.length, size: items, filtered: filter !== null })
      const [compared, asked]: [number[], number[]] = [[], []]
      let found = 0
      for (let q = -5; q < QUERIES; q++) {
        const query = numbers(dim, 100 + q)
        const began = performance.now()
        const exact = await retriever.search(query, { k: K, filter, by: 'exact' })
        const between = performance.now()
        const near = searchIndex(index, query, depth, new Set(), filter)
        const ended = performance.now()
        if (q < 0) continue // warm
        compared.push(between - began)
        asked.push(ended - between)
        const of = new Set(exact.keys)
        found += near.keys.subarray(0, K).filter((key) => of.has(key)).length
      }
      const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!
      const [a, b] = [median(compared), median(asked)]
      const cells = [String(dim).padStart(5), share.toFixed(2).padStart(7), String(order.length).padStart(11), String(depth).padStart(7)]
      console.log(
        `${cells.join(' ')}  ${a.toFixed(3).padStart(12)} ${b.toFixed(3).padStart(10)} ${(a / b).toFixed(2).padStart(7)} ${(found / QUERIES / K).toFixed(3).padStart(8)}`,
      )
    }
    await retriever.dispose()
    index.dispose()
  }
}
