/** Taking a model away by keyboard and mouse: a server is started, asked, gone over to another run, and stopped; its snippets are shown. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ROOT } from '../../main/start/build.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const PICTURES = join(ROOT, 'out', 'journeys', 'serve')
const patient = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 })

test('start a server, ask it, swap, copy a snippet, stop', { timeout: 400_000 }, async () => {
  const files = await temporaryFolder()
  await mkdir(PICTURES, { recursive: true })
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(60_000)
    await importKinds(client, files)
    await trainKinds(client, { name: 'one', epochs: 2 })
    const second = await trainKinds(client, { name: 'two', seed: 2, epochs: 2 })
    await page.goto(`${origin}/#/serve?tab=export`)
    await page.getByText('Everything: towers, vectors').first().waitFor()
    expect(await violations(page)).toEqual([])
    await pictures(page, 'export')

    await page.goto(`${origin}/#/serve?tab=serve`)
    await page.getByText('Nothing is served').waitFor()
    await page.getByLabel('Token', { exact: true }).fill('short')
    expect(await page.getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
    await page.getByLabel('Token', { exact: true }).fill('a-token-of-mine')
    const isReached = (): Promise<boolean> => page.evaluate<boolean>(`document.activeElement.matches('button[type=submit]')`)
    for (let tabs = 0; tabs < 5 && !(await isReached()); tabs++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const card = page.getByRole('region', { name: /^http:\/\/127\.0\.0\.1:\d+$/ })
    await card.waitFor()
    expect(await violations(page)).toEqual([])

    // a request that is wrong, one that is right, and what is no JSON cannot be sent
    const body = card.getByLabel('Body')
    await card.getByRole('button', { name: 'Send' }).click()
    await card
      .getByText(/"score":/)
      .first()
      .waitFor() // as it stands, with a user that the model knows
    await body.fill('{"user": "nobody"}')
    await card.getByRole('button', { name: 'Send' }).click()
    await card.getByText('There is no user').waitFor()
    await body.fill('{"user": ')
    expect(await card.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await body.fill('{"user": "u7", "k": 5}')
    await card.getByRole('button', { name: 'Send' }).click()
    await card
      .getByText(/"score":/)
      .first()
      .waitFor()
    await patient(() => card.locator('tbody tr').first().innerText()).toMatch(/\/recommend\s+3\s+1\s/)
    expect(await card.getByLabel('curl').last().innerText()).toContain(`-H 'authorization: Bearer a-token-of-mine'`)
    expect(await violations(page)).toEqual([])
    await pictures(page, 'serve')

    // it goes over to the other run
    await card.getByLabel('Swap to another run').click()
    await page.getByRole('option', { name: /^two/ }).click()
    await patient(() => card.locator('dd').first().innerText()).toBe(second)
    await card.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Nothing is served').waitFor()

    // without a token of one's own one is made up; its snippets have it
    await page.getByLabel('Token', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await card.waitFor()
    expect(await card.getByLabel('curl').last().innerText()).toMatch(/authorization: Bearer [\w-]{32}'/)
  })
})

test('a server keeps what it is asked, and the page says how that differs and what it costs', { timeout: 400_000 }, async () => {
  const files = await temporaryFolder()
  await mkdir(PICTURES, { recursive: true })
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(60_000)
    await importKinds(client, files)
    await trainKinds(client, { name: 'one' })
    const log = join(files, 'requests.jsonl')
    await page.goto(`${origin}/#/serve?tab=serve`)
    await page.getByLabel('Log of requests', { exact: true }).fill(log)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const card = page.getByRole('region', { name: /^http:\/\/127\.0\.0\.1:\d+$/ })
    await card.waitFor()
    const { servers } = await client.call('serving.list', {})
    const ages = readFileSync(join(files, 'users.csv'), 'utf8').trim().split('\n').slice(1)
    for (const [n, line] of ages.entries()) {
      // ages in months, and an item that came after the model
      const body = JSON.stringify({
        features: { age: 12 * Number(line.split(',')[1]) },
        history: [`i${n % 80}`, `i${(n + 4) % 80}`, 'i999'],
      })
      const { status } = await client.call('serving.ask', { server: servers[0]!.server, method: 'POST', path: '/recommend', body })
      expect(status).toBe(200)
    }
    await client.call('serving.stop', { server: servers[0]!.server })

    await page.getByRole('tab', { name: 'Skew' }).click()
    const compare = page.getByRole('button', { name: 'Compare', exact: true })
    expect(await compare.isDisabled()).toBe(true)
    const path = page.getByLabel('Log of requests', { exact: true })
    await path.fill(join(files, 'events.csv'))
    await compare.click()
    await page.getByText('It is no log of requests').waitFor()
    await path.fill(log)
    await page.keyboard.press('Enter')
    const result = page.getByRole('region', { name: 'Skew', exact: true })
    await result.waitFor()
    const rows = result.locator('tbody tr')
    await patient(() => rows.filter({ hasText: 'user.age' }).innerText()).toContain('times 12')
    const [age, ...others] = await Promise.all(
      [rows.filter({ hasText: 'user.age' }), rows.filter({ hasText: 'index.items' })].map((row) => row.innerText()),
    )
    expect(age).toMatch(/[−+]?0\.\d{4}/) // what it costs
    expect(others[0]).toContain('not in the index')
    await result.getByText('i999 × 60').waitFor()
    expect(await violations(page)).toEqual([])
    for (const width of [960, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await violations(page)).toEqual([])
      await pictures(page, `skew-${width}`)
    }
  })
})

/** The place in light and dark, to be seen by a person. */
async function pictures(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.screenshot({ path: join(PICTURES, `${name}-${scheme}.png`) })
  }
}
