/** The two runs that are compared query by query, how, and which of the users are looked at: all of it in the URL. */
import { computed } from 'vue'
import type { DifferenceResult } from '@contract/verbs.ts'
import { DIFFERENCE_SLICES, DIFFERENCE_SORTS } from '@contract/verbs/difference.ts'
import { useAskedJob } from '@/composables/useAskedJob.ts'
import { useQueryChoice, useQueryFlag, useQueryNumber, useQueryState, useQueryValue } from '@/composables/useQueryState.ts'
import type { ComparedGroup } from './useCompared.ts'
import { usePair } from './usePair.ts'

export const OUTCOMES = ['all', 'win', 'loss', 'tie'] as const

export type Difference = ReturnType<typeof useDifference>

/** What was computed stays for this visit: going back to a metric or a pair is instant. */
const kept = new Map<string, DifferenceResult>()
const keyOf = (...of: readonly [a: string, b: string, metric: string]): string => JSON.stringify(of)

export function useDifference(groups: () => readonly ComparedGroup[]) {
  const { a, b, pair, metric, swap } = usePair(groups)
  const key = computed(() => (pair.value === null ? '' : keyOf(pair.value[0].run, pair.value[1].run, metric.value)))
  const job = useAskedJob('runs.difference', () => {
    if (pair.value === null || kept.has(key.value)) return null
    return { runs: [pair.value[0].run, pair.value[1].run], metric: metric.value, users: 0 }
  })
  const result = computed(() => {
    const found = job.result.value
    if (found !== null) kept.set(keyOf(found.a.run, found.b.run, found.metric), found)
    return kept.get(key.value) ?? null
  })
  return {
    /** ids; '' where there is no such run */
    a,
    b,
    /** of one protocol; null where no two runs share one */
    pair,
    metric,
    outcome: useQueryChoice('outcome', OUTCOMES),
    slice: useQueryChoice('slice', DIFFERENCE_SLICES),
    text: useQueryState('find'),
    sort: useQueryChoice('by', DIFFERENCE_SORTS),
    ascending: useQueryFlag('up'),
    /** a bar of the histogram: `from..to` */
    bar: useQueryValue<{ from: number; to: number } | null>('bar', null, {
      parse: (text) => {
        const [, from, to] = /^(-?\d+)\.\.(-?\d+)$/.exec(text) ?? []
        return from === undefined ? null : { from: Number(from), to: Number(to) }
      },
      print: (value) => (value === null ? '' : `${value.from}..${value.to}`),
    }),
    user: useQueryState('user'),
    depth: useQueryNumber('depth', 20),
    result,
    job,
    swap,
  }
}
