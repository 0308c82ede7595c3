/**
 * A report of real runs, by the engine and the command line: its parts, what stands where the text says, and that a title of an item which is
 * a script stays a title. In Chromium without a network, nothing is asked for and axe finds nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { ReportResult } from '../../main/contract/verbs/report.ts'
import { violations } from '../e2e/axe.ts'
import { launchChromium } from '../e2e/host.ts'
import { writeEvents } from '../helpers/four-circles.ts'
import { needing } from '../helpers/needs.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

const EVIL = '<script>document.title="taken"</script><img src=x onerror="document.title=1">'

test('a report freezes runs into one file that opens offline', async ({ skip }) => {
  const { missing } = needing('chromium')
  skip(missing !== null, missing ?? undefined)
  await withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    const [events, items, text, out] = ['events.csv', 'items.csv', 'text.md', 'report.html'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ]
    writeEvents(events)
    const ids = [
      ...new Set(
        readFileSync(events, 'utf8')
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',')[1]!),
      ),
    ]
    writeFileSync(items, ['item_id,title', ...ids.map((id) => `${id},"${EVIL.replaceAll('"', '""')} ${id}"`)].join('\n'))
    writeFileSync(text, `# Seen\n${EVIL}\n\n{{users}}\n\nbehind`)
    const ran = async (...args: string[]): Promise<Record<string, unknown>> => {
      const { code, json, stderr } = await pylon([...args, '--json'], { home })
      expect(code, stderr).toBe(0)
      return json!
    }
    await ran('import', '--name', 'd', '--interactions', events, '--items', items, '--split', 'leave-last')
    await ran('train', '--dataset', 'd', '--recipe', 'most-popular', '--name', EVIL)
    await ran('train', '--dataset', 'd', '--recipe', 'item-knn', '--name', 'knn')
    await ran('train', '--dataset', 'd', '--recipe', 'two-tower', '--set', 'training.epochs=2', '--name', 'towers')

    const ask = ['report', EVIL, 'knn', 'towers', '--text-file', text]
    const told = (await ran(...ask, '--out', out)) as unknown as ReportResult
    expect(told).toMatchObject({ out, html: null, empty: [] })
    expect(told.parts).toEqual(['metrics', 'tests', 'users', 'curves', 'slices', 'config'])
    const html = readFileSync(out, 'utf8')
    expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<script|<img|<link|<iframe|<[^>]*\son\w+=|@import|url\(/i)
    expect(html).toContain('&lt;script&gt;')
    // the part is where the text says, and the rest stands behind
    expect(html.indexOf('<h2>Users who change most')).toBeLessThan(html.indexOf('<p>behind'))
    expect(html.indexOf('<h2>Metrics')).toBeGreaterThan(html.indexOf('<p>behind'))
    const again = (await ran('report', 'knn', 'towers', '--parts', 'metrics,ledger', '--language', 'zh')) as unknown as ReportResult
    expect(again).toMatchObject({ out: null, parts: ['metrics'], empty: ['ledger'] })
    const { code, stderr } = await pylon(['report', 'knn', 'towers', '--metrics', 'ndcg@20,ndgc@20'], { home })
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('None of these runs has a metric "ndgc@20"') as string,
    })
    expect(again.html).toContain('<html lang="zh-CN">')

    const browser = await launchChromium()
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await (await browser.newContext({ offline: true, colorScheme })).newPage()
        const [asked, said]: string[][] = [[], []]
        page.on('request', (request) => asked!.push(request.url()))
        page.on('console', (message) => said!.push(message.text()))
        await page.goto(pathToFileURL(out).href)
        expect(asked).toEqual([pathToFileURL(out).href])
        expect(said).toEqual([])
        expect(await page.locator('script, img').count()).toBe(0)
        expect(await page.title()).toContain('knn')
        // the style sheet is let in by its digest
        expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")).toBe('26px')
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
          colorScheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(20, 23, 28)',
        )
        expect(await violations(page, 'main')).toEqual([])
      }
    } finally {
      await browser.close()
    }
  })
})

test('what cannot be reported is said', () =>
  withWorkspace(async (folder) => {
    const home = join(folder, 'home')
    for (const [args, message] of [
      [['report'], /Name runs, a search, or a text/],
      [['report', 'nobody'], /nobody/],
      [['report', '--text-file', join(folder, 'none.md')], /--text-file: cannot be read/],
      [['report', '--text', 'x', '--metric', 'nonsense'], /--metric/],
    ] as const) {
      const { code, stderr } = await pylon(args, { home })
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
    }
    const { stdout } = await pylon(['report', '--text', '# Only text'], { home })
    expect(stdout).toMatch(/^<!doctype html>[^]*<h2>Only text<\/h2>[^]*<\/html>\n$/)
  }))
