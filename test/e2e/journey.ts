/**
 * The whole way of a newcomer, as one function over a page wherever it runs: drop the sample's files, correct nothing,
 * read the profile, start a run from a recipe, watch it, cancel one, finish another, compare the two down to a query,
 * inspect a user, an item and a typed-in cold item, change language and theme. Pictures of each station are kept in
 * `out/journeys/<name>/`, light and dark, English and Chinese.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { generateSample } from '../../main/engine/sample/sample.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { ROOT } from '../../main/start/build.ts'
import { violations } from './axe.ts'

export type Look = 'dark-en' | 'dark-zh' | 'light-zh' | 'light-en'

/** Patient, as a busy machine is slow. */
const poll = <T>(read: () => T) => expect.poll(read, { timeout: 120_000 })

/** Stations whose pictures are taken in every look: their names and addresses behind the `#`. */
type Stations = Map<string, string>

/** @param files a folder for the files that are dropped */
export async function journey(page: Page, files: string, name: string, looks: readonly Look[]): Promise<void> {
  const pictures = join(ROOT, 'out', 'journeys', name)
  await mkdir(pictures, { recursive: true })
  page.setDefaultTimeout(180_000)
  const stations: Stations = new Map()
  const at = (station: string): void => void stations.set(station, page.url().split('#')[1]!)
  const picture = (station: string): Promise<unknown> => page.screenshot({ path: join(pictures, `${station}.png`) })
  const nav = (link: string): Promise<void> => page.getByRole('navigation').first().getByRole('link', { name: link, exact: true }).click()

  await page.getByRole('navigation').first().waitFor()
  await picture('00-first-start')

  // the sample's files are dropped and imported as they are guessed
  await nav('Data')
  await drop(page, await sampleFiles(files))
  await page.getByRole('button', { name: 'Import', exact: true }).waitFor()
  await poll(() => page.getByText('Nothing stands against the import.').count()).toBe(1)
  await page.getByLabel('Name of the dataset').fill('market')
  await picture('01-import')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('Long tail').waitFor()
  expect(await violations(page)).toEqual([])
  at('02-profile')

  // one run is cancelled, another finished
  await startRun(page, 'long', 200)
  await page.getByText(/^training · epoch/).waitFor()
  await picture('03-training')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('This run was cancelled.').waitFor()
  const first = await startRun(page, 'first', 2)
  await finished(page)
  at('04-run')
  expect(await violations(page)).toEqual([])
  const second = await startRun(page, 'second', 1)
  await finished(page)

  await nav('Runs')
  await page.getByRole('link', { name: 'second' }).or(page.getByText('second')).first().waitFor()
  at('05-runs')
  expect(await violations(page)).toEqual([])

  // the two compared, down to the lists of one user
  await go(page, `/compare?runs=${first},${second}`)
  await page.locator('table tbody tr').first().waitFor()
  at('06-compare')
  await page.getByRole('tab', { name: 'Query by query' }).click()
  await page.locator('.verdict').waitFor()
  await page
    .getByRole('button', { name: /^U\d{5}$/ })
    .first()
    .click({ force: true })
  await poll(() => page.locator('table.hits').count()).toBe(2)
  at('07-difference')
  expect(await violations(page)).toEqual([])

  // a user, an item, and a cold item that nobody has met
  await go(page, `/inspect?run=${first}&id=U00042`)
  await page.locator('table.hits tbody tr').first().waitFor()
  at('08-user')
  await go(page, `/inspect?run=${first}&side=item&id=L02962`)
  await page.locator('table.hits tbody tr').first().waitFor()
  at('09-item')
  const cold = JSON.stringify({ title: 'Bright loft by the river', price: 95, room_type: 'Entire home/apt' })
  await go(page, `/inspect?run=${first}&side=item&typed=${encodeURIComponent(cold)}`)
  await page.locator('table.hits tbody tr').first().waitFor()
  at('10-cold-item')
  expect(await violations(page)).toEqual([])
  stations.set('11-map', `/inspect?run=${first}&view=map`)
  stations.set('12-index', `/index?run=${first}`)
  stations.set('13-new-run', '/new')
  stations.set('14-serve', '/serve')
  stations.set('15-settings', '/settings')

  // language and theme, changed where a person changes them
  for (const look of looks) {
    const [theme, language] = look.split('-') as ['dark' | 'light', 'en' | 'zh']
    await chooseTheme(page, theme)
    await chooseLanguage(page, language)
    for (const [station, place] of stations) {
      await go(page, place)
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(1_200) // charts draw themselves in
      await page.screenshot({ path: join(pictures, `${station}-${look}.png`) })
    }
  }
}

async function chooseTheme(page: Page, theme: 'dark' | 'light'): Promise<void> {
  await go(page, '/settings')
  await page.getByLabel(/^(Theme|主题)$/).click()
  await page.getByRole('option', { name: theme === 'dark' ? /^(Dark|深色)$/ : /^(Light|浅色)$/ }).click()
  await poll(() => page.locator('html').getAttribute('data-theme')).toBe(theme)
}

async function chooseLanguage(page: Page, language: 'en' | 'zh'): Promise<void> {
  await page.getByLabel(/^(Language|语言)$/).click()
  await page.getByRole('option', { name: language === 'zh' ? '简体中文' : 'English' }).click()
  await poll(() => page.locator('html').getAttribute('lang')).toBe(language === 'zh' ? 'zh-CN' : 'en')
}

const go = (page: Page, place: string): Promise<void> =>
  page.evaluate((hash) => {
    ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
  }, place)

/** Starts a run of the recipe `two-tower` with a number of epochs of its own. @returns its id */
async function startRun(page: Page, name: string, epochs: number): Promise<string> {
  await go(page, '/new?recipe=two-tower&dataset=market')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Epochs', { exact: true }).fill(String(epochs))
  await page.getByLabel('Seeds', { exact: true }).fill('1')
  await page.keyboard.press('Tab')
  const start = page.getByRole('button', { name: 'Start', exact: true })
  await poll(() => start.isEnabled()).toBe(true)
  await start.click()
  await poll(() => /#\/runs\/\w+/.test(page.url())).toBe(true)
  return /#\/runs\/(\w+)/.exec(page.url())![1]!
}

const finished = (page: Page): Promise<void> =>
  page.locator('.page-header, header').getByText('finished').first().waitFor({ timeout: 300_000 })

async function sampleFiles(folder: string): Promise<string[]> {
  const { interactions, users, items } = await drain(generateSample(folder, { seed: 1, users: 1200, listings: 3000, events: 36_000 }))
  return [interactions, users, items]
}

/** Drops files on the page as a file manager does: files of this machine, chosen by the browser itself. */
async function drop(page: Page, paths: readonly string[]): Promise<void> {
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('input'), { id: 'dropped', type: 'file', multiple: true }))`,
  )
  const input = page.locator('#dropped')
  await input.setInputFiles([...paths])
  const transfer = await input.evaluateHandle((element) => {
    const scope = globalThis as unknown as { DataTransfer: new () => { items: { add: (file: File) => void } } }
    const data = new scope.DataTransfer()
    const chosen = element as unknown as { files: File[]; remove: () => void }
    for (const file of chosen.files) data.items.add(file)
    chosen.remove()
    return data
  })
  await page.locator('#page .page').dispatchEvent('drop', { dataTransfer: transfer })
}
