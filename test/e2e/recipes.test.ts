/**
 * Every recipe from the page of a new run, as it comes: chosen, started with one click, trained to its end without a warning; and of one
 * of them the cards of its geometry and of a re-ranker.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { generateSample, sampleImportInput } from '../../main/engine/sample/sample.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

test('all recipes train on a sample market from the page', { timeout: 2_400_000 }, async () => {
  const files = await temporaryFolder()
  const sample = await drain(generateSample(join(files, 'sample'), { seed: 1, users: 100, listings: 80, events: 2000 }))
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(30_000)
    await (
      await startJob(client, 'datasets.import', { name: 'market', ...sampleImportInput(sample) })
    ).finished
    const { recipes } = await client.call('recipes.list', { dataset: 'market' })
    expect(recipes.length).toBeGreaterThan(15)
    const started = new Map<string, string>()
    // a section of the form comes into view, and nothing else moves: title and Start stay where they are
    await page.setViewportSize({ width: 960, height: 640 })
    await page.goto(`${origin}/#/new?recipe=two-tower&dataset=market`)
    const heading = page.getByRole('heading', { name: 'New run', level: 1 })
    await heading.waitFor()
    const before = await heading.boundingBox()
    await page.getByLabel('All settings').check()
    await page.getByRole('navigation', { name: 'Model' }).getByRole('button', { name: 'Training' }).click()
    await expect.poll(() => page.evaluate<number>("document.querySelector('.sections').scrollTop")).toBeGreaterThan(0)
    expect(await heading.boundingBox()).toEqual(before)
    for (const { name, title } of recipes) {
      await page.goto(`${origin}/#/new?recipe=${name}&dataset=market`)
      await page
        .getByRole('button', { name: new RegExp(`\\b${name}$`) })
        .first()
        .waitFor()
      const seeds = page.getByLabel('Seeds', { exact: true })
      if (await seeds.isVisible()) {
        await seeds.fill('1')
        await page.keyboard.press('Tab')
      }
      const start = page.getByRole('button', { name: 'Start', exact: true })
      await expect.poll(() => start.isEnabled(), { message: title }).toBe(true)
      await start.click()
      await expect.poll(() => /#\/runs\/\w+/.test(page.url()), { message: title, timeout: 10_000 }).toBe(true)
      started.set(/#\/runs\/(\w+)/.exec(page.url())![1]!, name)
    }
    const unfinished = async (): Promise<string[]> => {
      const { runs } = await client.call('runs.list', {})
      return runs.filter(({ state }) => state !== 'finished').map(({ run, state }) => `${started.get(run)}: ${state}`)
    }
    await expect.poll(unfinished, { timeout: 1_800_000, interval: 1000 }).toEqual([])
    const [run] = [...started].find(([, name]) => name === 'airbnb-2025')!
    await page.goto(`${origin}/#/runs/${run}`)
    const rerank = page.getByRole('region', { name: 'Second stage' })
    await rerank.getByRole('button', { name: 'Train a re-ranker' }).click()
    await rerank.getByRole('table').waitFor()
    await page.getByRole('region', { name: 'Geometry' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page)).toEqual([])
    }
    for (const [run, name] of started) {
      const { lines } = await client.call('runs.log', { run })
      expect(
        // on so little data an epoch may well be no better than the start
        lines.filter(({ level, text }) => level !== 'info' && !text.startsWith('No epoch was better')).map(({ text }) => text),
        name,
      ).toEqual([])
      const shown = await client.call('runs.show', { run })
      expect(shown.metrics['recall@20'], name).toBeGreaterThan(0)
    }
  })
})
