/**
 * The engine killed under pages that show something, again and again, and the host with it: what is shown stays with its age, no page is
 * an error, and all is asked for anew by itself when there is an engine again. After a new host its link is needed once, in any tab.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { forkEngine } from '../../main/hosts/fork-engine.ts'
import type { EngineProcess } from '../../main/hosts/engine-supervisor.ts'
import { ROOT } from '../../main/start/build.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { violations } from './axe.ts'
import { connectClient, launchChromium, startHost } from './host.ts'

/** What each page shows once it is there. */
const places = (run: string): Record<string, string> => ({
  '/runs': '.line.entry',
  [`/runs/${run}`]: 'canvas',
  [`/inspect?run=${run}&id=u5`]: 'table.hits tbody tr',
  [`/inspect?run=${run}&view=map`]: '.map-canvas',
  [`/index?run=${run}`]: 'table tbody tr',
  '/data/small': 'canvas',
  '/new?recipe=two-tower&dataset=small': 'input',
})

const banner = (page: Page) => page.locator('.banner[role=status]')
const strip = (page: Page) => page.locator('footer .engine')

test('what is shown stays while the engine is gone, and is true again when one is back', { timeout: 300_000 }, async () => {
  const [home, files] = [join(await temporaryFolder(), 'workspace'), await temporaryFolder()]
  const engines: EngineProcess[] = []
  let [isLate, comeLate] = [false, (): void => undefined]
  const fork = (...args: Parameters<typeof forkEngine>): EngineProcess => {
    // one that does not come up, until it is let end
    if (isLate)
      return { post: () => {}, onMessage: () => {}, kill: () => {}, onExit: (listener) => (comeLate = () => listener('exit code 1')) }
    const engine = forkEngine(...args)
    engines.push(engine)
    return engine
  }
  const first = await startHost({ home, fork, roots: [files] })
  const browser = await launchChromium()
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  context.setDefaultTimeout(60_000)
  let killed: ChildProcess | null = null
  try {
    const client = await connectClient(first.host)
    await importKinds(client, files)
    const run = await trainKinds(client, { name: 'one' })
    client.close()
    const start = await context.newPage()
    await start.goto(first.host.link())
    await strip(start).getByText('Engine ready').waitFor()
    const pages: { readonly page: Page; readonly content: string }[] = []
    for (const [place, content] of Object.entries(places(run))) {
      const page = await context.newPage()
      await page.goto(`${first.origin}/#${place}`)
      await page.locator(content).first().waitFor()
      pages.push({ page, content })
    }
    const allShow = async (): Promise<void> => {
      for (const { page, content } of pages) {
        expect(await page.locator(content).first().isVisible(), page.url()).toBe(true)
        expect(await page.locator('.error-note').allInnerTexts(), page.url()).toEqual([])
      }
    }

    // each new engine dies as it is asked, and no other comes after the fourth
    for (let life = 1; life <= 4; life++) {
      await expect.poll(() => engines.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(life)
      if (life > 1) await expect.poll(() => strip(start).innerText(), { timeout: 30_000 }).toContain('Engine ready')
      isLate = life === 4
      engines.at(-1)!.kill()
      await banner(start).waitFor()
    }
    for (const { page } of pages)
      await banner(page)
        .getByText(/^What is shown is .+ old\.$/)
        .waitFor()
    await allShow()
    expect(await violations(pages[0]!.page)).toEqual([])
    // back by itself
    isLate = false
    comeLate()
    for (const { page } of pages) await strip(page).getByText('Engine ready').waitFor()
    await allShow()
    expect(await banner(start).count()).toBe(0)

    // the host killed with its engine, as a terminal that is closed: another on the same port does not know the session
    await first.stop()
    const port = Number(new URL(first.origin).port)
    for (const { page } of pages) await banner(page).getByText('The host cannot be reached.').waitFor()
    await allShow()
    const second = await spawnHost(home, port)
    killed = second.host
    await banner(start)
      .getByText(/open the link it printed/)
      .waitFor()
    await start.goto(second.link)
    for (const { page } of pages) await strip(page).getByText('Engine ready').waitFor()
    await allShow()
    killed.kill('SIGKILL')
    for (const { page } of pages) await banner(page).getByText('The host cannot be reached.').waitFor()
    await allShow()
    // its engine does not outlive it: another opens the workspace at once
    const third = await spawnHost(home, port)
    killed = third.host
    await start.goto(third.link)
    for (const { page } of pages) await strip(page).getByText('Engine ready').waitFor()
    await allShow()
  } finally {
    killed?.kill('SIGKILL')
    await browser.close()
    await first.stop()
  }
})

/** `npm start` as people run it, in a process of its own. */
function spawnHost(home: string, port: number): Promise<{ host: ChildProcess; link: string }> {
  const host = spawn(process.execPath, [join(ROOT, 'main', 'start.ts'), '--no-open', '--port', String(port), '--home', home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    host.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const link = /http:\S+token=\S+/.exec(said)?.[0]
      if (link !== undefined) resolve({ host, link })
    })
    host.once('exit', (code) => reject(new Error(`the host ended with ${code}: ${said}`)))
  })
}
