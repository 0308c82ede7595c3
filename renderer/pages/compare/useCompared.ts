/** The compared runs: their ids stand in the URL; each has a label of its own and one colour in every chart. */
import { computed } from 'vue'
import { type LabelledRun, labelOf } from '@contract/metric-rows.ts'
import type { Protocol } from '@contract/shapes/protocol.ts'
import { useEvent } from '@/composables/useEvent.ts'
import { useQueryList } from '@/composables/useQueryState.ts'
import { useVerb } from '@/composables/useVerb.ts'

/** Colours of series that the theme has. */
const COLOURS = 8

export interface ComparedRun extends LabelledRun {
  /** a CSS value */
  readonly colour: string
}

/** Runs whose numbers may be ranked together. */
export interface ComparedGroup {
  readonly protocol: Protocol
  readonly runs: readonly ComparedRun[]
}

export function useCompared() {
  const ids = useQueryList('runs')
  const asked = useVerb('runs.compare', () => (ids.value.length === 0 ? null : { runs: [...ids.value], unmeasured: true, plain: true }))
  useEvent('runs.changed', ({ run }) => {
    if (asked.data.value?.runs.includes(run) === true) void asked.refresh()
  })

  const runs = computed(() => {
    const result = asked.data.value
    if (result === null) return []
    const known = new Map([...result.groups.flatMap((group) => group.runs), ...result.unmeasured].map((run) => [run.run, run]))
    const all = result.runs.flatMap((id) => known.get(id) ?? [])
    return all.map((run, i): ComparedRun => ({
      ...run,
      label: labelOf(run, all),
      colour: `var(--series-${(i % COLOURS) + 1})`,
    }))
  })
  const byId = computed(() => new Map(runs.value.map((run) => [run.run, run])))
  const groups = computed(() =>
    (asked.data.value?.groups ?? []).map(({ protocol, runs: members }) => ({
      protocol,
      runs: members.flatMap(({ run }) => byId.value.get(run) ?? []),
    })),
  )
  const unmeasured = computed(() => (asked.data.value?.unmeasured ?? []).flatMap(({ run }) => byId.value.get(run) ?? []))
  return { ids, asked, runs, groups, unmeasured }
}
