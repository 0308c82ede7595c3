/** Numbers of things as the command line tells them. */
import { expect, test } from 'vitest'
import { counted } from '../../../main/cli/table.ts'

test('one of a thing is told in the singular', () => {
  const told = ['runs', 'queries', 'searches', 'files', 'seeds', 'interactions'].map((things) => counted(1, things))
  expect(told).toEqual(['1 run', '1 query', '1 search', '1 file', '1 seed', '1 interaction'])
  expect([counted(0, 'runs'), counted(1200, 'queries')]).toEqual(['0 runs', '1,200 queries'])
})
