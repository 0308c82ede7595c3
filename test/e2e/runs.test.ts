/** The home page: runs found, sorted, gathered, edited, pinned, deleted; views kept; a run that trains shown as it does. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import type { RunColumns } from '../../main/contract/shapes/run-table.ts'
import { makeManyRuns } from '../helpers/many-runs.ts'
import { violations } from './axe.ts'
import { withPage, type OpenPage } from './host.ts'

/** A journey in a workspace of 60 synthetic runs. */
async function withRuns(journey: (open: OpenPage) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'pylon-e2e-'))
  try {
    makeManyRuns(home, { runs: 60, epochs: 4 })
    await withPage({ home, context: { acceptDownloads: true } }, async (open) => {
      await open.page.locator('.line.entry').first().waitFor()
      await journey(open)
    })
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

const query = (page: Page) => page.getByRole('combobox', { name: 'Query over the runs' })
/** Patient, as a busy machine is slow. */
const poll = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 })

/** Texts of a column as they stand on the page, from the top. */
const shownTexts = (page: Page, column: string): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const at = [...document.querySelectorAll('[role=columnheader]')].findIndex((head) => head.textContent.trim().startsWith(${JSON.stringify(column)}))
    const row = (line) => Number(line.getAttribute('aria-rowindex'))
    return [...document.querySelectorAll('.line.entry')].sort((a, b) => row(a) - row(b)).map((line) => line.children[at].textContent.trim())
  })()`)
const search = (page: Page): URLSearchParams => new URLSearchParams(page.url().split('?')[1] ?? '')

test('a query is completed, marked where it is wrong, kept in the link, and written by sorting', () =>
  withRuns(async ({ page }) => {
    await query(page).click()
    await page.keyboard.type('los')
    await page.getByRole('option', { name: 'loss field' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('= bs')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await query(page).inputValue()).toBe('loss = bsl ')
    await page.keyboard.press('Escape')
    await poll(async () => [...new Set(await shownTexts(page, 'Loss'))]).toEqual(['bsl'])

    await page.keyboard.type('and recal@20 > 0.1')
    await page.getByRole('alert').filter({ hasText: 'There is no field “recal@20”. Did you mean recall@20?' }).waitFor()
    expect(await page.locator('.wrong').innerText()).toBe('recal@20')
    await page.getByRole('button', { name: 'Use recall@20' }).click()
    expect(await query(page).inputValue()).toContain('and recall@20 > 0.1')
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await query(page).fill('state = finished')
    await page.getByRole('columnheader', { name: 'ndcg@20', exact: true }).click()
    await poll(() => search(page).get('q')).toBe('state = finished sort -ndcg@20')
    await page.reload()
    await page.locator('.line.entry').first().waitFor()
    expect(await query(page).inputValue()).toBe('state = finished sort -ndcg@20')
    // sorted within each protocol, never across
    const groups = page.locator('.line.group')
    expect(await groups.count()).toBeGreaterThan(1)
    await page
      .getByText(/not comparable with the first group: other (dataset|treatment of seen items)/)
      .first()
      .waitFor()
    const values = (await shownTexts(page, 'ndcg@20')).map(Number)
    const firstGroup = Number(await groups.nth(1).getAttribute('aria-rowindex')) - 3
    expect(values.slice(0, firstGroup)).toEqual([...values.slice(0, firstGroup)].sort((a, b) => b - a))
    expect(await violations(page)).toEqual([])
  }))

test('runs that differ in their seed become one row with mean and standard deviation; a baseline gives deltas', () =>
  withRuns(async ({ page, client }) => {
    const { columns } = await client.call('runs.table', { metrics: ['ndcg@20'] })
    const family = families(columns).find(({ members }) => members.length === 3)!
    await query(page).fill(`run in (${family.members.map((i) => columns.run[i]!).join(', ')})`)
    await page.keyboard.press('Escape')
    await poll(() => page.locator('.family').count()).toBe(1)
    const values = family.members.map((i) => columns.metrics['ndcg@20']![i]!)
    const mean = values.reduce((a, b) => a + b) / 3
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2)
    await poll(() => shownTexts(page, 'ndcg@20')).toEqual([`${mean.toFixed(4)} ±${sd.toFixed(4)}`])
    await page.locator('.family').click()
    await poll(async () => (await shownTexts(page, 'Seed')).sort()).toEqual(['1', '2', '3', '3 seeds'])

    await page.getByRole('button', { name: 'Gather seeds' }).click()
    await poll(() => page.locator('.line.entry').count()).toBe(3)
    const [baseline, other] = [columns.run[family.members[0]!]!, columns.run[family.members[1]!]!]
    await lineOf(page, baseline).getByRole('checkbox').click()
    await page.getByRole('button', { name: 'Pin as baseline' }).click()
    await lineOf(page, baseline).getByLabel('Baseline').waitFor()
    const delta = values[1]! - values[0]!
    const text = `${delta < 0 ? '-' : '+'}${Math.abs(delta).toFixed(4)}`
    await lineOf(page, other).getByText(text, { exact: true }).waitFor()
  }))

test('cells are edited in place and taken back; many runs are tagged, exported and deleted at once', () =>
  withRuns(async ({ page, client }) => {
    await page.getByRole('button', { name: 'Gather seeds' }).click()
    const { columns } = await client.call('runs.table', {})
    const run = columns.run.at(-1)!
    const at = async (
      id: string,
    ): Promise<{ name: string; note: string | undefined; tags: string | undefined; folder: string | undefined }> => {
      const { columns: now } = await client.call('runs.table', { runs: [id] })
      const text = (column: 'name' | 'note' | 'tags' | 'folder'): string | undefined => now[column].values[now[column].codes[0]!]
      return { name: text('name')!, note: text('note'), tags: text('tags'), folder: text('folder') }
    }
    const before = await at(run)
    const edit = async (column: string, text: string): Promise<void> => {
      const heads = await page.locator('[role=columnheader]').allInnerTexts()
      const cell = lineOf(page, run)
        .getByRole('gridcell')
        .nth(heads.findIndex((head) => head.trim() === column))
      await cell.scrollIntoViewIfNeeded()
      await cell.click({ position: { x: 60, y: 20 }, force: true })
      await page.locator('.data-table').focus()
      await page.keyboard.press('F2')
      await page
        .getByRole('textbox', { name: column })
        .or(page.getByRole('combobox', { name: column }))
        .fill(text)
      await page.keyboard.press('Enter')
    }
    await edit('Note', 'a note')
    await edit('Tags', 'one, two')
    await edit('Folder', 'a/b')
    await poll(() => at(run)).toEqual({ name: before.name, note: 'a note', tags: '["one","two"]', folder: 'a/b' })
    // the notice of this edit, which may come after the edit itself
    await page.locator('.toast', { hasText: 'Folder changed' }).getByRole('button', { name: 'Undo' }).click()
    await poll(async () => (await at(run)).folder).toBe(before.folder)

    await query(page).fill('loss = ccl and state = finished')
    await page.keyboard.press('Enter')
    await poll(async () => [...new Set(await shownTexts(page, 'Loss'))]).toEqual(['ccl'])
    await page.locator('.data-table').focus()
    await page.keyboard.press('Control+a')
    const count = await page.locator('.line.entry').count()
    await page.getByText(`${count} selected`).waitFor()
    await page.getByRole('button', { name: 'Add tag' }).click()
    await page.getByLabel('Tags', { exact: true }).fill('chosen')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await poll(async () => (await client.call('runs.fields', {})).tags).toContain('chosen')
    // what is said of it stands over the actions, not on them
    const said = (await page.locator('.toast', { hasText: 'chosen' }).boundingBox())!
    expect(said.y + said.height).toBeLessThanOrEqual((await page.getByRole('toolbar').boundingBox())!.y)

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV', exact: true }).click()
    const csv = await readFile(await (await download).path(), 'utf8')
    expect(csv.split('\r\n')[0]).toMatch(/^run,name,state,.*recall@20|^name,state,.*recall@20.*run/)
    expect(csv.trimEnd().split('\r\n')).toHaveLength(count + 1)
    expect(csv).toContain(',ccl,')

    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect((await client.call('runs.table', {})).columns.run).toHaveLength(60)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Delete ${count} runs` })
      .click()
    await poll(async () => (await client.call('runs.table', {})).columns.run.length).toBe(60 - count)
    await page.getByText('No run matches').waitFor()
  }))

test('columns are moved, hidden and resized by keys; a view brings them and its query back', () =>
  withRuns(async ({ page }) => {
    const heads = async (): Promise<string[]> =>
      (await page.locator('[role=columnheader]').allInnerTexts()).map((text) => text.trim().split('\n')[0]!)
    await page.locator('.data-table').focus()
    await page.keyboard.press('ArrowUp') // the header is active at first
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Alt+ArrowRight')
    await poll(async () => (await heads()).slice(1, 5)).toEqual(['Name', 'State', 'ndcg@20', 'recall@20'])
    const width = (): Promise<number> =>
      page
        .getByRole('columnheader', { name: 'recall@20' })
        .evaluate((head) => (head as unknown as { getBoundingClientRect(): { width: number } }).getBoundingClientRect().width)
    const before = await width()
    await page.keyboard.press('Shift+ArrowRight')
    await poll(width).toBe(before + 16)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'Show Recipe' }).click()
    await page.getByRole('searchbox').fill('batchSize')
    await page.getByRole('checkbox', { name: 'Show training.batchSize' }).click()
    await page.keyboard.press('Escape')
    await query(page).fill('training.batchSize >= 1024')
    await page.keyboard.press('Enter')

    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByPlaceholder('Name of this view').fill('mine')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.keyboard.press('Escape')
    const saved = await heads()
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('button', { name: 'Reset columns' }).click()
    await page.keyboard.press('Escape')
    await query(page).fill('')
    await page.keyboard.press('Enter')
    await page.reload()
    await page.locator('.line.entry').first().waitFor()
    expect(await heads()).not.toEqual(saved)
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('button', { name: 'mine', exact: true }).click()
    await poll(heads).toEqual(saved)
    expect(await query(page).inputValue()).toBe('training.batchSize >= 1024')
    expect(await violations(page)).toEqual([])
  }))

test('an empty workspace says what to do; a run that trains is a live row that joins its protocol at its end', () =>
  withPage({ roots: [tmpdir()] }, async ({ page, client, home, origin }) => {
    await page.getByText('No runs yet').waitFor()
    expect(await violations(page)).toEqual([])
    const file = join(home, 'events.csv')
    const events = Array.from({ length: 1200 }, (_, n) => `u${Math.floor(n / 20)},i${((n % 20) * 7 + Math.floor(n / 20) * 3) % 50},${n}`)
    await writeFile(file, `user,item,time\n${events.join('\n')}\n`)
    await (
      await startJob(client, 'datasets.import', { name: 'small', interactions: file })
    ).finished
    await (
      await startJob(client, 'runs.start', { dataset: 'small', recipe: 'most-popular', name: 'first' })
    ).finished
    await page.getByRole('treegrid').getByRole('link', { name: 'first' }).waitFor()

    const job = await startJob(client, 'runs.start', {
      dataset: 'small',
      recipe: 'two-tower',
      name: 'live, and so named that it fills its place',
      set: ['training.epochs=400', 'training.earlyStopping=null'],
    })
    const line = lineOf(page, job.started.run)
    await line.getByRole('progressbar').waitFor()
    await page.getByText('no test metrics: not finished').waitFor()
    await page.reload()
    await line.getByRole('progressbar').waitFor()
    // in a narrow window a job gives way to what stands at the right of its line
    const size = page.viewportSize()!
    await page.setViewportSize({ width: 800, height: 800 })
    await page.locator('footer').getByRole('progressbar').waitFor()
    const engine = (await page.locator('footer').getByText('Engine ready').boundingBox())!
    expect(engine.x + engine.width).toBeLessThanOrEqual(800)
    await page.setViewportSize(size)
    await client.call('jobs.cancel', { job: job.job })
    await line.getByText('cancelled').waitFor({ timeout: 30_000 })
    await line.getByRole('link', { name: 'live' }).click()
    await poll(() => page.url()).toBe(`${origin}/#/runs/${job.started.run}`)
  }))

/** The line of a run; its id stands in its last column, so it is found by the link of its name. */
const lineOf = (page: Page, run: string) => page.locator('.line.entry').filter({ has: page.locator(`a[href="#/runs/${run}"]`) })

function families({ run, family, protocol }: RunColumns): { members: number[] }[] {
  const places = run.map((_, i) => i).filter((i) => protocol.codes[i]! >= 0)
  return [...Map.groupBy(places, (i) => family.codes[i]!).values()].map((members) => ({ members }))
}

test('a row has a menu, groups by a field of the config, views as links, and a choice that moves no row', () =>
  withRuns(async ({ page, client, origin }) => {
    // grouped by what a config says: in each group one value, and protocols stay apart
    await page.goto(`${origin}/#/?families=0&group=loss`)
    await page.locator('.line.group .badge.accent').first().waitFor()
    const { columns } = (await client.call('runs.table', { metrics: [], spec: [], best: 'ndcg@20' })) as { columns: RunColumns }
    const { protocol, dataset, loss } = columns
    const group = (i: number): string => (protocol.codes[i]! < 0 ? `dataset ${dataset.codes[i]}` : `protocol ${protocol.codes[i]}`)
    const groups = new Set(columns.run.map((_, i) => `${group(i)} ${loss.codes[i]}`)).size
    expect(groups).toBeGreaterThan(8)
    await poll(() => page.locator('.data-table').getAttribute('aria-rowcount')).toBe(String(columns.run.length + groups + 1))

    // by the right button and by the keyboard
    await page.goto(`${origin}/#/?families=0&q=state%20%3D%20finished`)
    const row = page.locator('.line.entry').first()
    await row.locator('[role=gridcell]').nth(2).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Pin as baseline' }).waitFor()
    expect(await page.getByRole('menuitem').count()).toBeGreaterThan(6)
    await page.keyboard.press('Escape')
    await row.locator('[role=gridcell]').nth(2).click()
    await page.locator('.data-table').focus()
    await page.keyboard.press('Shift+F10')
    await page.getByRole('menuitem', { name: 'Duplicate and change…' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')

    // choosing a row moves none
    const before = (await row.boundingBox())!.y
    await row.getByRole('checkbox').check()
    await page.getByRole('toolbar', { name: 'What to do with the selected runs' }).waitFor()
    expect((await row.boundingBox())!.y).toBe(before)

    // what runs are told apart by is in view at 960 px
    await page.setViewportSize({ width: 960, height: 800 })
    const metric = (await page.getByRole('columnheader', { name: 'ndcg@20', exact: true }).boundingBox())!
    expect(metric.x + metric.width).toBeLessThan(960)

    // by keys alone: the first focus is seen, and the active cell stays in view
    await page.goto(`${origin}/#/?families=0`)
    await page.reload()
    await page.locator('.line.entry').first().waitFor()
    await page.getByRole('button', { name: 'Columns' }).focus()
    const grid = page.locator('.data-table')
    for (let i = 0; i < 2; i++) await page.keyboard.press('Tab') // past the export
    const ring = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('.data-table:focus .cell.active')).outlineStyle`)
    expect(await ring()).toBe('solid')
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight')
    const cell = (await grid.locator('.cell.active').boundingBox())!
    expect([cell.x > 168, cell.x + cell.width <= 961]).toEqual([true, true])
    for (let i = 0; i < 11; i++) await page.keyboard.press('ArrowLeft')
    await poll(() => page.evaluate<number>(`document.querySelector('.data-table').scrollLeft`)).toBe(0)
    // scrolled away with the wheel meanwhile, it is there again when the focus is back
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+Tab')
    await page.evaluate(`document.querySelector('.data-table').scrollTop = 9999`)
    await grid.locator('.cell.active').waitFor({ state: 'detached' })
    await page.keyboard.press('Tab')
    await grid.locator('.cell.active').waitFor()
    expect(await ring()).toBe('solid')

    // a view as a link
    const layout = { order: [], widths: {}, shown: { recipe: false }, pinned: {} }
    const view = JSON.stringify({ name: 'v', query: 'loss = bsl', families: false, group: 'recipe', layout })
    await page.goto(`${origin}/#/?view=${encodeURIComponent(view)}`)
    await poll(() => search(page).get('q')).toBe('loss = bsl')
    expect([search(page).get('group'), search(page).get('view')]).toEqual(['recipe', null])
    expect(await page.getByRole('columnheader', { name: 'Recipe', exact: true }).count()).toBe(0)
    await page.goto(`${origin}/#/?view=nonsense`)
    await page.getByText('This link names no view of the runs.').waitFor()
  }))
