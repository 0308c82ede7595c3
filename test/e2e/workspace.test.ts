/** What the page shows of the workspace: deletions that come back, one that is open for reading only, one that cannot be opened. */
import { mkdir, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Engines } from '../../main/engine/store/engines.ts'
import { forkEngine } from '../../main/hosts/fork-engine.ts'
import type { EngineProcess } from '../../main/hosts/engine-supervisor.ts'
import { ROOT } from '../../main/start/build.ts'
import { makeManyRuns } from '../helpers/many-runs.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const PICTURES = join(ROOT, 'out', 'journeys', 'workspace')
/** Patient, as a busy machine is slow. */
const poll = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 })

async function withHome(body: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'pylon-e2e-'))
  try {
    await mkdir(PICTURES, { recursive: true })
    makeManyRuns(home, { runs: 6, epochs: 4 })
    await body(home)
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Pictures in light and dark, English and Chinese, wide and narrow. */
async function pictures(page: Page, station: string): Promise<void> {
  for (const [theme, language, width] of [
    ['light', 'en', 1440],
    ['dark', 'en', 960],
    ['light', 'zh', 960],
    ['dark', 'zh', 1440],
  ] as const) {
    await page.setViewportSize({ width, height: 1000 })
    await choose(page, theme, language)
    await page.waitForTimeout(400)
    await page.screenshot({ path: join(PICTURES, `${station}-${theme}-${language}-${width}.png`) })
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await choose(page, 'light', 'en')
}

/** By the palette, which is there even where no page is. */
async function choose(page: Page, theme: 'light' | 'dark', language: 'en' | 'zh'): Promise<void> {
  for (const command of [
    theme === 'dark' ? /(Theme: Dark|主题: 深色)/ : /(Theme: Light|主题: 浅色)/,
    language === 'zh' ? /简体中文/ : /English/,
  ]) {
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: command }).first().click()
  }
}

const go = (page: Page, place: string): Promise<void> =>
  page.evaluate((hash) => {
    ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
  }, place)

test('a run is deleted, undone, deleted, taken back from the trash, and removed for good', () =>
  withHome((home) =>
    withPage({ home, roots: [tmpdir()] }, async ({ page, client }) => {
      const runs = async (): Promise<readonly string[]> => (await client.call('runs.table', {})).columns.run
      const trash = async (): Promise<string[]> => (await client.call('trash.list', {})).entries.map(({ what }) => what)
      const run = (await client.call('runs.list', {})).runs.find(({ state }) => state === 'finished')!.run
      await page.locator('.line.entry').first().waitFor()
      const remove = async (): Promise<void> => {
        await go(page, `/runs/${run}`)
        await page.getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: 'Delete…' }).click()
        await page.getByRole('dialog').getByText('can be taken back until that is emptied').waitFor()
        await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
        await poll(runs).not.toContain(run)
        await page.getByText('moved to the trash').first().waitFor()
      }
      await remove()
      await page.getByRole('button', { name: 'Undo' }).click()
      await poll(runs).toContain(run)
      expect(await trash()).toEqual([])

      await remove()
      await go(page, `/runs/${run}`)
      await page.getByText('This run is not in the workspace').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('link', { name: 'Trash' }).click()
      const card = page.getByRole('region', { name: 'Trash' })
      await card.getByText(run).waitFor()
      await mkdir(join(home, 'tmp', 'left-over'))
      await mkdir(join(home, 'runs', 'unknown'))
      await page.reload()
      await page.getByText('runs/unknown').waitFor({ timeout: 60_000 })
      expect(await violations(page)).toEqual([])
      await pictures(page, 'settings')
      await card.getByRole('button', { name: 'Take back' }).click()
      await poll(runs).toContain(run)
      await page.getByText(`Taken back: ${run}`).waitFor()

      // strays go to the trash, and the trash is emptied
      await page.getByRole('button', { name: 'Move to the trash' }).click()
      await poll(async () => (await trash()).sort()).toEqual(['runs/unknown', 'tmp/left-over'])
      await card.getByText('tmp/left-over').waitFor()
      await card.getByRole('button', { name: 'Empty…' }).click()
      await page.getByRole('button', { name: 'Remove for good' }).click()
      await poll(trash).toEqual([])
      await card.getByText('Nothing is in the trash').waitFor()

      // a copy as a download, with what was left out
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Back up…' }).click()
      await page.getByRole('menuitem', { name: 'Download it as one file' }).click()
      expect((await download).suggestedFilename()).toMatch(/^pylon-backup-.*\.zip$/)
      await page.getByText(/^Copied\. Datasets: 3/).waitFor()
      await pictures(page, 'backup')
    }),
  ))

test('a workspace that another machine has open says so on every page, and what would change it is off', () =>
  withHome(async (home) => {
    const far = new Engines(home, { host: 'other', boot: 'another-boot' })
    expect(far.enter('engine')).toBeNull()
    try {
      await withPage({ home }, async ({ page, client }) => {
        const why = /open on the machine other/
        await page.getByRole('status').filter({ hasText: why }).waitFor()
        await page.locator('.line.entry').first().waitFor()
        await page.getByRole('checkbox', { name: 'Select all rows' }).click()
        const remove = page.getByRole('button', { name: 'Delete', exact: true })
        await poll(() => remove.isDisabled()).toBe(true)
        expect(await remove.getAttribute('title')).toMatch(why)
        await page.screenshot({ path: join(PICTURES, 'viewed-runs.png') })
        await go(page, '/data')
        await poll(() => page.getByRole('button', { name: 'Import' }).first().isDisabled()).toBe(true)
        await go(page, `/runs/${(await client.call('runs.list', {})).runs[0]!.run}`)
        await poll(() => page.getByRole('textbox', { name: 'Note' }).isDisabled()).toBe(true)
        await go(page, '/settings')
        await poll(() => page.getByRole('spinbutton', { name: 'Threads' }).isDisabled()).toBe(true)
        await page.getByText('open for reading only', { exact: true }).waitFor({ timeout: 60_000 })
        expect(await violations(page)).toEqual([])
        await pictures(page, 'viewed')
      })
    } finally {
      far.leave()
    }
  }))

test('a workspace whose database is lost says why it is not opened, with the command that helps', () =>
  withHome(async (home) => {
    const engines: EngineProcess[] = []
    const fork: typeof forkEngine = (options, print) => {
      const engine = forkEngine(options, print)
      engines.push(engine)
      return engine
    }
    await withPage({ home, fork }, async ({ page }) => {
      await page.locator('.line.entry').first().waitFor()
      const dead = new Promise<void>((resolve) => engines[0]!.onExit(() => resolve()))
      engines[0]!.kill()
      await dead
      for (const file of ['pylon.sqlite', 'pylon.sqlite-wal', 'pylon.sqlite-shm']) await truncate(join(home, file)).catch(() => undefined)
      engines.at(-1)!.kill()
      await page.getByText('The workspace cannot be opened').waitFor({ timeout: 60_000 })
      await page.getByText(`pylon doctor --repair --home ${home}`, { exact: true }).waitFor()
      await page.reload()
      await page.getByText('The workspace cannot be opened').waitFor({ timeout: 60_000 })
      expect(await violations(page)).toEqual([])
      await pictures(page, 'refused')
    })
  }))
