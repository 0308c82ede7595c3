/** Something a page does that takes a while: whether it is under way, and why it failed last. What it throws is kept, not thrown on. */
import { shallowRef } from 'vue'

export function useAction<A extends readonly unknown[]>(act: (...given: A) => Promise<unknown>) {
  const busy = shallowRef(false)
  const error = shallowRef<unknown>(null)
  async function run(...given: A): Promise<void> {
    busy.value = true
    error.value = null
    try {
      await act(...given)
    } catch (failure) {
      error.value = failure
    }
    busy.value = false
  }
  return { busy, error, run }
}
