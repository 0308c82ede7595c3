/** A check that came through and found a difference ends a script: `pylon prove` with a figure that differs. */
import { expect, test } from 'vitest'
import { hasHeld } from '../../../main/cli/main.ts'
import { verbs, type VerbDefinition, type VerbName } from '../../../main/contract/verbs.ts'

test('a proof that holds, one that does not, and what is no check', () => {
  expect(hasHeld('datasets.prove', { isProved: true })).toBe(true)
  expect(hasHeld('datasets.prove', { isProved: false })).toBe(false)
  expect(hasHeld('runs.list', { isProved: false })).toBe(true)
})

test('each check names a property that its result has', () => {
  const checks = (Object.keys(verbs) as VerbName[]).filter((verb) => 'holds' in verbs[verb])
  expect(checks).toContain('datasets.prove')
  for (const verb of checks) {
    const { holds, result }: VerbDefinition = verbs[verb]
    expect(Object.keys((result as unknown as { shape: object }).shape)).toContain(holds)
  }
})
