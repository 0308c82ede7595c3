/** The whole way of a newcomer in a browser tab, behind the real web host. */
import { test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { withPage } from './host.ts'
import { journey } from './journey.ts'

test('from dropped files to the neighbours of a cold item', { timeout: 900_000 }, async () => {
  const files = await temporaryFolder()
  await withPage({}, ({ page }) => journey(page, files, 'browser', ['dark-en', 'dark-zh', 'light-zh', 'light-en']))
})
