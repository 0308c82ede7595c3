/** Inspecting by keyboard and mouse: a user, a hit, a history left out, two runs, a newcomer, the map, and an index that is changed. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { type OpenPage, withPage } from './host.ts'

/** A host that may read one folder of the test's own. */
async function withFiles(journey: (open: OpenPage, files: string) => Promise<void>): Promise<void> {
  const files = await temporaryFolder()
  await withPage({ roots: [files] }, (open) => journey(open, files))
}
const query = (page: Page): URLSearchParams => new URLSearchParams(page.url().split('?')[1] ?? '')

test(
  'a user, a hit and back, a history left out, a second run, a newcomer, the map, another index',
  () =>
    withFiles(async ({ page, client, origin }, files) => {
      page.setDefaultTimeout(30_000)
      await importKinds(client, files)
      const first = await trainKinds(client, { name: 'one' })
      const second = await trainKinds(client, { name: 'two', seed: 2, epochs: 2 })
      const go = (place: string): Promise<unknown> => page.goto(`${origin}/#${place}`)
      const hits = page.locator('table.hits').first().locator('tbody tr')

      await go(`/inspect?run=${first}`)
      // by its name: the page before this one has a search too, until this one has come
      await page.getByRole('combobox', { name: 'Find a user by id' }).click()
      await page.keyboard.type('u7')
      await page.getByRole('option', { name: /^u7/ }).waitFor()
      await page.keyboard.press('Enter')
      await hits.first().waitFor()
      expect(query(page).get('id')).toBe('u7')
      expect(await hits.count()).toBe(20)
      expect(await page.getByRole('button', { name: /rank \d+/ }).count()).toBe(1)
      expect(await violations(page)).toEqual([])

      // arrows through the hits, Enter inspects, back goes back
      await hits.first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await expect.poll(() => query(page).get('side')).toBe('item')
      await page.goBack()
      await expect.poll(() => query(page).get('id')).toBe('u7')

      // what the history contributes, and what is left without it
      const kept = page.locator('.event input[type=checkbox]')
      await kept.first().waitFor()
      await page.locator('.event .change').first().waitFor()
      const before = await hits.allInnerTexts()
      for (const i of [0, 1, 2]) await kept.nth(i).uncheck()
      await expect.poll(async () => (await hits.allInnerTexts()).join()).not.toBe(before.join())
      expect(query(page).get('without')?.split(',')).toHaveLength(3)
      await page.reload()
      await expect.poll(() => page.locator('.event input:not(:checked)').count()).toBe(3)

      await go(`/inspect?run=${first}&other=${second}&id=u7`)
      await page.locator('table.hits').nth(1).locator('tbody tr').first().waitFor()
      const shared = await page.locator('.result .badge.accent').first().innerText()
      const alone = await hits.locator('td:nth-child(2)').allInnerTexts()
      expect(shared).toBe(`${alone.filter((text) => text !== '–').length} of 20 shared`)

      // in little room names go before all else, and the rows of two lists stand level
      await page.setViewportSize({ width: 960, height: 800 })
      const boxes = async (of: number): Promise<{ y: number; width: number }[]> => {
        const cells = await page.locator('table.hits').nth(of).locator('td.item').all()
        return Promise.all(cells.map(async (cell) => (await cell.boundingBox())!))
      }
      const [left, right] = [await boxes(0), await boxes(1)]
      expect(Math.min(...[...left, ...right].map(({ width }) => width))).toBeGreaterThan(120)
      expect(left.map(({ y }) => y)).toEqual(right.map(({ y }) => y))
      expect(await page.locator('table.hits').first().locator('th.other').innerText()).toBe('# two')
      expect(await violations(page)).toEqual([])
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save this list as CSV' }).first().click()
      const file = await saved
      expect(file.suggestedFilename()).toBe('one-u7.csv')
      const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
      expect(lines).toHaveLength(21)
      expect(lines[0]).toMatch(/^rank,item,title,score,popularity,seen_in,other_rank/)
      expect(lines.slice(1).filter((line) => line.split(',')[6] !== '')).toHaveLength(Number(shared.split(' ')[0]))
      await page.setViewportSize({ width: 1440, height: 900 })

      // a newcomer: the answer follows the typing
      await go(`/inspect?run=${first}&side=item&typed=${encodeURIComponent('{"price":20}')}`)
      await page.getByRole('combobox', { name: 'kind' }).fill('k3')
      await page.getByRole('option', { name: 'k3' }).click()
      await expect.poll(() => JSON.parse(query(page).get('typed')!) as unknown).toEqual({ price: 20, kind: 'k3' })
      await expect.poll(async () => await hits.first().innerText()).toContain('k3')

      // the map draws its points, and its list reaches them
      await go(`/inspect?run=${first}&view=map&colour=kind`)
      await page.locator('.map-canvas').waitFor()
      await page.locator('[data-page-search]').click()
      await page.keyboard.type('i5') // and Enter before the answer is there
      await page.keyboard.press('Enter')
      await page.getByRole('listbox').getByRole('option').first().waitFor()
      await expect.poll(() => query(page).get('item'), { timeout: 10_000 }).toBe('i5')
      expect(await violations(page)).toEqual([])

      await go(`/index?run=${first}`)
      await page.getByRole('button', { name: 'Build an index' }).first().click()
      await page.getByLabel('Name').fill('live')
      await page.getByRole('button', { name: 'Build', exact: true }).click()
      await page.getByRole('radio', { name: 'live' }).waitFor({ timeout: 30_000 })
      await page.getByRole('button', { name: 'Type it in' }).click()
      await page.getByLabel('Id').fill('new')
      await page.getByRole('button', { name: 'Add to the index' }).click()
      await page.getByRole('cell', { name: /^81/ }).waitFor()
      expect((await client.call('index.list', { run: first })).indexes.map(({ name, count }) => [name, count])).toEqual([
        ['own', 80],
        ['live', 81],
      ])
      expect(await violations(page)).toEqual([])
    }),
  240_000,
)
