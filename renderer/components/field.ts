/** How a Field hands its label, hint and error to the control inside it. */
import { computed, inject, useId, type ComputedRef, type InjectionKey } from 'vue'

export interface FieldLink {
  readonly id: string
  readonly invalid: ComputedRef<boolean>
  readonly describedBy: ComputedRef<string | undefined>
}

export const fieldKey: InjectionKey<FieldLink> = Symbol('field')

/** Attributes for the control: bind them on the input. Outside a Field it has an id of its own and no description. */
export function useField(): { id: string; attributes: ComputedRef<Record<string, string | undefined>> } {
  const field = inject(fieldKey, null)
  const id = field?.id ?? useId()
  return {
    id,
    attributes: computed(() => ({
      'aria-invalid': field?.invalid.value === true ? 'true' : undefined,
      'aria-describedby': field?.describedBy.value,
    })),
  }
}
