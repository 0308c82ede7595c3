/** The pictures that explain: ranks over epochs and runs with their CSV, the map of an epoch and of two runs, a batch of negatives; axe on each. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

test('ranks over time, what moved, what a batch learns from', async () => {
  const files = await temporaryFolder()
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(30_000)
    await importKinds(client, files)
    const first = await trainKinds(client, { name: 'one', epochs: 3 })
    const second = await trainKinds(client, { name: 'two', seed: 2, epochs: 2 })
    const go = (place: string): Promise<unknown> => page.goto(`${origin}/#${place}`)

    await go(`/inspect?run=${first}&view=flow&side=item&id=i5&k=10&beside=${second}`)
    const chart = page.getByRole('img', { name: /^Ranks of \d+ items in 7 lists$/ })
    await chart.waitFor()
    expect(await violations(page)).toEqual([])
    await chart.hover()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()])
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    expect(lines[0]).toBe('run,name,epoch,item,title,popularity,rank,score')
    const items = await page.locator('table.plain tbody tr').count()
    expect(lines).toHaveLength(1 + 7 * items)
    // an item of the table is followed next
    await page.locator('table.plain tbody button').first().focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toMatch(/view=flow.*id=i(?!5\b)\d+/)

    await go(`/inspect?run=${first}&view=map&other=${second}&epoch=1&colour=:moved`)
    await page.getByText('What moved most').waitFor()
    await expect.poll(() => page.locator('.map-canvas').count()).toBe(2)
    expect(await violations(page)).toEqual([])
    const slider = page.getByRole('slider', { name: 'Epoch of the map' })
    await slider.focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.url()).not.toContain('epoch=1')

    await go(`/runs/${first}?tab=negatives`)
    await page.getByRole('slider', { name: 'Temperature τ' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'Look at a batch' }).click()
    await page.getByRole('img', { name: /^Scores of \d+ examples/ }).waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
  })
}, 240_000)
