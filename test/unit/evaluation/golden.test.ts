import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { makeProtocol } from '../../../main/engine/protocol/protocol.ts'
import type { Scorer } from '../../../main/engine/model/scoring.ts'
import { market, type Columns } from './market.ts'

interface Golden {
  ks: number[]
  cases: (Columns & {
    scores: (number | null)[]
    protocols: {
      part: 'validation' | 'test'
      seen: 'masked' | 'included'
      events: number[]
      users: number
      coldUsers: number
      metrics: Record<string, number>
      ranks: number[]
    }[]
  })[]
}
const golden = JSON.parse(readFileSync(new URL('../../golden/metrics.json', import.meta.url), 'utf8')) as Golden
const names = ['view', 'click', 'book']

/** Against NumPy: test/golden/make.py, which sorts every list in full. */
test.for(golden.cases.flatMap((data, c) => data.protocols.map((protocol, p) => ({ name: `case ${c}, protocol ${p}`, data, protocol }))))(
  'every metric, the cold slice and the ranks, masked and with ties: $name',
  async ({ data, protocol }) => {
    const scores = Float32Array.from(data.scores, (score) => score ?? -Infinity)
    const scorer: Scorer = {
      score(users, out) {
        for (const [row, user] of users.entries()) out.set(scores.subarray(user * data.items, (user + 1) * data.items), row * data.items)
      },
    }
    const dataset = market({ ...data, events: names })
    const chosen = makeProtocol({
      manifest: dataset.manifest,
      part: protocol.part,
      fittedOn: 'train',
      seen: protocol.seen,
      events: protocol.events.map((code) => names[code]!),
      search: 'exact',
    })
    const result = await evaluateAll({ dataset, protocol: chosen, k: golden.ks, scorer, keepRanks: true })

    expect([result.users, result.sliceUsers.cold ?? 0, [...result.ranks!]]).toEqual([protocol.users, protocol.coldUsers, protocol.ranks])
    expect(Object.keys(result.metrics).sort()).toEqual(Object.keys(protocol.metrics).sort())
    const off = Object.entries(protocol.metrics).map(([name, value]) => Math.abs(result.metrics[name]! - value))
    expect(Math.max(...off)).toBeLessThan(1e-12)
  },
)
