/** The whole way of a newcomer, in a browser tab behind the real web host and in the desktop program. */
import { beforeAll, expect, test } from 'vitest'
import { buildDesktop } from '../../main/start/build.ts'
import { withDesktop } from '../electron/desktop.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { watch, withPage } from './host.ts'
import { journey } from './journey.ts'

beforeAll(async () => {
  if (process.env['PYLON_PAGE'] === undefined) await buildDesktop()
})

test('from dropped files to the neighbours of a cold item, in a browser', { timeout: 600_000 }, async () => {
  const files = await temporaryFolder()
  await withPage({}, ({ page }) => journey(page, files, 'browser', ['dark-en', 'dark-zh', 'light-zh', 'light-en']))
})

test('the same way in the desktop program', { timeout: 600_000 }, async () => {
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
