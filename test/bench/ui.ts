/**
 * `npm run bench:ui`: how fast the page is, through the real web host, engine and Chromium. `PYLON_BENCH_HOME` names a workspace that is
 * made where it is empty and kept; otherwise one is made and thrown away. Figures depend on what else the machine does: they are printed
 * with its load.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import { extname, join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import config from '../../vite.config.ts'
import { startJob, type Client } from '../../main/contract/rpc.ts'
import { buildPage } from '../../main/start/build.ts'
import { connectClient, launchChromium, startHost } from '../e2e/host.ts'
import { makeManyRuns } from '../helpers/many-runs.ts'

const RUNS = 10_000
/** every point crosses the socket, although the page asks for `page` of them a run (pages/compare/CurvesTab.vue) */
const OVERLAY = { runs: 100, points: 10_000, page: 600 }
const SEARCHES = 300
const QUERIES = 200
const POINTS = 1_000_000
const LIMITS = { pick: 50, start: 1500, sort: 100, filter: 100, overlay: 500, neighbours: 100, searches: 500 }

const quantile = (values: readonly number[], q: number): number => [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1]!
const median = (values: readonly number[]): number => quantile(values, 0.5)

function tell(what: string, ms: number, limit?: number): void {
  const verdict = limit === undefined ? '' : ms < limit ? `  < ${limit}` : `  OVER ${limit}`
  console.log(`${what.padEnd(64)} ${ms.toFixed(0).padStart(6)} ms${verdict}`)
}

async function measureStart(browser: Browser, home: string): Promise<void> {
  const totals: number[] = []
  const pages: number[] = []
  for (let i = 0; i < 3; i++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const started = performance.now()
    const { host, stop } = await startHost({ home })
    const opened = performance.now()
    await page.goto(host.link())
    await page.locator('.line.entry').first().waitFor()
    totals.push(performance.now() - started)
    pages.push(performance.now() - opened)
    await context.close()
    await stop()
  }
  tell(`start of host, engine and page with ${RUNS} runs to the first rows (median of 3)`, median(totals), LIMITS.start)
  tell('  of it, from opening the link', median(pages))
}

/** ms from what `act` does to the frame after the table has changed. */
function untilChanged(page: Page, act: string): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const table = document.querySelector('.data-table .lines')
    const changed = new Promise((done) => new MutationObserver((_, observer) => { observer.disconnect(); requestAnimationFrame(() => setTimeout(done)) })
      .observe(table, { subtree: true, childList: true, characterData: true, attributes: true }))
    const started = performance.now()
    ;${act}
    await changed
    return performance.now() - started
  })()`)
}

async function measureTable(browser: Browser, home: string): Promise<void> {
  const { host, stop } = await startHost({ home })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(host.link())
  await page.locator('.line.entry').first().waitFor()
  await page.waitForTimeout(1000)
  const sorts: number[] = []
  for (let i = 0; i < 12; i++) {
    const title = ['ndcg@20', 'Name', 'Best'][i % 3]!
    sorts.push(
      await untilChanged(
        page,
        `[...document.querySelectorAll('[role=columnheader]')].find((head) => head.textContent.includes('${title}')).click()`,
      ),
    )
    await page.waitForTimeout(150)
  }
  tell(`sorting ${RUNS} runs (median of 12)`, median(sorts), LIMITS.sort)
  tell('  95th percentile', quantile(sorts, 0.95))
  const filters: number[] = []
  for (let i = 0; i < 12; i++) {
    const text = ['recall@20 > 0.1 and loss in (bsl, ccl)', 'state = finished', 'bsl', 'seed = 2 sort -ndcg@20'][i % 4]!
    const enter = `const input = document.querySelector('[data-page-search]')
      input.value = ${JSON.stringify(text)}
      input.dispatchEvent(new Event('input'))
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))`
    filters.push(await untilChanged(page, enter))
    await page.waitForTimeout(250)
  }
  tell(`filtering ${RUNS} runs (median of 12)`, median(filters), LIMITS.filter)
  tell('  95th percentile', quantile(filters, 0.95))
  await context.close()
  await stop()
}

/** From a click in the navigation to the frame in which the list stands; and one of them opened. */
async function measureSearches(browser: Browser, home: string): Promise<void> {
  const { host, stop } = await startHost({ home })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(host.link())
  await page.locator('.line.entry').first().waitFor()
  await page.waitForTimeout(1000)
  const until = (act: string, there: string): Promise<number> =>
    page.evaluate<number>(`(async () => {
      const started = performance.now()
      ;${act}
      while (!(${there})) await new Promise(requestAnimationFrame)
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
      return performance.now() - started
    })()`)
  const opened: number[] = []
  const chosen: number[] = []
  for (let i = 0; i < 7; i++) {
    opened.push(await until(`location.hash = '/searches'`, `document.querySelectorAll('nav a.entry').length === ${SEARCHES}`))
    chosen.push(
      await until(`document.querySelectorAll('nav a.entry')[${i * 9}].click()`, `document.querySelector('a.entry.current') !== null`),
    )
    await until(`location.hash = '/runs'`, `document.querySelector('.line.entry') !== null`)
    await page.waitForTimeout(200)
  }
  tell(`the page of ${SEARCHES} searches of 30 trials each (median of 7)`, median(opened), LIMITS.searches)
  tell('  one of them chosen', median(chosen), LIMITS.searches)
  await context.close()
  await stop()
}

/** A part of the page on its own, from test/renderer. */
async function openPart(browser: Browser, part: 'overlay' | 'million'): Promise<{ page: Page; close: () => Promise<void> }> {
  const out = await mkdtemp(join(os.tmpdir(), 'pylon-part-'))
  const root = resolve(import.meta.dirname, '../renderer', part)
  await build({ ...config, configFile: false, root, logLevel: 'error', build: { outDir: out, emptyOutDir: true } })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  await page.route(`http://${part}.localhost/**`, async (route) => {
    const path = join(out, new URL(route.request().url()).pathname.replace(/\/$/, '/index.html'))
    await route.fulfill({ body: await readFile(path), contentType: types[extname(path)] ?? 'application/octet-stream' })
  })
  await page.goto(`http://${part}.localhost/`)
  const close = async (): Promise<void> => {
    await page.close()
    await rm(out, { recursive: true, force: true })
  }
  return { page, close }
}

/** The map's canvas over a million points, drawn by whatever this browser has for WebGL: SwiftShader where there is no graphics processor. */
async function measureMap(browser: Browser): Promise<void> {
  const { page, close } = await openPart(browser, 'million')
  const drawnBy = await page.evaluate<string>(`(() => {
    const gl = document.createElement('canvas').getContext('webgl2')
    return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL)
  })()`)
  const client = await page.context().newCDPSession(page)
  const heap = async (): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize = 0 } = (await client.send('Runtime.getHeapUsage')) as {
      usedSize: number
      backingStorageSize?: number
    }
    return usedSize + backingStorageSize
  }
  const before = await heap()
  const found = await page.evaluate<Record<string, number[]>>(`measure(${POINTS})`)
  const one = (name: string): number => found[name]![0]!
  console.log(`map of ${POINTS} points, 1440 × 900, drawn by ${drawnBy}`)
  tell('  first frame, points and colours handed over', one('first'))
  tell('  a frame while it is moved and zoomed (median of 12)', median(found['frames']!))
  tell('  95th percentile', quantile(found['frames']!, 0.95))
  tell('  the frame of all points when it rests', one('rest'))
  tell('  the grid of what is picked, made once', one('grid'))
  tell(`  picking (95th percentile of 200, ${one('met')} met a point)`, quantile(found['picks']!, 0.95), LIMITS.pick)
  tell('  a filter by two columns, to its frame', one('filtering'))
  tell(`  an outline around ${one('selected')} points, to its frame`, one('outlined'))
  console.log(`  memory of the page: ${(((await heap()) - before) / 2 ** 20).toFixed(0)} MiB more`)
  await close()
}

async function measureOverlay(browser: Browser, home: string): Promise<void> {
  const { host, stop } = await startHost({ home })
  const client = await connectClient(host)
  const { columns } = await client.call('runs.table', {})
  const question = { runs: columns.run.slice(-OVERLAY.runs), points: OVERLAY.points, rates: false }
  await client.call('curves.steps', question)
  const started = performance.now()
  const { curves } = await client.call('curves.steps', question)
  const fetched = performance.now() - started
  const thinned = performance.now()
  await client.call('curves.steps', { ...question, points: OVERLAY.page })
  const asPage = performance.now() - thinned
  const points = curves.reduce((sum, { step }) => sum + step.length, 0)
  client.close()
  await stop()

  const { page, close } = await openPart(browser, 'overlay')
  const drawn = await page.evaluate<{ first: number; again: number }>(`draw(${OVERLAY.runs}, ${OVERLAY.points})`)
  await close()
  tell(`overlay: ${curves.length} curves of ${points / curves.length} points over the socket`, fetched)
  tell('  drawn for the first time', drawn.first)
  tell('  both', fetched + drawn.first, LIMITS.overlay)
  tell(`  over the socket as the page asks for them, ${OVERLAY.page} points a run`, asPage)
  tell('  redrawn', drawn.again)
}

async function prepareModel(client: Client): Promise<string> {
  await (
    await startJob(client, 'datasets.import', { name: 'sample', sample: true })
  ).finished
  const trained = await startJob(client, 'runs.start', { dataset: 'sample', recipe: 'mf-softmax', set: ['training.epochs=2'] })
  await trained.finished
  return trained.started.run
}

async function measureNeighbours(): Promise<void> {
  const { host, stop } = await startHost()
  const client = await connectClient(host)
  const run = await prepareModel(client)
  const { entities } = await client.call('entities.search', { dataset: 'sample', side: 'user', text: '', limit: 50 })
  const training = await startJob(client, 'runs.start', {
    dataset: 'sample',
    recipe: 'mf-softmax',
    set: ['training.epochs=10000', 'training.earlyStopping=null'],
  })
  await new Promise<void>((begun) =>
    client.on('job.progress', ({ job, progress }) => job === training.job && progress.stage === 'train' && begun()),
  )
  for (const ann of [false, true]) {
    const times: number[] = []
    for (let i = 0; i < QUERIES; i++) {
      const started = performance.now()
      await client.call('neighbours.recommend', { run, user: entities[i % entities.length]!.id, ann })
      times.push(performance.now() - started)
      await new Promise((pause) => setTimeout(pause, 20))
    }
    tell(
      `neighbour query while a run trains, ${ann ? 'ANN' : 'exact'}, 95th percentile of ${QUERIES}`,
      quantile(times, 0.95),
      LIMITS.neighbours,
    )
    tell('  median', median(times))
  }
  await client.call('jobs.cancel', { job: training.job })
  await training.finished.catch(() => undefined)
  client.close()
  await stop()
}

const kept = process.env['PYLON_BENCH_HOME']
const home = kept ?? (await mkdtemp(join(os.tmpdir(), 'pylon-bench-')))
if (!existsSync(join(home, 'pylon.sqlite'))) {
  console.log(`making ${RUNS} runs in ${home} …`)
  makeManyRuns(home, { runs: RUNS, steps: OVERLAY.points, searches: SEARCHES })
}
if (process.env['PYLON_PAGE'] === undefined) await buildPage()
console.log(`${os.availableParallelism()} cores, load ${os.loadavg()[0]!.toFixed(1)}`)
const browser = await launchChromium()
const wanted = process.argv.slice(2)
const parts: Readonly<Record<string, () => Promise<void>>> = {
  start: () => measureStart(browser, home),
  table: () => measureTable(browser, home),
  searches: () => measureSearches(browser, home),
  map: () => measureMap(browser),
  overlay: () => measureOverlay(browser, home),
  neighbours: measureNeighbours,
}
try {
  for (const [name, measure] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await measure()
} finally {
  await browser.close()
  if (kept === undefined) await rm(home, { recursive: true, force: true })
}
console.log(`load ${os.loadavg()[0]!.toFixed(1)}`)
process.exit()
