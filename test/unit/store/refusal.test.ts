/** The page finds the command in the engine's own refusals. */
import { expect, test } from 'vitest'
import { splitRefusal } from '../../../renderer/components/app/refusal.ts'
import { whyNotWorkspace } from '../../../main/engine/store/marker.ts'

test('a refusal ends with its command where it has one', () => {
  const headless = whyNotWorkspace('/home/me/my work', { is: 'headless', datasets: 1, runs: 2 })!.message
  expect(splitRefusal(headless).command).toBe("pylon doctor --repair --home '/home/me/my work'")
  expect(splitRefusal(headless).text).toMatch(/the daily copies:$/)
  const foreign = whyNotWorkspace('/home/me', { is: 'foreign', sample: ['a.txt'] })!.message
  expect(splitRefusal(foreign)).toEqual({ text: foreign, command: null })
  expect(splitRefusal('The database is damaged: "pylon doctor --repair" makes it anew.').command).toBe('pylon doctor --repair')
})
