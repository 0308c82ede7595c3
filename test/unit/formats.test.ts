/** One form of numbers and dates in both languages: a minus that is one, and dates that sort. */
import { expect, test } from 'vitest'
import { formatsOf } from '../../main/contract/formats.ts'

test.each(['en', 'zh'] as const)('%s: minus signs, percent and dates have one form', (language) => {
  const { number, metric, delta, percent, integer, dateTime, date } = formatsOf(language)
  expect([
    number(-0.5),
    metric(-0.12345),
    delta(-0.01),
    delta(0.01),
    delta(0),
    percent(-0.123),
    integer(-12345),
    number(-0.0000123),
  ]).toEqual(['−0.5', '−0.1235', '−0.0100', '+0.0100', '0.0000', '−12.3%', '−12,345', '−1.23e−5'])
  // counts of popularity, one above the other, have one form; novelty, in bits, has that of the others
  expect([metric(87.4073), metric(213.62), metric(15.25)]).toEqual(['87.4', '213.6', '15.2500'])
  const at = new Date(2026, 2, 1, 9, 5)
  expect([dateTime(at.toISOString()), date(at.getTime() / 1000)]).toEqual(['2026-03-01 09:05', '2026-03-01'])
})
