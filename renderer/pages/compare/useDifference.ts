/** The two runs that are compared query by query, how, and which of the users are looked at: all of it in the URL. */
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef, type WritableComputedRef } from 'vue'
import type { DifferenceResult, DifferenceSlice } from '@contract/verbs.ts'
import { DIFFERENCE_SLICES, DIFFERENCE_SORTS } from '@contract/verbs/difference.ts'
import { useJob, type Job } from '@/composables/useJob.ts'
import { useQueryFlag, useQueryNumber, useQueryState, useQueryValue } from '@/composables/useQueryState.ts'
import type { ComparedGroup, ComparedRun } from './useCompared.ts'

export const OUTCOMES = ['all', 'win', 'loss', 'tie'] as const
export type Outcome = (typeof OUTCOMES)[number]
export type DifferenceSort = (typeof DIFFERENCE_SORTS)[number]

export interface Difference {
  /** ids; '' where there is no such run */
  readonly a: WritableComputedRef<string>
  readonly b: WritableComputedRef<string>
  /** of one protocol; null where no two runs share one */
  readonly pair: ComputedRef<readonly [ComparedRun, ComparedRun] | null>
  readonly metric: WritableComputedRef<string>
  readonly outcome: WritableComputedRef<Outcome>
  readonly slice: WritableComputedRef<DifferenceSlice>
  readonly text: WritableComputedRef<string>
  readonly sort: WritableComputedRef<DifferenceSort>
  readonly ascending: WritableComputedRef<boolean>
  /** a bar of the histogram: `from..to` */
  readonly bar: WritableComputedRef<{ from: number; to: number } | null>
  readonly user: WritableComputedRef<string>
  readonly depth: WritableComputedRef<number>
  readonly result: Readonly<ShallowRef<DifferenceResult | null>>
  readonly job: Job<'runs.difference'>
  readonly swap: () => void
}

/** What was computed stays for this visit: going back to a metric or a pair is instant. */
const kept = new Map<string, DifferenceResult>()

const oneOf = <V extends string>(values: readonly V[], fallback: V) => ({
  parse: (text: string): V => values.find((value) => value === text) ?? fallback,
  print: (value: V): string => value,
})

export function useDifference(groups: () => readonly ComparedGroup[]): Difference {
  const [askedA, askedB] = [useQueryState('a'), useQueryState('b')]
  const metric = useQueryState('metric', 'ndcg@20')
  const job = useJob('runs.difference')
  const result = shallowRef<DifferenceResult | null>(null)

  const pair = computed(() => {
    const finished = groups().map(({ runs }) => runs.filter(({ state }) => state === 'finished'))
    const all = finished.flat()
    const a = all.find(({ run }) => run === askedA.value)
    const b = all.find(({ run }) => run === askedB.value)
    const home = finished.find((runs) => runs.length >= 2 && (a === undefined || runs.includes(a)) && (b === undefined || runs.includes(b)))
    const members = home ?? finished.find((runs) => runs.length >= 2)
    if (members === undefined) return null
    const first = a !== undefined && members.includes(a) ? a : members.find((run) => run !== b)!
    const second = b !== undefined && members.includes(b) && b !== first ? b : members.find((run) => run !== first)!
    return [first, second] as const
  })

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

  const a = computed({ get: () => pair.value?.[0].run ?? '', set: (run: string) => choose(askedA, askedB, run) })
  const b = computed({ get: () => pair.value?.[1].run ?? '', set: (run: string) => choose(askedB, askedA, run) })
  /** one run on both sides: the other side takes what this one had */
  function choose(side: WritableComputedRef<string>, other: WritableComputedRef<string>, run: string): void {
    const [first, second] = pair.value ?? [undefined, undefined]
    const [mine, theirs] = side === askedA ? [first, second] : [second, first]
    if (theirs !== undefined) other.value = theirs.run === run && mine !== undefined ? mine.run : theirs.run
    side.value = run
  }
  return {
    a,
    b,
    pair,
    metric,
    outcome: useQueryValue<Outcome>('outcome', 'all', oneOf(OUTCOMES, 'all')),
    slice: useQueryValue<DifferenceSlice>('slice', 'all', oneOf(DIFFERENCE_SLICES, 'all')),
    text: useQueryState('find'),
    sort: useQueryValue<DifferenceSort>('by', 'change', oneOf(DIFFERENCE_SORTS, 'change')),
    ascending: useQueryFlag('up'),
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
    swap: () => {
      const [first, second] = pair.value ?? []
      if (first === undefined || second === undefined) return
      askedA.value = second.run
      askedB.value = first.run
    },
  }
}
