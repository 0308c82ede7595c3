/** The whole way of a newcomer in the desktop program. */
import { beforeAll, expect, test } from 'vitest'
import { buildDesktop } from '../../main/start/build.ts'
import { watch } from '../e2e/host.ts'
import { journey } from '../e2e/journey.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { withDesktop } from './desktop.ts'

beforeAll(async () => {
  if (process.env['PYLON_PAGE'] === undefined) await buildDesktop()
})

test('from dropped files to the neighbours of a cold item', { timeout: 900_000 }, async () => {
  const dropped = await temporaryFolder()
  const errors: string[] = []
  await withDesktop(
    async ({ page }) => {
      watch(page, errors)
      await journey(page, dropped, 'desktop', ['dark-zh', 'light-en'])
    },
    { dropped },
  )
  expect(errors).toEqual([])
})
