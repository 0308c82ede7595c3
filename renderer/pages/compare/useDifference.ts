/** The two runs that are compared query by query, how, and which of the users are looked at: all of it in the URL. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { DifferenceResult } from '@contract/verbs.ts'
import { DIFFERENCE_SLICES, DIFFERENCE_SORTS } from '@contract/verbs/difference.ts'
import { useJob } from '@/composables/useJob.ts'
import { useQueryChoice, useQueryFlag, useQueryNumber, useQueryState, useQueryValue } from '@/composables/useQueryState.ts'
import type { ComparedGroup } from './useCompared.ts'
import { usePair } from './usePair.ts'

export const OUTCOMES = ['all', 'win', 'loss', 'tie'] as const

export type Difference = ReturnType<typeof useDifference>

/** What was computed stays for this visit: going back to a metric or a pair is instant. */
const kept = new Map<string, DifferenceResult>()

export function useDifference(groups: () => readonly ComparedGroup[]) {
  const { a, b, pair, metric, swap } = usePair(groups)
  const job = useJob('runs.difference')
  const result = shallowRef<DifferenceResult | null>(null)

  watch(
    () => (pair.value === null ? '' : JSON.stringify([pair.value[0].run, pair.value[1].run, metric.value])),
    async (key) => {
      result.value = kept.get(key) ?? null
      if (key === '' || result.value !== null) {
        if (job.busy.value) await job.cancel()
        job.reset()
        return
      }
      const [a, b, asked] = JSON.parse(key) as [string, string, string]
      if (job.busy.value) await job.cancel()
      const found = await job.start({ runs: [a, b], metric: asked, users: 0 })
      if (found === null) return
      kept.set(key, found)
      if (pair.value?.[0].run === a && pair.value[1].run === b && metric.value === asked) result.value = found
    },
    { immediate: true },
  )
  // it answers whoever looks
  onScopeDispose(() => void job.cancel())

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
