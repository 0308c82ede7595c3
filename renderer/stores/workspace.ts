/** The workspace as the engine has it open: asked for once per engine, then told by its events. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useEngine } from '@/composables/useEngine.ts'
import { useVerb } from '@/composables/useVerb.ts'

export const useWorkspace = defineStore('workspace', () => {
  const { data: about, refresh } = useVerb('system.about', {})
  useEngine().client.on('workspace.viewed', () => void refresh())
  /** why it is open for reading only, in a sentence of the engine; null where it can be written, and before that is known */
  const viewed = computed(() => about.value?.viewed ?? null)
  return { about, viewed }
})
