/** The desktop program's own journeys: its window, its engine's death, what the page may not do, dialogs, menu, and a second start. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { DesktopBridge } from '../../main/contract/host.ts'
import type { VerbName } from '../../main/contract/verbs.ts'
import { buildDesktop } from '../../main/start/build.ts'
import { withDesktop } from './desktop.ts'
import { exportByBundle, sourcesOf } from './exports.ts'

beforeAll(async () => {
  if (process.env['PYLON_PAGE'] === undefined) await buildDesktop()
})

type PageWindow = { pylonHost: DesktopBridge; heard: string[] }

const navigation = (page: Page): Promise<void> => page.getByRole('navigation').first().waitFor()

/** Asks the engine over a port of the test's own, as the page does; by a number that no call of the page itself has. */
const ask = (page: Page, verb: VerbName): Promise<unknown> =>
  page.evaluate(
    (name) =>
      new Promise((resolve) => {
        const scope = globalThis as unknown as PageWindow & {
          addEventListener(type: 'message', listener: (event: PortEvent) => void): void
          removeEventListener(type: 'message', listener: (event: PortEvent) => void): void
        }
        interface PortEvent {
          data: { kind?: string }
          ports: MessagePortLike[]
        }
        interface MessagePortLike {
          addEventListener(type: 'message', listener: (event: { data: { id?: number; value?: unknown } }) => void): void
          postMessage(message: unknown): void
        }
        const listen = ({ data, ports: [port] }: PortEvent): void => {
          if (data.kind !== 'pylon:port' || port === undefined) return
          // the page closes a port when the next one comes, whoever asked for either: each is asked, until one answers
          port.addEventListener('message', ({ data: message }) => {
            if (message.id !== 1_000_007) return
            scope.removeEventListener('message', listen)
            resolve(message.value)
          })
          port.postMessage({ kind: 'call', id: 1_000_007, verb: name, input: {} })
        }
        scope.addEventListener('message', listen)
        scope.pylonHost.connect()
      }),
    verb,
  )

const datasets = (page: Page): Promise<unknown> => ask(page, 'datasets.list')

test('the window opens the page, and its engine answers', () =>
  withDesktop(async ({ page }) => {
    const empty = page.getByText('No runs yet')
    await empty.waitFor() // the page's own question, answered over its own port
    await page.reload()
    await empty.waitFor()
    expect(await datasets(page)).toEqual({ datasets: [] })
    expect(await page.evaluate(() => 'require' in globalThis || 'process' in globalThis)).toBe(false)
  }))

test('a killed engine is started again, and the page works on', () =>
  withDesktop(async ({ page, killEngine, userData }) => {
    await navigation(page)
    expect(await datasets(page)).toEqual({ datasets: [] })
    await page.evaluate(() => {
      const scope = globalThis as unknown as PageWindow & {
        addEventListener(type: 'message', listener: (event: { data: { engine?: string } }) => void): void
      }
      scope.heard = []
      scope.addEventListener('message', ({ data }) => {
        if (data.engine !== undefined) scope.heard.push(data.engine)
      })
    })
    await killEngine()
    await expect
      .poll(() => page.evaluate(() => (globalThis as unknown as PageWindow).heard), { timeout: 20_000 })
      .toEqual(['lost', 'ready'])
    expect(await datasets(page)).toEqual({ datasets: [] })
    expect(readFileSync(join(userData, 'logs', 'pylon.log'), 'utf8')).toContain('The engine ended')
  }))

test('the page goes nowhere else, opens nothing, and reads no other files', () =>
  withDesktop(async ({ page }) => {
    await navigation(page)
    const url = page.url()
    const tries = await page.evaluate(async () => {
      const scope = globalThis as unknown as { location: { href: string; origin: string }; open(url: string): unknown; fetch: typeof fetch }
      const status = (path: string): Promise<number | string> =>
        scope.fetch(path).then(
          (answer) => answer.status,
          () => 'refused',
        )
      const statuses = [await status('/index.html'), await status('/%2e%2e/main/index.js'), await status('/..%2fmain%2findex.js')]
      const outside = await status('https://example.com/')
      scope.open('https://example.com/')
      scope.location.href = 'https://example.com/'
      return { statuses, outside }
    })
    expect(tries).toEqual({ statuses: [200, 404, 404], outside: 'refused' })
    await page.waitForTimeout(500)
    expect(page.url()).toBe(url)
    await navigation(page)
    expect(page.context().pages()).toHaveLength(1)
  }))

test('dialogs give their paths to the page, and a foreign request none', () =>
  withDesktop(async ({ page, answerDialog }) => {
    await navigation(page)
    const open = (options: object): Promise<unknown> =>
      page.evaluate(
        (given) => (globalThis as unknown as PageWindow).pylonHost.openFiles(given).catch((error: unknown) => String(error)),
        options,
      )
    await answerDialog(['/data/a.csv', '/data/b.csv'])
    expect(await open({ extensions: ['csv'] })).toEqual(['/data/a.csv', '/data/b.csv'])
    await answerDialog([])
    expect(await open({ folder: true })).toEqual([])
    expect(await open({ extensions: ['*'] })).toContain('Error')
    await answerDialog(['/out/x.zip'])
    expect(await page.evaluate(() => (globalThis as unknown as PageWindow).pylonHost.saveFile({ name: 'x.zip' }))).toBe('/out/x.zip')
  }))

test('the menu speaks to the page', () =>
  withDesktop(async ({ page, clickMenu }) => {
    await navigation(page)
    await page.evaluate(() => {
      const scope = globalThis as unknown as PageWindow
      scope.heard = []
      scope.pylonHost.onMenu((command) => scope.heard.push(command))
    })
    await clickMenu('palette')
    await clickMenu('settings')
    await expect.poll(() => page.evaluate(() => (globalThis as unknown as PageWindow).heard)).toEqual(['palette', 'settings'])
  }))

test('a second start shows the window of the first; the window remembers its place', async () => {
  const base = await mkdtemp(join(tmpdir(), 'pylon-desktop-'))
  const folders = { home: join(base, 'home'), userData: join(base, 'data') }
  await mkdir(folders.userData)
  try {
    await withDesktop(async ({ page, startSecond, focused }) => {
      await navigation(page)
      await startSecond()
      await expect.poll(focused).toBe(1)
    }, folders)
    expect(existsSync(join(folders.userData, 'window.json'))).toBe(true)
    const { bounds } = JSON.parse(readFileSync(join(folders.userData, 'window.json'), 'utf8')) as { bounds: { width: number } }
    expect(bounds.width).toBeGreaterThan(800)
    // started anew, and the engine of before has left the workspace in order
    await withDesktop(async ({ page }) => expect(await datasets(page)).toEqual({ datasets: [] }), folders)
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 3 })
  }
})

test('a start for another workspace opens a window and an engine of its own, which end together', async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'pylon-desktop-')))
  const other = join(base, 'other')
  try {
    await withDesktop(async ({ page, home, startSecond, clickMenu, focused }) => {
      await navigation(page)
      const [second] = await Promise.all([page.context().waitForEvent('page'), startSecond(other)])
      await clickMenu('settings') // before that page listens
      await second.waitForURL(/settings/)
      const homes = [await ask(page, 'system.about'), await ask(second, 'system.about')] as { home: string }[]
      expect(homes.map((each) => each.home)).toEqual([home, other])

      const before = await focused()
      await startSecond(other)
      await expect.poll(focused).toBe(before + 1)
      expect(page.context().pages()).toHaveLength(2)

      await second.close()
      expect(await datasets(page)).toEqual({ datasets: [] })
      await Promise.all([page.context().waitForEvent('page'), startSecond(other)])
    })
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 3 })
  }
})

test('its bundles find the code that an export takes along', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pylon-bundle-'))
  try {
    const found = await exportByBundle(folder)
    for (const framework of ['pytorch', 'keras'] as const) expect(found[framework]).toEqual(await sourcesOf(framework))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
