/** Who is under the pointer: asked for a moment after it rests, and kept. */
import { computed, shallowRef, watch } from 'vue'
import type { Entity, EntitySide } from '@contract/shapes/entity.ts'
import { useVerb } from '@/composables/useVerb.ts'

/** @param entityAt what stands at a point */
export function useHovered(dataset: () => string, entityAt: (point: number) => { side: EntitySide; indices: number[] }) {
  const hovered = shallowRef<{ index: number; x: number; y: number } | null>(null)
  const asked = shallowRef<number | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(hovered, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => (asked.value = now?.index ?? null), 30)
  })
  const named = useVerb('entities.at', () => (asked.value === null ? null : { dataset: dataset(), ...entityAt(asked.value) }))
  const name = computed(() => {
    const entity = named.data.value?.entities[0]
    return hovered.value !== null && asked.value === hovered.value.index ? (entity ?? null) : null
  })
  const nameOf = async (point: number): Promise<Entity | null> => {
    asked.value = point
    await named.refresh()
    return named.data.value?.entities[0] ?? null
  }
  return { hovered, name, nameOf }
}
