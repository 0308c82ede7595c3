/** Recall and NDCG of the first numbers of vectors, against a ranking that the test makes itself, pair by pair, in float64. */
import { expect, test } from 'vitest'
import { drain } from '../../../main/engine/files/drain.ts'
import { evaluateWidths } from '../../../main/engine/evaluation/widths.ts'
import { protocolOfRun } from '../../../main/engine/protocol/protocol.ts'
import { specSchema, twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import type { VectorModel } from '../../../main/engine/model/scoring.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { numbers } from '../../helpers/numbers.ts'

const [USERS, ITEMS, DIM] = [15, 40, 6] as const
/** Three items of each user in training, the fourth held out. */
const dataset = memoryDataset({
  items: Array.from({ length: ITEMS }, (_, i) => ({ id: String(i) })),
  interactions: Array.from({ length: USERS }, (_, u) =>
    Array.from(
      { length: 4 },
      (_, k) => ({ user: String(u), item: String((u * 7 + k * 11) % ITEMS), time: k, part: k === 3 ? 'test' : 'train' }) as const,
    ),
  ).flat(),
})

const dot = (a: ArrayLike<number>, b: ArrayLike<number>, width: number): number => {
  let sum = 0
  for (let j = 0; j < width; j++) sum += a[j]! * b[j]!
  return sum
}

test.each([
  ['cosine', 1],
  ['dot', 1],
  ['euclidean', 1],
  ['cosine', 2],
] as const)('by %s, %d vectors a user', async (kind, interests) => {
  const users = numbers(USERS * interests * DIM, 5)
  const items = numbers(ITEMS * DIM, 6)
  const model: VectorModel = {
    kind: 'vectors',
    dim: DIM,
    users,
    items,
    matching: kind,
  }
  const protocol = protocolOfRun(specSchema.parse({}), dataset.manifest, 'test')
  const found = await drain(evaluateWidths({ dataset, protocol, k: [5, 10], model, widths: [2, 4], threads: 1 }))
  for (const width of [2, 4]) {
    const score = (u: Float32Array, v: Float32Array): number => {
      const [uv, uu, vv] = [dot(u, v, width), dot(u, u, width), dot(v, v, width)]
      return kind === 'dot' ? uv : kind === 'cosine' ? uv / Math.sqrt(uu * vv) : 2 * uv - uu - vv
    }
    const ranks = Array.from({ length: USERS }, (_, u) => {
      const of = (item: number): number =>
        Math.max(
          ...Array.from({ length: interests }, (_each, n) => score(users.subarray((u * interests + n) * DIM), items.subarray(item * DIM))),
        )
      const held = (u * 7 + 33) % ITEMS
      const others = Array.from({ length: ITEMS }, (_each, i) => i).filter((i) => ![0, 11, 22].map((k) => (u * 7 + k) % ITEMS).includes(i))
      return 1 + others.filter((i) => i !== held && of(i) > of(held)).length
    })
    for (const k of [5, 10]) {
      const hits = ranks.filter((rank) => rank <= k)
      expect(found[`dim${width}.recall@${k}`]).toBeCloseTo(hits.length / USERS, 6)
      expect(found[`dim${width}.ndcg@${k}`]).toBeCloseTo(hits.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0) / USERS, 6)
    }
  }
  expect(Object.keys(found)).toHaveLength(8)
})

test.each([
  [[4, 2], 6, /rise, and stay below 6/],
  [[6], 6, /stay below 6/],
  [[2], null, /set output/],
] as const)('widths %j of vectors of %s are refused', (matryoshka, output, message) => {
  const tower = { features: [{ kind: 'id', dim: 4 }], hidden: [], output }
  const spec = twoTowerSchema.parse({ user: tower, item: tower, training: { matryoshka } })
  expect(() => resolveSpec(spec, dataset.manifest)).toThrow(message)
})
