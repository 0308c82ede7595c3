/** Texts in the chosen language, by typed keys: a key that does not exist is a compile error. */
import { createI18n, useI18n } from 'vue-i18n'
import en from '@/locales/en/all.ts'
import type { Keys } from '@/locales/texts.ts'
import zh from '@/locales/zh/all.ts'

export const LANGUAGES = { en: 'English', zh: '简体中文' } as const
export type Language = keyof typeof LANGUAGES
export type TextKey = Keys<typeof en>
export type TextValues = Readonly<Record<string, string | number>>

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, zh },
  warnHtmlMessage: false,
})

export interface Texts {
  /** the text, `{name}` filled in from `values`; a value `n` also chooses the plural form */
  readonly t: (key: TextKey, values?: TextValues) => string
  /** as `t`, for keys that are only known at run time; the fallback where there is none */
  readonly dynamic: (key: string, fallback: string) => string
  readonly language: () => Language
}

export function useTexts(): Texts {
  const composer = useI18n({ useScope: 'global' })
  return {
    t: (key, values = {}) => (typeof values['n'] === 'number' ? composer.t(key, values, values['n']) : composer.t(key, values)),
    dynamic: (key, fallback) => (composer.te(key) || composer.te(key, 'en') ? composer.t(key) : fallback),
    language: () => composer.locale.value as Language,
  }
}
