/** Language and theme: of this browser, not of the workspace. */
import { usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watch } from 'vue'
import { useStored } from '@/composables/useStored.ts'
import { language as shown, LANGUAGES, type Language } from '@/composables/texts.ts'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const isTheme = (value: unknown): value is Theme => THEMES.includes(value as Theme)
const isLanguage = (value: unknown): value is Language => typeof value === 'string' && Object.hasOwn(LANGUAGES, value)
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'

export const useSettings = defineStore('settings', () => {
  const theme = useStored<Theme>('theme', 'auto', isTheme)
  const language = useStored<Language>('language', navigator.language.startsWith('zh') ? 'zh' : 'en', isLanguage)
  /** messages of the system about jobs that end in the background; the browser may still refuse them */
  const notifications = useStored('notifications', false, isBoolean)
  const slimNavigation = useStored('navigation.slim', false, isBoolean)

  const systemDark = usePreferredDark()
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemDark.value))

  // sync: who reads the tokens of a theme must find them on
  watch(
    dark,
    (now) => {
      document.documentElement.dataset['theme'] = now ? 'dark' : 'light'
    },
    { immediate: true, flush: 'sync' },
  )
  watch(
    language,
    (now) => {
      shown.value = now
      document.documentElement.lang = now === 'zh' ? 'zh-CN' : 'en'
    },
    { immediate: true },
  )
  return { theme, language, slimNavigation, notifications, dark }
})
