/** Numbers, dates and sizes as text in a language: on the page and in what is written from it. */

export const LANGUAGE_NAMES = ['en', 'zh'] as const
export type LanguageName = (typeof LANGUAGE_NAMES)[number]
/** Of `Intl`, and of the `lang` of a document. */
export const LOCALES = { en: 'en-GB', zh: 'zh-CN' } as const satisfies Record<LanguageName, string>

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** Made once for a language and its options, as making one is slow. */
const numberFormats = new Map<string, Intl.NumberFormat>()
function kept(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options)
  const made = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options)
  numberFormats.set(key, made)
  return made
}

/** A number is read, not computed with: its sign is a minus, as wide as a plus, whatever the language writes. */
const withMinus = (text: string): string => text.replaceAll('-', '−')

/** The order of ISO 8601 in every language: nobody asks which is the month, and a column of them sorts. */
function day(value: Date): string {
  return `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`
}
const two = (value: number): string => String(value).padStart(2, '0')

/** Of a metric: four, so that columns line up; one of the counts of popularity, whose rest says nothing (novelty, in bits, stays below). */
const decimals = (value: number): number => (Math.abs(value) >= 20 ? 1 : 4)
const toDate = (value: string | number): Date => new Date(typeof value === 'number' ? value * 1000 : value)

export type Formats = ReturnType<typeof formatsOf>

export function formatsOf(language: LanguageName) {
  const text = (value: number, options: Intl.NumberFormatOptions): string => withMinus(kept(LOCALES[language], options).format(value))
  const fixed = (value: number, digits: number): string => text(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return {
    fixed,
    /** A grouped whole number. */
    integer: (value: number): string => text(value, { maximumFractionDigits: 0 }),
    /** A metric or share. */
    metric: (value: number): string => fixed(value, decimals(value)),
    /** A signed difference of metrics. */
    delta: (value: number): string =>
      text(value, { minimumFractionDigits: decimals(value), maximumFractionDigits: decimals(value), signDisplay: 'exceptZero' }),
    /** Any number in at most `digits` significant digits. */
    number: (value: number, digits = 4): string =>
      value !== 0 && Math.abs(value) < 1e-4
        ? withMinus(value.toExponential(digits - 2))
        : text(value, { maximumSignificantDigits: digits }),
    percent: (value: number, digits = 1): string =>
      text(value, { style: 'percent', maximumFractionDigits: digits, signDisplay: 'negative' }),
    /** `1.2 GB`, powers of 1024. */
    bytes: (value: number): string => {
      const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(value) / Math.log(1024)))
      return `${fixed(value / 1024 ** power, power < 2 ? 0 : 1)} ${UNITS[power]!}`
    },
    /** Date and minute of an ISO time or of seconds since 1970. */
    dateTime: (value: string | number): string => {
      const at = toDate(value)
      return `${day(at)} ${two(at.getHours())}:${two(at.getMinutes())}`
    },
    date: (value: string | number): string => day(toDate(value)),
  }
}

/** What a duration is told in: `9.5`, `12`, `3` and `12`, … */
export interface DurationWords {
  readonly seconds: (n: string) => string
  readonly minutes: (m: number, s: number) => string
  readonly hours: (h: number, m: number) => string
  readonly days: (d: number, h: number) => string
}

/** `3 min 12 s` */
export function durationText(seconds: number, { fixed }: Formats, words: DurationWords): string {
  if (seconds < 9.95) return words.seconds(fixed(seconds, 1))
  const whole = Math.round(seconds)
  if (whole < 60) return words.seconds(String(whole))
  if (whole < 3600) return words.minutes(Math.floor(whole / 60), whole % 60)
  if (whole < 86_400) return words.hours(Math.floor(whole / 3600), Math.floor((whole % 3600) / 60))
  return words.days(Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3600))
}
