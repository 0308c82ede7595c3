/** The whole way of a newcomer in a browser tab, behind the real web host. */
import { test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { withPage } from './host.ts'
import { journey } from './journey.ts'

test('from dropped files to the neighbours of a cold item', { timeout: 600_000 }, async () => {
  const files = await temporaryFolder()
  // Reka's Select brings a style element, which the content policy refuses; the list does without it
  await withPage({ expected: [/Applying inline style violates/] }, ({ page }) => journey(page, files, 'browser'))
})
