/**
 * The pictures that explain: ranks over epochs and runs, the map of an epoch and of two runs, a batch of negatives; axe on each. They, the
 * verdict, parallel coordinates and the towers leave as PNG, SVG and CSV, each of which is opened.
 */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { importKinds, ITEMS, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'
import { csvRows, downloaded, pngSize, savedPicture } from './saved.ts'

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
    const flow = await savedPicture(page, page.locator('.leaves').filter({ has: chart }))
    expect(flow.rows[0]!.join()).toBe('run,name,epoch,item,title,popularity,rank,score')
    const items = await page.locator('table.plain tbody tr').count()
    expect(flow.rows).toHaveLength(1 + 7 * items)
    expect(flow.shapes).toBeGreaterThan(items)
    expect(Math.min(...flow.size)).toBeGreaterThan(300)
    // an item of the table is followed next
    await page.locator('table.plain tbody button').first().focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toMatch(/view=flow.*id=i(?!5\b)\d+/)

    await go(`/inspect?run=${first}&view=map&other=${second}&epoch=1&colour=:moved`)
    await page.getByText('What moved most').waitFor()
    await expect.poll(() => page.locator('.map-canvas').count()).toBe(2)
    expect(await violations(page)).toEqual([])
    // both maps are one picture, and a row an item has its places on both
    const saveMap = (as: string) =>
      downloaded(page, async () => {
        await page.getByRole('button', { name: 'Save Map as a file' }).click()
        await page.getByRole('menuitem', { name: as, exact: true }).click()
      })
    const places = csvRows((await saveMap('CSV')).toString('utf8'))
    expect(places[0]).toEqual(['item', 'title', 'popularity', 'x', 'y', 'x beside', 'y beside'])
    expect([places.length, new Set(places.map(([id]) => id)).size]).toEqual([1 + ITEMS, 1 + ITEMS])
    expect(places.slice(1).every((row) => row.slice(2).every((cell) => Number.isFinite(Number(cell))))).toBe(true)
    const map = await saveMap('PNG')
    const boxes = await Promise.all((await page.locator('.map-canvas').all()).map((each) => each.boundingBox()))
    const widths = boxes.reduce((sum, box) => sum + Math.round(box!.width), 0)
    expect(Math.abs(pngSize(map)[0] - widths)).toBeLessThanOrEqual(2)
    expect(await coloursOf(page, map)).toBeGreaterThan(20)
    const slider = page.getByRole('slider', { name: 'Epoch of the map' })
    await slider.focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.url()).not.toContain('epoch=1')

    await go(`/runs/${first}?tab=negatives`)
    await page.getByRole('slider', { name: 'Temperature τ' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'Look at a batch' }).click()
    const matrix = page.getByRole('img', { name: /^Scores of \d+ examples/ })
    await matrix.waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    const scores = await savedPicture(page, page.locator('.leaves').filter({ has: matrix }))
    const [examples, candidates] = /(\d+) examples\D+(\d+)/
      .exec((await matrix.getAttribute('aria-label'))!)!
      .slice(1)
      .map(Number)
    expect(scores.rows).toHaveLength(1 + examples! * candidates!)
    expect(scores.shapes).toBeGreaterThanOrEqual(examples! * candidates!)

    await go(`/compare?runs=${first},${second}&tab=verdict`)
    const verdict = page.getByRole('region', { name: 'Verdict', exact: true })
    const decided = await savedPicture(page, verdict.locator('.leaves'))
    expect(decided.rows.map((row) => row.slice(1, 3))).toEqual([
      ['A', 'B'],
      ['one', 'two'],
    ])
    const [heading, figures] = decided.rows as [string[], string[]]
    const named = Object.fromEntries(heading.map((name, i) => [name, Number(figures[i])]))
    expect(named['difference']).toBeCloseTo(named['mean B']! - named['mean A']!, 10)
    expect([decided.texts.length, decided.texts[1], decided.shapes]).toEqual([3, '0', 6])

    await go(`/compare?runs=${first},${second}&tab=parallel`)
    const parallel = page.getByRole('tabpanel').locator('.leaves')
    const lines = await savedPicture(page, parallel)
    expect(lines.rows.map(([name]) => name)).toEqual(['series', 'one', 'two'])
    expect(lines.texts.join(' ')).toContain('epochs')

    await go('/new?recipe=two-tower&dataset=small')
    const towers = await savedPicture(page, page.locator('.leaves').filter({ has: page.locator('svg.picture') }))
    expect(towers.rows.filter(([, part]) => part === 'vector').map(([side]) => side)).toEqual(['user', 'item'])
    expect(towers.texts).toEqual(expect.arrayContaining(['User tower', 'Item tower']))
  })
}, 240_000)

/** How many colours a PNG has, painted by the browser. */
const coloursOf = (page: Page, png: Buffer): Promise<number> =>
  page.evaluate(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${png.toString('base64')}'
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size
  })()`)
