/**
 * Numbers, times and sizes as text, in the chosen language. Units of columns stand in their header, so these give bare numbers where they
 * can.
 */
import { durationText, type Formats, formatsOf } from '@contract/formats.ts'
import { language, t } from './texts.ts'

const formats = (): Formats => formatsOf(language.value)

export const integer: Formats['integer'] = (value) => formats().integer(value)
export const metric: Formats['metric'] = (value) => formats().metric(value)
export const delta: Formats['delta'] = (value) => formats().delta(value)
export const number: Formats['number'] = (value, digits) => formats().number(value, digits)
export const percent: Formats['percent'] = (value, digits) => formats().percent(value, digits)
/** A p- or q-value in two digits; below a thousandth none of them says anything. */
export const probability = (value: number): string => (value < 0.001 ? '< 0.001' : number(value, 2))
export const bytes: Formats['bytes'] = (value) => formats().bytes(value)
export const dateTime: Formats['dateTime'] = (value) => formats().dateTime(value)
export const date: Formats['date'] = (value) => formats().date(value)

/** `3 min 12 s` */
export const duration = (seconds: number): string => durationIn(seconds, formats())
/** The same in whole seconds, as of a clock that goes on. */
export const age = (seconds: number): string => durationIn(seconds, { ...formats(), fixed: (value) => String(Math.floor(value)) })
const durationIn = (seconds: number, by: Formats): string =>
  durationText(seconds, by, {
    seconds: (n) => t('common.unit.seconds', { n }),
    minutes: (m, s) => t('common.unit.minutes', { m, s }),
    hours: (h, m) => t('common.unit.hours', { h, m }),
    days: (d, h) => t('common.unit.days', { d, h }),
  })
