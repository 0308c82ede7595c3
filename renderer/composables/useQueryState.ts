/**
 * A ref whose value lives in the URL's query, so that a view can be linked to and survives a reload. The value that equals the default
 * is left out of the URL. Writing replaces the history entry; several writes of one turn are one navigation.
 */
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQuery, type Router } from 'vue-router'

let pending: Record<string, string | undefined> | null = null

function write(router: Router, key: string, text: string | undefined): void {
  if (pending === null) {
    pending = {}
    queueMicrotask(() => {
      const query: LocationQuery = { ...router.currentRoute.value.query }
      for (const [name, value] of Object.entries(pending!)) {
        if (value === undefined) Reflect.deleteProperty(query, name)
        else query[name] = value
      }
      pending = null
      void router.replace({ query, hash: router.currentRoute.value.hash })
    })
  }
  pending[key] = text
}

/** A string. */
export function useQueryState(key: string, fallback = ''): WritableComputedRef<string> {
  return useQueryValue(key, fallback, { parse: (text) => text, print: (value) => value })
}

/** Several strings, comma-separated. */
export function useQueryList(key: string): WritableComputedRef<readonly string[]> {
  return useQueryValue<readonly string[]>(key, [], {
    parse: (text) => (text === '' ? [] : text.split(',').map(decodeURIComponent)),
    print: (values) => values.map((value) => encodeURIComponent(value)).join(','),
  })
}

export function useQueryNumber(key: string, fallback: number): WritableComputedRef<number> {
  return useQueryValue(key, fallback, {
    parse: (text) => (text !== '' && Number.isFinite(Number(text)) ? Number(text) : fallback),
    print: String,
  })
}

export function useQueryFlag(key: string, fallback = false): WritableComputedRef<boolean> {
  return useQueryValue(key, fallback, { parse: (text) => text === '1', print: (value) => (value ? '1' : '0') })
}

/** One of some words; what is none of them is the first. */
export const useQueryChoice = <V extends string>(key: string, choices: readonly V[]): WritableComputedRef<V> =>
  useQueryValue<V>(key, choices[0]!, { parse: (text) => choices.find((each) => each === text) ?? choices[0]!, print: String })

/** Several words that somebody chose, which may be none (`-`); null where nobody did. */
export const useQueryPicks = (key: string): WritableComputedRef<readonly string[] | null> =>
  useQueryValue<readonly string[] | null>(key, null, {
    parse: (text) => (text === '-' ? [] : text.split(',').map(decodeURIComponent)),
    print: (picks) => (picks === null ? '' : picks.length === 0 ? '-' : picks.map(encodeURIComponent).join(',')),
  })

/** Any value with its text. `parse` gets what stands in the URL, which anybody may have typed. */
export function useQueryValue<T>(
  key: string,
  fallback: T,
  { parse, print }: { parse: (text: string) => T; print: (value: T) => string },
): WritableComputedRef<T> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const raw = route.query[key]
      const text = Array.isArray(raw) ? raw[0] : raw
      return text === undefined || text === null ? fallback : parse(text)
    },
    set: (value) => {
      const text = print(value)
      write(router, key, text === print(fallback) ? undefined : text)
    },
  })
}
