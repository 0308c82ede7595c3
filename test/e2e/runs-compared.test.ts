/** A run watched, paused, resumed and cancelled from its page; runs compared, two of them query by query, down to both lists of a user. */
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] }
const copied = (page: Page): Promise<string> => page.evaluate<string>('navigator.clipboard.readText()')
const query = (page: Page): URLSearchParams => new URLSearchParams(page.url().split('?')[1] ?? '')

test('runs side by side: metrics, curves, configs, and the difference of two for every user', () =>
  withPage({ context: clipboard, roots: [tmpdir()] }, async ({ page, client, home, origin }) => {
    await importKinds(client, join(home, 'files'))
    const tower = await trainKinds(client, { name: 'tower', epochs: 2 })
    const seed2 = await trainKinds(client, { name: 'tower', seed: 2, epochs: 2 })
    const knn = await startJob(client, 'runs.start', { dataset: 'small', spec: { model: 'item-knn' }, name: 'knn' })
    await knn.finished
    const other = await startJob(client, 'runs.start', {
      dataset: 'small',
      spec: { model: 'most-popular', evaluation: { seen: 'included' } },
      name: 'included',
    })
    await other.finished
    const runs = [tower, seed2, knn.started.run]
    const go = (place: string): Promise<unknown> => page.goto(`${origin}/#${place}`)

    await go(`/compare?runs=${runs.join(',')}`)
    // seeds are gathered until one asks for the runs; nothing is marked the best that no test has told from the others
    const seeds = page.getByRole('checkbox', { name: 'mean ± sd over seeds' })
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(2)
    await seeds.uncheck()
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(3)
    const shown = await Promise.all(runs.map((run) => client.call('runs.show', { run })))
    const table = await page.locator('table tbody').first().innerText()
    for (const { metrics } of shown) expect(table).toContain(metrics['recall@20']!.toFixed(4))
    expect(await page.locator('td.best').count()).toBe(0)
    await seeds.check()
    await expect.poll(() => page.locator('table tbody tr').count()).toBe(2)
    await page.getByRole('button', { name: 'Copy CSV' }).click()
    await expect.poll(() => copied(page)).toMatch(/^run,name,seeds,protocol,recall@20,recall@20 sd,/)
    await page.getByRole('button', { name: 'Copy LaTeX' }).click()
    await expect.poll(() => copied(page)).toMatch(/\\begin\{tabular\}\{lr+\}[^]*[01]\.\d{4}/)
    expect(await violations(page)).toEqual([])

    // another protocol stands in a table of its own
    await go(`/compare?runs=${[...runs, other.started.run].join(',')}`)
    await expect.poll(() => page.locator('table').count()).toBe(2)
    await page.getByText('2 protocols: numbers of different tables do not compare').waitFor()

    await page.getByRole('tab', { name: 'Curves' }).click()
    await page.getByRole('img', { name: /^Over K: 2 series/ }).waitFor()
    await page.getByRole('button', { name: 'Gather seeds' }).click()
    await page.getByRole('img', { name: /^Over K: 3 series/ }).waitFor()
    // its numbers leave as CSV, its picture as lines
    const loss = page.getByRole('group', { name: 'Save Training loss as a file' })
    const saved = async (as: string): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent('download'), loss.getByRole('button', { name: as, exact: true }).click()])
      expect(download.suggestedFilename()).toBe(`Training-loss.${as.toLowerCase()}`)
      return readFile(await download.path(), 'latin1')
    }
    expect(await saved('CSV')).toMatch(/^series,step,Training loss\r\ntower #1,\d+,[\d.]+\r\n/)
    expect(await saved('SVG')).toMatch(/^<svg[^]*<path/)
    expect(await saved('PNG')).toMatch(/^.PNG/)
    await page.getByRole('tab', { name: 'Config' }).click()
    const path = (name: string) => page.getByRole('rowheader', { name, exact: true })
    for (const name of ['training.seed', 'evaluation.seen']) await path(name).waitFor()
    expect(await path('user.output').count()).toBe(0)
    await page.getByRole('checkbox', { name: /more that only some of the models have/ }).check()
    await path('user.output').waitFor()

    await go(`/compare?runs=${runs.join(',')}&tab=difference&a=${runs[2]!}&b=${tower}`)
    await page.locator('.verdict').waitFor()
    const rows = page.locator('.data-table .line.entry')
    await rows.first().waitFor()
    const { total, users } = await client.call('difference.users', { runs: [runs[2]!, tower] })
    await page.getByText(`${total.toLocaleString('en')} users`, { exact: true }).waitFor()
    expect(await rows.first().innerText()).toContain(users[0]!.user)
    expect(await violations(page)).toEqual([])

    // filters and the chosen user stand in the address, and are there again after a reload
    await page.getByRole('searchbox').fill(users[0]!.user)
    await expect.poll(() => query(page).get('find')).toBe(users[0]!.user)
    await rows.first().getByRole('button').click({ force: true })
    const lists = page.locator('table.hits')
    await expect.poll(() => lists.count(), { timeout: 60_000 }).toBe(2)
    // both lists come into view beside the table
    const place = async (each: Locator): Promise<{ left: number; top: number }> => {
      const box = await each.boundingBox()
      return { left: box?.x ?? Infinity, top: box?.y ?? Infinity }
    }
    await expect.poll(async () => Math.max((await place(lists.nth(0))).top, (await place(lists.nth(1))).top)).toBeLessThan(500)
    expect((await place(lists.nth(0))).left).toBeGreaterThan((await place(page.locator('.data-table'))).left + 300)
    await page.reload()
    await expect.poll(() => lists.count(), { timeout: 60_000 }).toBe(2)
    expect([query(page).get('find'), query(page).get('user')]).toEqual([users[0]!.user, users[0]!.user])
    const held = await Promise.all(
      [runs[2]!, tower].map(async (run) => (await client.call('neighbours.inspect', { run, side: 'user', id: users[0]!.user })).heldOut),
    )
    const ranks = held.map((items) => items.find(({ item }) => item === users[0]!.item.id)?.rank)
    expect(ranks).toEqual([users[0]!.rankA, users[0]!.rankB])
    await page.getByRole('button', { name: 'Swap A and B' }).click()
    await expect.poll(() => query(page).get('a')).toBe(tower)
    expect(await violations(page)).toEqual([])
  }))

test('a run in training: live, paused, resumed, the same after a reload, cancelled', () =>
  withPage({ roots: [tmpdir()] }, async ({ page, client, home, origin }) => {
    await importKinds(client, join(home, 'files'))
    const { run } = await client.call('runs.start', {
      dataset: 'small',
      recipe: 'mf-softmax',
      set: ['training.epochs=5000', 'training.batchSize=64', 'training.earlyStopping=null', 'training.finalFit=false'],
      name: 'long',
    })
    await page.goto(`${origin}/#/runs/${run}`)
    await page.getByText(/^training · epoch/).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('This run is paused.').waitFor()
    expect(await violations(page)).toEqual([])
    const before = (await client.call('curves.steps', { runs: [run], points: 100_000 })).curves[0]!
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText(/^training · epoch/).waitFor()
    await page.reload()
    await page.getByText(/^training · epoch/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('This run was cancelled.').waitFor()
    const after = (await client.call('curves.steps', { runs: [run], points: 100_000 })).curves[0]!
    expect(after.step.length).toBeGreaterThan(before.step.length)
    expect(after.loss.subarray(0, before.loss.length)).toEqual(before.loss)

    await page.getByRole('textbox', { name: 'Add a tag' }).fill('kept')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Remove tag kept' }).waitFor()
    expect((await client.call('runs.show', { run })).tags).toEqual(['kept'])
    for (const [tab, text] of [
      ['Config', 'Copy as JSON'],
      ['Files and environment', 'Copy folder path'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click()
      await page.getByRole('button', { name: text }).waitFor()
      expect(await violations(page)).toEqual([])
    }
  }))
