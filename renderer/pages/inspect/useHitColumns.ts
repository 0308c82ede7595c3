/** The item columns shown beside hits: those in the URL, else a few that tell much. */
import { computed } from 'vue'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import { defaultColumns } from '../../features/retrieval/hits.ts'
import type { InspectionState } from './useInspection.ts'

export type HitColumns = ReturnType<typeof useHitColumns>

export function useHitColumns(inspection: InspectionState, manifest: () => DatasetManifest | null) {
  const all = computed(() => manifest()?.itemColumns.filter(({ name }) => name !== manifest()?.itemTitle) ?? [])
  const shown = computed(() => {
    const names =
      inspection.columns.value ?? defaultColumns(all.value, manifest()?.itemTitle ?? null, inspection.other.value === '' ? 3 : 0)
    return names.flatMap((name) => all.value.find((column) => column.name === name) ?? [])
  })
  return {
    /** all that can be shown */
    all,
    shown,
    toggle: (name: string) => {
      const names = shown.value.map((column) => column.name)
      inspection.columns.value = names.includes(name) ? names.filter((other) => other !== name) : [...names, name]
    },
  }
}
