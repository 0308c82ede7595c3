/** The workspace as the engine has it open: asked for once per engine, then told by its events. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { VerbOutput } from '@contract/verbs.ts'
import { useEngine } from '@/composables/useEngine.ts'

export const useWorkspace = defineStore('workspace', () => {
  const { client, status } = useEngine()
  const about = shallowRef<VerbOutput<'system.about'> | null>(null)
  let latest = 0

  async function ask(): Promise<void> {
    const mine = ++latest
    try {
      const answer = await client.call('system.about', {})
      if (mine === latest) about.value = answer
    } catch {
      // the engine is gone: the next one is asked when it is there
    }
  }
  watch(
    () => status.value.life,
    (life) => {
      if (life > 0) void ask()
    },
    { immediate: true },
  )
  client.on('workspace.viewed', () => void ask())

  /** why it is open for reading only, in a sentence of the engine; null where it can be written, and before that is known */
  const viewed = computed(() => about.value?.viewed ?? null)
  return { about, viewed }
})
