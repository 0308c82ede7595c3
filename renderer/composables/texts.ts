/** Texts in the chosen language, by typed keys: a key that does not exist is a compile error. What shows one follows the language. */
import { createI18n } from 'vue-i18n'
import en from '@/locales/en/all.ts'
import type { Keys } from '@/locales/texts.ts'
import zh from '@/locales/zh/all.ts'

export const LANGUAGES = { en: 'English', zh: '简体中文' } as const
export type Language = keyof typeof LANGUAGES
export type TextKey = Keys<typeof en>
export type TextValues = Readonly<Record<string, string | number>>

const { global } = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: { en, zh }, warnHtmlMessage: false })

/** The text, `{name}` filled in from `values`; a value `n` also chooses the plural form. */
export const t = (key: TextKey, values: TextValues = {}): string => global.t(key, values)

/** As {@link t}, for keys that are only known at run time; the fallback where there is none. */
export const dynamic = (key: string, fallback: string): string => (global.te(key) || global.te(key, 'en') ? global.t(key) : fallback)

/** The language that is shown: read and written. */
export const language = global.locale
