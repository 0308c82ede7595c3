/** The two of the compared runs that stand against each other, and by which metric: in the URL. */
import { computed, type WritableComputedRef } from 'vue'
import { useQueryState } from '@/composables/useQueryState.ts'
import type { ComparedGroup, ComparedRun } from './useCompared.ts'

export function usePair(groups: () => readonly ComparedGroup[]) {
  const [askedA, askedB] = [useQueryState('a'), useQueryState('b')]
  const metric = useQueryState('metric', 'ndcg@20')

  const pair = computed(() => {
    const finished = groups().map(({ runs }) => runs.filter(({ state }) => state === 'finished'))
    const all = finished.flat()
    const a = all.find(({ run }) => run === askedA.value)
    const b = all.find(({ run }) => run === askedB.value)
    const home = finished.find((runs) => runs.length >= 2 && (a === undefined || runs.includes(a)) && (b === undefined || runs.includes(b)))
    const members = home ?? finished.find((runs) => runs.length >= 2)
    if (members === undefined) return null
    /** of another model where there is one: two seeds of one answer no question that a page opens with */
    const besides = (one: ComparedRun | undefined): ComparedRun =>
      members.find((run) => run !== one && run.family !== one?.family) ?? members.find((run) => run !== one)!
    const first = a !== undefined && members.includes(a) ? a : besides(b)
    const second = b !== undefined && members.includes(b) && b !== first ? b : besides(first)
    return [first, second] as const
  })

  const a = computed({ get: () => pair.value?.[0].run ?? '', set: (run: string) => choose(askedA, askedB, run) })
  const b = computed({ get: () => pair.value?.[1].run ?? '', set: (run: string) => choose(askedB, askedA, run) })
  /** one run on both sides: the other side takes what this one had */
  function choose(side: WritableComputedRef<string>, other: WritableComputedRef<string>, run: string): void {
    const [first, second] = pair.value ?? [undefined, undefined]
    const [mine, theirs] = side === askedA ? [first, second] : [second, first]
    if (theirs !== undefined) other.value = theirs.run === run && mine !== undefined ? mine.run : theirs.run
    side.value = run
  }
  function swap(): void {
    const [first, second] = pair.value ?? []
    if (first === undefined || second === undefined) return
    askedA.value = second.run
    askedB.value = first.run
  }
  return { a, b, pair, metric, swap }
}
