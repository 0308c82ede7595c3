/**
 * `npm run screenshots`: the pictures of both READMEs, taken anew in a real Chromium at the real engine, on a market that is generated and
 * runs that are trained for it. They are WebP files in `docs/images/<language>/`, some 60 KB each.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startJob, type Client } from '../../main/contract/rpc.ts'
import type { WebHost } from '../../main/hosts/web.ts'
import { buildPage, ROOT } from '../../main/start/build.ts'
import { connectClient, launchChromium, startHost } from './host.ts'

const QUALITY = 80
const PATIENCE_MS = 180_000
const LANGUAGES = { en: 'en-GB', zh: 'zh-CN' } as const
const USER = 'U00042'

interface Made {
  readonly popular: string
  readonly ids: string
  readonly tower: string
}

interface Picture {
  readonly place: (made: Made) => string
  /** what must stand there before it is taken */
  readonly ready: string
  readonly dark?: boolean
  /** px; default: 900 */
  readonly height?: number
}

const PICTURES: Readonly<Record<string, Picture>> = {
  runs: { place: () => '/runs', ready: '.line.entry' },
  run: { place: ({ tower }) => `/runs/${tower}`, ready: 'canvas', height: 1180 },
  difference: { place: ({ ids, tower }) => `/compare?runs=${ids},${tower}&tab=difference`, ready: '.verdict' },
  inspect: { place: ({ ids, tower }) => `/inspect?run=${tower}&other=${ids}&id=${USER}`, ready: 'table.hits >> nth=1' },
  map: {
    place: ({ tower }) => `/inspect?run=${tower}&view=map&colour=room_type&filter=room_type!2,price~40~180`,
    ready: 'section[aria-label*=price]',
    dark: true,
  },
  'new-run': { place: () => '/new?recipe=two-tower&dataset=market', ready: '#page aside dd.num', dark: true },
}

async function prepare(client: Client): Promise<Made> {
  await (
    await startJob(client, 'datasets.import', { name: 'market', sample: true })
  ).finished
  const train = async (recipe: string, name: string, ...set: string[]): Promise<string> => {
    const { started, finished } = await startJob(client, 'runs.start', { dataset: 'market', recipe, name, set })
    await finished
    return started.run
  }
  const popular = await train('most-popular', 'popular')
  await train('item-knn', 'item-knn')
  const ids = await train('mf-softmax', 'ids only', 'training.epochs=3')
  const seeds = [1, 2, 3].map((seed) => train('two-tower', 'all features', 'training.epochs=2', `training.seed=${seed}`))
  const [tower] = await Promise.all(seeds)
  await client.call('runs.pin', { run: ids, pinned: true })
  await client.call('runs.edit', { runs: [popular], tags: ['baseline'] })
  return { popular, ids, tower: tower! }
}

async function take(browser: Browser, host: WebHost, language: keyof typeof LANGUAGES, made: Made): Promise<void> {
  const folder = join(ROOT, 'docs', 'images', language)
  await mkdir(folder, { recursive: true })
  for (const dark of [false, true]) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: LANGUAGES[language],
      colorScheme: dark ? 'dark' : 'light',
    })
    context.setDefaultTimeout(PATIENCE_MS)
    const page = await context.newPage()
    await page.goto(host.link())
    await page.getByRole('navigation').first().waitFor()
    for (const [name, { place, ready, dark: wanted = false, height = 900 }] of Object.entries(PICTURES)) {
      if (wanted !== dark) continue
      await page.setViewportSize({ width: 1440, height })
      await page.goto(`${page.url().split('#')[0]}#${place(made)}`)
      await page.locator(ready).first().waitFor()
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(3000) // light jobs begin, charts draw themselves in
      await page.locator('#page [role=progressbar]').first().waitFor({ state: 'detached' })
      await page.waitForTimeout(500)
      await writeFile(join(folder, `${name}.webp`), await webp(page))
      console.log(`${language}/${name}.webp`)
    }
    await context.close()
  }
}

/** Playwright itself writes PNG and JPEG alone. */
async function webp(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  return Buffer.from(data, 'base64')
}

await buildPage()
const { host, stop } = await startHost()
const client = await connectClient(host)
const browser = await launchChromium()
try {
  const made = await prepare(client)
  for (const language of ['en', 'zh'] as const) await take(browser, host, language, made)
} finally {
  client.close()
  await browser.close()
  await stop()
}
process.exit()
