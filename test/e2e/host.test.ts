/**
 * The page in a real Chromium behind the real web host: it opens, it hears of the engine's death and of the next one,
 * and it is refused without a session.
 */
import { expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { launchChromium, startHost, withPage } from './host.ts'

/** A browser that outlives the page of a journey. */
async function withBrowser(body: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await launchChromium()
  try {
    await body(browser)
  } finally {
    await browser.close()
  }
}

test('the link opens the page, leaves no token in the address, and works once', () =>
  withBrowser((browser) =>
    withPage(
      {},
      async ({ page, origin, host }) => {
        expect(new URL(page.url()).search).toBe('')
        await page.getByRole('navigation').first().waitFor()
        await page.reload()
        await page.getByRole('navigation').first().waitFor()
        const link = host.link()
        const stranger = await browser.newContext()
        const other = await stranger.newPage()
        expect((await other.goto(link))?.status()).toBe(200)
        await stranger.clearCookies()
        expect((await other.goto(link))?.status()).toBe(401)
        expect(await other.innerText('h1')).toBe('Pylon does not know this browser')
        expect((await other.goto(origin))?.status()).toBe(401)
        await stranger.close()
      },
      browser,
    ),
  ))

test('a host that was ended and started anew is found again by its page only with a new link', () =>
  withBrowser(async (browser) => {
    const first = await startHost()
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(first.host.link())
    await page.getByRole('navigation').first().waitFor()
    await first.stop()
    const second = await startHost({ port: first.host.port })
    try {
      expect((await page.goto(second.origin))?.status()).toBe(401)
      await page.goto(second.host.link())
      await page.getByRole('navigation').first().waitFor()
    } finally {
      await context.close()
      await second.stop()
    }
  }))
