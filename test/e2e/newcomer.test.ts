/**
 * A newcomer with a table of their own: from an empty workspace to a comparison with the best baseline in at most twelve clicks, by mouse
 * or by keyboard alone, on small and large screens, light and dark, in both languages. No page on the way has a finding of axe.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import en from '../../renderer/locales/en/all.ts'
import zh from '../../renderer/locales/zh/all.ts'
import { recipeTexts } from '../../renderer/locales/zh/recipes.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const MOST_CLICKS = 12
/** Where a tab stop is not found after so many, the keyboard does not get there. */
const MOST_STOPS = 120

/** 120 customers, each with twenty of the 60 products of a taste, and now and then another. */
function orders(): string {
  let state = 7
  const below = (n: number): number => (state = (state * 48_271) % 2_147_483_647) % n
  const rows = Array.from({ length: 120 * 20 }, (_, i) => {
    const customer = i % 120
    const product = 3 * below(20) + (below(8) === 0 ? below(3) : customer % 3)
    const day = String(1 + (i >> 7)).padStart(2, '0')
    return `c${customer},p${product},2026-03-${day} ${String(below(24)).padStart(2, '0')}:00:00`
  })
  return `customer_id,product_id,ordered_at\n${rows.join('\n')}\n`
}

interface Variant {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
  readonly locale: 'en-GB' | 'zh-CN'
  readonly by: 'mouse' | 'keyboard'
  /** run by run, or by the one button that does it all */
  readonly way: 'by hand' | 'one button'
}
const VARIANTS: readonly Variant[] = [
  { width: 1440, colorScheme: 'light', locale: 'en-GB', by: 'mouse', way: 'by hand' },
  { width: 1280, colorScheme: 'dark', locale: 'zh-CN', by: 'keyboard', way: 'by hand' },
  { width: 960, colorScheme: 'light', locale: 'zh-CN', by: 'mouse', way: 'by hand' },
  { width: 960, colorScheme: 'dark', locale: 'en-GB', by: 'keyboard', way: 'one button' },
]

const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => (element as unknown as { matches: (selector: string) => boolean }).matches(':focus'))

/** Does what a hand does, and counts how often. */
function handOn(page: Page, by: Variant['by']) {
  let clicks = 0
  async function tabTo(target: Locator): Promise<void> {
    await target.waitFor()
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await isFocused(target)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`The keyboard does not get to ${String(target)}.`)
  }
  return {
    get clicks() {
      return clicks
    },
    async press(target: Locator): Promise<void> {
      await expect.poll(() => target.isEnabled(), { timeout: 240_000 }).toBe(true)
      clicks++
      if (by === 'mouse') return target.click()
      await tabTo(target)
      await page.keyboard.press('Enter')
    },
    /** One of some tabs, which are one stop: arrows go from each to the next. */
    async turnTo(tab: Locator): Promise<void> {
      clicks++
      if (by === 'mouse') return tab.click()
      await tabTo(page.getByRole('tab', { selected: true }))
      for (let stop = 0; stop < MOST_STOPS && !(await isFocused(tab)); stop++) await page.keyboard.press('ArrowRight')
    },
    /** A row of the table of runs, by what stands in its name. */
    async open(name: Locator): Promise<void> {
      clicks++
      const row = page.getByRole('row').filter({ has: name })
      await row.first().waitFor()
      if (by === 'mouse') return row.first().locator(name).first().click()
      const grid = page.getByRole('treegrid')
      await tabTo(grid)
      for (let stop = 0; stop < MOST_STOPS; stop++) {
        const active = page.locator(`[id="${await grid.getAttribute('aria-activedescendant')}"]`)
        if ((await row.filter({ has: active }).count()) === 1) return page.keyboard.press('Enter')
        await page.keyboard.press('ArrowDown')
      }
      throw new Error(`The keyboard does not get to ${String(name)}.`)
    },
  }
}

test.each(VARIANTS)('$width px, $colorScheme, $locale, by $by, $way', { timeout: 900_000 }, async (variant) => {
  const { width, colorScheme, locale, by, way } = variant
  const file = join(await temporaryFolder(), 'orders.csv')
  await writeFile(file, orders())
  const words = locale === 'zh-CN' ? zh : en
  await withPage({ context: { viewport: { width, height: 800 }, colorScheme, locale } }, async ({ page }) => {
    page.setDefaultTimeout(240_000)
    const hand = handOn(page, by)
    const link = (name: string): Locator => page.getByRole('link', { name, exact: true })
    const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })
    const isClean = async (place: string): Promise<void> => expect(await violations(page), place).toEqual([])

    await link(words.runs.emptyData).waitFor()
    await isClean('empty workspace')
    await hand.press(link(words.runs.emptyData))
    const choose = button(words.data.import.choose)
    await choose.waitFor()
    await isClean('which files')
    const chooser = page.waitForEvent('filechooser')
    await hand.press(choose)
    await (await chooser).setFiles(file)
    const take = button(words.data.import.title)
    await expect.poll(() => take.isEnabled(), { timeout: 60_000 }).toBe(true)
    await isClean('what is in them')
    await hand.press(take)
    await page.getByText(words.data.profile.longTail).first().waitFor()
    await isClean('the dataset')

    if (way === 'one button') {
      await hand.press(button(words.runs.first.goOf))
      await page.getByText('two-tower', { exact: true }).waitFor()
      await isClean('under way')
    } else {
      await hand.press(link(words.data.train))
      const card = page.locator('button.recipe').filter({ has: page.getByText('two-tower', { exact: true }) })
      await card.waitFor()
      if (locale === 'zh-CN') expect(await card.innerText()).toContain(recipeTexts['two-tower']![1])
      await isClean('recipes')
      await hand.press(card)
      await isClean('a new run')
      // a run a seed, gathered in a family
      await hand.press(button(words.newRun.startMany.replace('{n}', '3')))
      await hand.open(page.getByRole('button', { expanded: false }))
      await isClean('runs')
      await hand.open(page.getByRole('link'))
      await page.waitForURL(/#\/runs\/\w+/)
      const rivals = page.getByRole('region', { name: words.run.baselines.title })
      await hand.press(rivals.getByRole('button'))
      await expect.poll(() => rivals.getByRole('button').count(), { timeout: 240_000 }).toBe(0)
      expect(await rivals.getByRole('row').count()).toBe(4)
      await isClean('a run')
      await hand.press(rivals.getByRole('link', { name: words.run.baselines.compare }))
    }
    await page.waitForURL(/#\/compare/, { timeout: 240_000 })
    if (way === 'one button') {
      await page.getByRole('tabpanel').waitFor()
      await isClean('metrics compared')
      await hand.turnTo(page.getByRole('tab', { name: words.compare.tab.verdict }))
    }
    await page.getByRole('region', { name: words.compare.tab.verdict, exact: true }).waitFor()
    await isClean('the verdict')
    expect(hand.clicks).toBeLessThanOrEqual(MOST_CLICKS)
  })
})
