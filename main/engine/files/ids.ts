/** Short ids that are unique in a workspace and sort by the time they were made. */
import { randomInt } from 'node:crypto'

/** Crockford's base 32: no i, l, o, u, so that an id survives being read aloud. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const EPOCH = Date.UTC(2026, 0, 1)

/** Eight digits: six of seconds since 2026 (34 years' worth), two at random. The database holds the uniqueness. */
export function newId(now: number = Date.now()): string {
  let seconds = Math.floor((now - EPOCH) / 1000)
  let id = ''
  for (let i = 0; i < 6; i++, seconds = Math.floor(seconds / 32)) id = DIGITS[((seconds % 32) + 32) % 32]! + id
  return id + DIGITS[randomInt(32)]! + DIGITS[randomInt(32)]!
}
