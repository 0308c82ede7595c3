/**
 * Numbers, times and sizes as text, in the chosen language. Units of columns stand in their header, so these give bare
 * numbers where they can.
 */
import { language, t } from './texts.ts'

const numberFormats = new Map<string, Intl.NumberFormat>()
const dateFormats = new Map<string, Intl.DateTimeFormat>()
const locale = (): string => (language.value === 'zh' ? 'zh-CN' : 'en-GB')

/** Made once for a language and its options, as making one is slow. */
function kept<F, O>(formats: Map<string, F>, Made: new (locale: string, options: O) => F, options: O): F {
  const key = locale() + JSON.stringify(options)
  const made = formats.get(key) ?? new Made(locale(), options)
  formats.set(key, made)
  return made
}
const numbers = (options: Intl.NumberFormatOptions): Intl.NumberFormat => kept(numberFormats, Intl.NumberFormat, options)
const dates = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => kept(dateFormats, Intl.DateTimeFormat, options)
const toDate = (value: string | number): Date => new Date(typeof value === 'number' ? value * 1000 : value)
const fixed = (value: number, decimals: number): string =>
  numbers({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const

/** A grouped whole number. */
export const integer = (value: number): string => numbers({ maximumFractionDigits: 0 }).format(value)

/** Of a metric: four, so that columns line up; one of the counts of popularity, whose rest says nothing. */
const decimals = (value: number): number => (Math.abs(value) >= 100 ? 1 : 4)

/** A metric or share. */
export const metric = (value: number): string => fixed(value, decimals(value))

/** A signed difference of metrics. */
export const delta = (value: number): string =>
  numbers({ minimumFractionDigits: decimals(value), maximumFractionDigits: decimals(value), signDisplay: 'exceptZero' }).format(value)

/** Any number in at most `digits` significant digits. */
export const number = (value: number, digits = 4): string =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(digits - 2) : numbers({ maximumSignificantDigits: digits }).format(value)

export const percent = (value: number, decimals = 1): string => numbers({ style: 'percent', maximumFractionDigits: decimals }).format(value)

/** `1.2 GB`, powers of 1024. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(value) / Math.log(1024)))
  return `${fixed(value / 1024 ** power, power < 2 ? 0 : 1)} ${UNITS[power]!}`
}

/** `3 min 12 s` */
export function duration(seconds: number): string {
  if (seconds < 9.95) return t('common.unit.seconds', { n: fixed(seconds, 1) })
  const whole = Math.round(seconds)
  if (whole < 60) return t('common.unit.seconds', { n: String(whole) })
  if (whole < 3600) return t('common.unit.minutes', { m: Math.floor(whole / 60), s: whole % 60 })
  if (whole < 86_400) return t('common.unit.hours', { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) })
  return t('common.unit.days', { d: Math.floor(whole / 86_400), h: Math.floor((whole % 86_400) / 3600) })
}

/** Date and minute of an ISO time or of seconds since 1970. */
export const dateTime = (value: string | number): string =>
  dates({ ...DAY, hour: '2-digit', minute: '2-digit', hour12: false }).format(toDate(value))

export const date = (value: string | number): string => dates(DAY).format(toDate(value))
