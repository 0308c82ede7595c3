/**
 * The answer to a question that follows its input: `useVerb('runs.show', () => ({ run: props.run }))`. It is asked again when the input
 * changes, when `refresh` is called, and when the engine is back; the latest question wins, and the answer before it stays visible
 * meanwhile. That the engine went is no answer: what is shown stays, unless it answers another question, a banner tells its age, and the
 * next engine is asked. An input of null asks nothing.
 */
import { shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { EngineGone } from '@contract/errors.ts'
import type { VerbInput, VerbName, VerbOutput } from '@contract/verbs.ts'
import { useEngine } from './useEngine.ts'

export interface VerbQuery<T> {
  readonly data: Readonly<ShallowRef<T | null>>
  readonly error: Readonly<ShallowRef<Error | null>>
  readonly loading: Readonly<ShallowRef<boolean>>
  /** resolves when the answer, or its error, is there; where the engine went, without either, and the next one is asked */
  readonly refresh: () => Promise<void>
}

export function useVerb<V extends VerbName>(verb: V, input: MaybeRefOrGetter<VerbInput<V> | null>): VerbQuery<VerbOutput<V>> {
  const { client, status } = useEngine()
  const data = shallowRef(null) as ShallowRef<VerbOutput<V> | null>
  const error = shallowRef<Error | null>(null)
  const loading = shallowRef(false)
  let latest = 0
  /** what `data` is the answer of */
  let answered = ''

  async function ask(): Promise<void> {
    const mine = ++latest
    const asked = toValue(input)
    if (asked === null) {
      data.value = null
      error.value = null
      loading.value = false
      return
    }
    const question = JSON.stringify(asked)
    const isOther = answered !== question
    loading.value = true
    if (isOther && status.value.state !== 'ready') data.value = null
    try {
      const answer = await client.call(verb, asked)
      if (mine !== latest) return
      data.value = answer
      answered = question
      error.value = null
    } catch (failure) {
      if (mine !== latest) return
      if (failure instanceof EngineGone) {
        error.value = null
        if (isOther) data.value = null
        return
      }
      error.value = failure as Error
    }
    loading.value = false
  }

  watch(
    () => JSON.stringify(toValue(input)),
    () => void ask(),
    { immediate: true },
  )
  // another engine: what is shown may be old, or an answer of the time when there was none
  watch(
    () => status.value.life,
    (_, before) => {
      if (before > 0 || error.value !== null || loading.value) void ask()
    },
  )
  return { data, error, loading, refresh: ask }
}
