import { expect, test } from 'vitest'
import { newId } from '../../../main/engine/files/ids.ts'

const IN_A_SECOND = 32 * 32

test('a process never gives out an id twice, and a second that is used up borrows from the next', () => {
  const now = Date.UTC(2026, 10, 30, 12)
  const ids = Array.from({ length: 3 * IN_A_SECOND }, () => newId(now))
  expect(new Set(ids).size).toBe(ids.length)
  const seconds = ids.map((id) => id.slice(0, 6))
  expect(seconds).toEqual(seconds.toSorted())
  expect(new Set(seconds).size).toBeLessThanOrEqual(4)
  for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/)
  // a clock that was set back gives out none again
  expect(ids).not.toContain(newId(now - 1000))
})
