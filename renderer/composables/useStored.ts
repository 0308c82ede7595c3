/** A ref kept in this browser's storage. What is stored may be old or foreign, so it is checked; what fails the check is the fallback. */
import { shallowRef, watch, type ShallowRef } from 'vue'

export function useStored<T>(key: string, fallback: T, check: (value: unknown) => value is T): ShallowRef<T> {
  const name = `pylon.${key}`
  const value = shallowRef<T>(read(name, fallback, check))
  watch(value, (now) => {
    try {
      localStorage.setItem(name, JSON.stringify(now))
    } catch {
      // a full or forbidden storage: it is kept until the page is closed
    }
  })
  return value
}

function read<T>(name: string, fallback: T, check: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(name) ?? 'null')
    return check(value) ? value : fallback
  } catch {
    return fallback
  }
}
