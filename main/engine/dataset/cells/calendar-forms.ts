/** Days by other counts than of months: the week of a year, the day of a year. */
import { finite, trimBlanks } from './cell-form.ts'
import type { Pattern } from './time-form.ts'

/** `2024-W05-3`, `2024W053`; a week without a day is its Monday. */
export function isoWeek(): Pattern {
  const test = /^(?<year>\d{4})-?[Ww](?<week>\d{2})(?:-?(?<day>[1-7]))?$/
  return {
    name: 'ISO week',
    expected: 'an ISO week such as 2024-W05-3',
    weak: true,
    test,
    reading: { kind: 'iso-week', test },
    sql: (cell) => {
      const spelled = `regexp_replace(trim(${cell}), '^([0-9]{4})-?[Ww]([0-9]{2})-?([1-7]?)$', '\\1-W\\2-\\3')`
      return finite(`epoch(try_strptime(regexp_replace(${spelled}, '-$', '-1'), '%G-W%V-%u'))`)
    },
    parse: (cell) => {
      const { year, week, day = '1' } = test.exec(trimBlanks(cell))?.groups ?? {}
      if (year === undefined) return null
      const fourth = new Date(0)
      fourth.setUTCFullYear(Number(year), 0, 4)
      const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * 86_400_000
      const time = monday + ((Number(week) - 1) * 7 + Number(day) - 1) * 86_400_000
      // the Thursday of a week is of its year
      const thursday = new Date(monday + ((Number(week) - 1) * 7 + 3) * 86_400_000)
      return Number(week) >= 1 && thursday.getUTCFullYear() === Number(year) ? time / 1000 : null
    },
  }
}

/** `2024-015`: the day of the year (ISO 8601). */
export function ordinalDate(): Pattern {
  const test = /^(?<year>(?:19|20)\d{2})-(?<day>\d{3})$/
  return {
    name: 'ordinal date',
    expected: 'a year and its day such as 2024-015',
    weak: true,
    test,
    reading: { kind: 'ordinal-date', test },
    sql: (cell) => {
      const text = `trim(${cell})`
      const read = `CASE WHEN regexp_full_match(${text}, '(19|20)[0-9]{2}-[0-9]{3}') THEN try_strptime(${text}, '%Y-%j') END`
      // day 366 of other years would be the next year's first
      return finite(`CASE WHEN year(${read}) = TRY_CAST(left(${text}, 4) AS INTEGER) THEN epoch(${read}) END`)
    },
    parse: (cell) => {
      const { year, day } = test.exec(trimBlanks(cell))?.groups ?? {}
      if (year === undefined) return null
      const time = Date.UTC(Number(year), 0, Number(day))
      return new Date(time).getUTCFullYear() === Number(year) ? time / 1000 : null
    },
  }
}
