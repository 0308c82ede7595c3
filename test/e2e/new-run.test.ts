/** A new run begins on cards of recipes that fit the dataset; what is prepared is kept for each dataset, and ends with its start. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { importKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('cards, a draft for each dataset, and its end', async () => {
  const files = await temporaryFolder()
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(30_000)
    await importKinds(client, join(files, 'a'))
    await (
      await startJob(client, 'datasets.import', { name: 'market', sample: true })
    ).finished
    const { recipes } = await client.call('recipes.list', { dataset: 'small' })
    const open = (): Promise<unknown> => page.goto(`${origin}/#/new?dataset=small`)
    const cards = page.locator('button.recipe')
    const start = page.getByRole('button', { name: 'Start', exact: true })

    // all recipes, those that do not fit say what they need and cannot be chosen
    await open()
    await cards.first().waitFor()
    expect(await cards.count()).toBe(recipes.length)
    const unfit = recipes.filter(({ needs }) => needs.some(({ met }) => met === false)).map(({ name }) => name)
    expect(unfit.length).toBeGreaterThan(0)
    expect((await page.locator('button.recipe:disabled code').allInnerTexts()).toSorted()).toEqual(unfit.toSorted())
    expect(await start.count()).toBe(0)
    expect(await violations(page)).toEqual([])

    // found by typing, by keyboard alone
    await page.getByRole('searchbox', { name: 'Find a recipe' }).fill('popular number of')
    await expect.poll(() => cards.count()).toBe(1)
    await cards.first().focus()
    await page.keyboard.press('Enter')
    await start.waitFor()
    await page.getByLabel('Name', { exact: true }).fill('mine')

    // another dataset has its own draft; the first is kept over a reload
    await page.goto(`${origin}/#/new?dataset=market`)
    await page.getByRole('heading', { name: 'What should the run on market begin with?' }).waitFor()
    await page.getByRole('button', { name: 'As prepared for small' }).waitFor()
    await open()
    await page.reload()
    await start.waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('mine')

    // a few fields of a model of towers, the rest behind one switch, which is kept
    await page.goto(`${origin}/#/new?dataset=small&recipe=two-tower`)
    await page.getByLabel('Epochs', { exact: true }).waitFor()
    const places = page.locator('.spec-form [data-place]')
    expect(await places.count()).toBe(8)
    expect(await violations(page)).toEqual([])
    // a hint is a box with a ground of its own, and no wider than is read well
    await page.locator('.spec-form button.hint').first().hover()
    await page.locator('[data-reka-popper-content-wrapper] [data-side]').waitFor()
    const hint = await page.evaluate<{ background: string; width: number }>(`(() => {
      const box = document.querySelector('[data-reka-popper-content-wrapper] [data-side]')
      return { background: getComputedStyle(box).backgroundColor, width: box.getBoundingClientRect().width }
    })()`)
    expect(hint.background).not.toBe('rgba(0, 0, 0, 0)')
    expect(hint.width).toBeLessThanOrEqual(340)
    await page.mouse.move(0, 0)
    await page.getByLabel('Loss', { exact: true }).click()
    await page.getByRole('option', { name: 'bpr', exact: true }).click()
    await page.getByLabel('All settings').check()
    await page.getByRole('navigation', { name: 'Model' }).waitFor()
    expect(await places.count()).toBeGreaterThan(40)
    await page.getByLabel('All settings').uncheck()
    expect(await page.getByLabel('Loss', { exact: true }).innerText()).toContain('bpr')
    expect(await page.locator('.problems').count()).toBe(0)
    await page.goto(`${origin}/#/new?dataset=small&recipe=most-popular`)
    await start.waitFor()

    // it ends with its start, and the card tells what it took
    await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true)
    await start.click()
    await page.waitForURL(/#\/runs\/\w+/)
    await page.locator('header').getByText('finished').waitFor()
    await page.getByRole('navigation').first().getByRole('link', { name: 'New run' }).click()
    await cards.first().waitFor()
    await cards
      .filter({ hasText: 'most-popular' })
      .getByText(/here \(median of 1 run\)/)
      .waitFor()
  })
})
