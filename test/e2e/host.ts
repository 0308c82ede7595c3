/**
 * The real web host on a throw-away workspace and a real Chromium at it, for journeys:
 *
 *   await withPage({}, async ({ page, client }) => { … })
 *
 * What the page's console says of errors, and every breach of its content policy, fails the journey at its end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { createClient, type Client } from '../../main/contract/rpc.ts'
import { startWebHost, type WebHost, type WebHostOptions } from '../../main/hosts/web.ts'
import { PAGE } from '../../main/start/build.ts'
import { openSocket } from '../helpers/socket-channel.ts'
import { findChromium } from '../setup/chromium.ts'

export interface HostOptions extends Partial<WebHostOptions> {
  readonly context?: BrowserContextOptions
  /** lines of the console that are expected to be errors */
  readonly expected?: readonly RegExp[]
}

export interface OpenPage {
  readonly page: Page
  readonly host: WebHost
  readonly home: string
  /** such as `http://127.0.0.1:41234` */
  readonly origin: string
  /** a second client of the same engine, for what a journey prepares or checks */
  readonly client: Client
}

/** Starts a browser. `CHROMIUM_PATH`, else one that is installed. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
}

export function chromiumPath(): string {
  const path = findChromium()
  if (path === null) throw new Error('There is no Chromium: "npm run setup:chromium" gets one, or set CHROMIUM_PATH.')
  return path
}

export interface RunningHost {
  readonly host: WebHost
  readonly home: string
  readonly origin: string
  readonly stop: () => Promise<void>
}

/** The real host on a new workspace, or on the `home` that is given and stays. */
export async function startHost(options: Partial<WebHostOptions> = {}): Promise<RunningHost> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'pylon-e2e-')))
  const host = await startWebHost({ page: process.env['PYLON_PAGE'] ?? PAGE, ...options, home })
  const stop = async (): Promise<void> => {
    await host.close()
    if (options.home === undefined) await rm(home, { recursive: true, force: true, maxRetries: 3 })
  }
  return { host, home, origin: `http://127.0.0.1:${host.port}`, stop }
}

/** A client of the host's engine over a socket of its own. */
export async function connectClient(host: WebHost): Promise<Client> {
  return createClient((await openSocket(host)).channel)
}

/** Runs a journey in a signed-in page, and fails it for errors that the page reported. */
export async function withPage(options: HostOptions, journey: (open: OpenPage) => Promise<void>, browser?: Browser): Promise<void> {
  const { context: contextOptions, expected = [], ...hostOptions } = options
  const { host, home, origin, stop } = await startHost(hostOptions)
  const own = browser === undefined ? await launchChromium() : null
  const context = await (browser ?? own!).newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions })
  const client = await connectClient(host)
  const errors: string[] = []
  try {
    const page = await context.newPage()
    watch(page, errors)
    await page.goto(host.link())
    await journey({ page, host, home, origin, client })
    const unexpected = errors.filter((error) => !expected.some((pattern) => pattern.test(error)))
    if (unexpected.length > 0) throw new Error(`The page reported errors:\n${unexpected.join('\n')}`)
  } finally {
    client.close()
    await context.close()
    await own?.close()
    await stop()
  }
}

/** Collects errors of the console (breaches of the policy are among them) and of scripts. */
export function watch(page: Page, errors: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message))
}
