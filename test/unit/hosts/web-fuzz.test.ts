/** A short fuzz of the web host, the same every time; `test/chaos` runs thousands. */
import { expect, test } from 'vitest'
import { fuzzWebHost } from '../../chaos/web-host.ts'

test(
  '500 requests, headers, frames and messages of nonsense: no crash, no 5xx, no hang, and the host is there afterwards',
  { timeout: 120_000 },
  async () => {
    const { inputs, ends, faults } = await fuzzWebHost({ seed: 1, count: 500 })
    expect(faults).toEqual([])
    expect(Object.values(inputs).every((count) => count > 50)).toBe(true)
    // it is not refused all at the door
    expect(Object.keys(ends)).toEqual(
      expect.arrayContaining(['header 200', 'header 404', 'message answer', 'message not-found', 'request 200']),
    )
  },
)
