/** The notice of a newer version: nobody is asked before it is switched on in Settings; then the page says what there is, and where. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

test('Settings ask for a newer version only when told to', async () => {
  let asked = 0
  const release = createServer((_request, response) => {
    asked++
    response.end('{"version": "99.0.0", "url": "https://example.org/pylon"}')
  })
  await new Promise<void>((ready) => release.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void release.close())
  vi.stubEnv('PYLON_UPDATE_URL', `http://127.0.0.1:${(release.address() as AddressInfo).port}/`)
  onTestFinished(() => void vi.unstubAllEnvs())

  await withPage({}, async ({ page, origin, client }) => {
    await page.getByRole('navigation').first().waitFor()
    await page.goto(`${origin}/#/settings`)
    const choice = page.getByRole('combobox', { name: 'Newer versions' })
    await choice.waitFor()
    await page.waitForLoadState('networkidle')
    expect([asked, await page.getByText('99.0.0').count()]).toEqual([0, 0])

    await choice.click()
    await page.getByRole('option', { name: 'Ask', exact: true }).click()
    await page.getByText('Version 99.0.0 exists.').waitFor()
    await page.getByText('https://example.org/pylon').waitFor()
    expect(asked).toBe(1)
    expect(await client.call('settings.get', {})).toMatchObject({ updates: true })
    expect(await violations(page)).toEqual([])

    await choice.click()
    await page.getByRole('option', { name: 'Do not ask' }).click()
    await page.getByText('Version 99.0.0 exists.').waitFor({ state: 'detached' })
    expect(asked).toBe(1)
  })
})
