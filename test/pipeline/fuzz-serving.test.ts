/** 500 bent requests against a real server; `fuzzServing` takes more by its count. */
import { expect, test } from 'vitest'
import { fuzzServing } from '../chaos/serving-host.ts'

test('bent request lines, headers and bodies end in an answer or a closed connection, and change nothing', async () => {
  const { inputs, statuses, failures } = await fuzzServing({ seed: 11, count: 500 })
  expect(failures).toEqual([])
  expect(inputs).toBe(500)
  // the bending is neither so strong that nothing gets past the parser nor so weak that nothing is refused
  for (const status of [200, 400, 401, 403, 404]) expect(statuses[status] ?? 0, String(status)).toBeGreaterThan(0)
})
