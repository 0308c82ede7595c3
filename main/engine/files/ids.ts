/** Short ids that are unique in a workspace and sort by the time they were made. */
import { randomInt } from 'node:crypto'

/** Crockford's base 32: no i, l, o, u, so that an id survives being read aloud. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const EPOCH = Date.UTC(2026, 0, 1)

/** What this process gave out in the newest second it gave out any, by their last two digits. */
const given = { second: -Infinity, ends: new Set<number>() }

/**
 * Eight digits: six of seconds since 2026 (34 years' worth), two at random. A process gives out none twice, whatever it is for: a second
 * that is used up borrows from the next. Between processes the database holds the uniqueness.
 */
export function newId(now: number = Date.now()): string {
  const second = Math.max(Math.floor((now - EPOCH) / 1000), given.second)
  if (second > given.second || given.ends.size === DIGITS.length ** 2) {
    given.second = second > given.second ? second : second + 1
    given.ends.clear()
  }
  let end = randomInt(DIGITS.length ** 2)
  while (given.ends.has(end)) end = (end + 1) % DIGITS.length ** 2
  given.ends.add(end)
  return digitsOf(given.second, 6) + digitsOf(end, 2)
}

function digitsOf(value: number, count: number): string {
  let digits = ''
  for (let i = 0; i < count; i++, value = Math.floor(value / DIGITS.length)) digits = DIGITS[value % DIGITS.length]! + digits
  return digits
}
