/** The item columns shown beside hits: those in the URL, else a few that tell much. */
import { computed, type ComputedRef } from 'vue'
import type { Column, DatasetManifest } from '@contract/shapes/dataset.ts'
import { defaultColumns } from '../../features/retrieval/hits.ts'
import type { InspectionState } from './useInspection.ts'

export interface HitColumns {
  /** all that can be shown */
  readonly all: ComputedRef<readonly Column[]>
  readonly shown: ComputedRef<readonly Column[]>
  readonly toggle: (name: string) => void
}

export function useHitColumns(inspection: InspectionState, manifest: () => DatasetManifest | null): HitColumns {
  const all = computed(() => manifest()?.itemColumns.filter(({ name }) => name !== manifest()?.itemTitle) ?? [])
  const shown = computed(() => {
    const names =
      inspection.columns.value ?? defaultColumns(all.value, manifest()?.itemTitle ?? null, inspection.other.value === '' ? 3 : 0)
    return names.flatMap((name) => all.value.find((column) => column.name === name) ?? [])
  })
  return {
    all,
    shown,
    toggle: (name) => {
      const names = shown.value.map((column) => column.name)
      inspection.columns.value = names.includes(name) ? names.filter((other) => other !== name) : [...names, name]
    },
  }
}
