/** Numbers, times and sizes as text, in the chosen language. Units of columns stand in their header, so these give bare numbers where they can. */
import { useTexts } from './useTexts.ts'

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

export interface Format {
  /** grouped whole number */
  readonly integer: (value: number) => string
  /** a metric or share: four decimals, so that columns line up */
  readonly metric: (value: number) => string
  /** a signed difference of metrics */
  readonly delta: (value: number) => string
  /** any number in at most `digits` significant digits (4) */
  readonly number: (value: number, digits?: number) => string
  readonly percent: (value: number, decimals?: number) => string
  /** `1.2 GB`, powers of 1024 */
  readonly bytes: (value: number) => string
  /** `3 min 12 s` */
  readonly duration: (seconds: number) => string
  /** date and minute of an ISO time or of seconds since 1970 */
  readonly dateTime: (value: string | number) => string
  readonly date: (value: string | number) => string
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

export function useFormat(): Format {
  const { t, language } = useTexts()
  const locale = (): string => (language() === 'zh' ? 'zh-CN' : 'en-GB')
  const numbers = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = locale() + JSON.stringify(options)
    const made = cache.get(key) ?? new Intl.NumberFormat(locale(), options)
    cache.set(key, made)
    return made as Intl.NumberFormat
  }
  const dates = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
    const key = locale() + JSON.stringify(options)
    const made = cache.get(key) ?? new Intl.DateTimeFormat(locale(), options)
    cache.set(key, made)
    return made as Intl.DateTimeFormat
  }
  const toDate = (value: string | number): Date => new Date(typeof value === 'number' ? value * 1000 : value)
  const fixed = (value: number, decimals: number): string =>
    numbers({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)

  return {
    integer: (value) => numbers({ maximumFractionDigits: 0 }).format(value),
    metric: (value) => fixed(value, 4),
    delta: (value) => numbers({ minimumFractionDigits: 4, maximumFractionDigits: 4, signDisplay: 'exceptZero' }).format(value),
    number: (value, digits = 4) =>
      value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(digits - 2) : numbers({ maximumSignificantDigits: digits }).format(value),
    percent: (value, decimals = 1) => numbers({ style: 'percent', maximumFractionDigits: decimals }).format(value),
    bytes: (value) => {
      const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(value) / Math.log(1024)))
      return `${fixed(value / 1024 ** power, power < 2 ? 0 : 1)} ${UNITS[power]!}`
    },
    duration: (seconds) => {
      if (seconds < 9.95) return t('common.unit.seconds', { n: fixed(seconds, 1) })
      const whole = Math.round(seconds)
      if (whole < 60) return t('common.unit.seconds', { n: String(whole) })
      if (whole < 3600) return t('common.unit.minutes', { m: Math.floor(whole / 60), s: whole % 60 })
      if (whole < 86_400) return t('common.unit.hours', { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) })
      return t('common.unit.days', { d: Math.floor(whole / 86_400), h: Math.floor((whole % 86_400) / 3600) })
    },
    dateTime: (value) =>
      dates({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false }).format(toDate(value)),
    date: (value) => dates({ year: 'numeric', month: '2-digit', day: '2-digit' }).format(toDate(value)),
  }
}
