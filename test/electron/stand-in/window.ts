/** BrowserWindow and its webContents: a page of a real Chromium that a test can attach to as well. */
import { EventEmitter } from 'node:events'
import { chromium, type BrowserContext, type Page, type Route } from 'playwright-core'
import { app } from './app.ts'
import { onControl, report } from './control.ts'
import { ipcMain } from './ipc.ts'
import { Carried, type PortMessage, type StandInPort } from './ports.ts'
import { preloadScript } from './renderer.ts'
import { answer, fromChromium, rules, toChromium } from './session.ts'

interface WindowOptions {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
  readonly webPreferences: { readonly preload: string }
}

type FromPage = PortMessage | { kind: 'begin' } | { kind: 'send' | 'invoke'; channel: string; args: unknown[] }

/** the one in front stands last */
const windows = new Set<BrowserWindow>()

/** One Chromium, on a port that the test attaches to. */
let opened: Promise<BrowserContext> | null = null
const openChromium = (): Promise<BrowserContext> =>
  (opened ??= (async () => {
    const port = process.env['STAND_IN_DEBUG_PORT']!
    const context = await chromium.launchPersistentContext(`${app.getPath('userData')}/chromium`, {
      executablePath: process.env['CHROMIUM_PATH']!,
      args: ['--no-sandbox', `--remote-debugging-port=${port}`],
      viewport: { width: 1440, height: 900 },
    })
    app.onExit = () => context.close()
    return context
  })())

class WebContents extends EventEmitter {
  readonly #carried: Carried
  /** what goes to the page, one after the other */
  #queue: Promise<unknown> = Promise.resolve()
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  /** an address that the main process itself loads */
  #loading: string | null = null
  page: Page | null = null

  constructor() {
    super()
    this.#carried = new Carried((message) => this.#toPage(message))
    app.emit('web-contents-created', {}, this)
  }

  async open(url: string, preload: string): Promise<void> {
    const context = await openChromium()
    const page = (this.page = context.pages().find((each) => each.url() === 'about:blank') ?? (await context.newPage()))
    await page.exposeBinding('__electron', ({ frame }, message: FromPage) => this.#hear(frame.url(), message))
    await page.addInitScript({ content: preloadScript(new URL(toChromium(url)).origin, preload) })
    await page.route('**/*', (route) => this.#route(route))
    page.on('popup', (popup) => {
      if (this.#openHandler({ url: popup.url() }).action === 'deny') void popup.close()
    })
    this.#loading = toChromium(url)
    await page.goto(this.#loading)
  }

  send(channel: string, ...args: unknown[]): void {
    this.#toPage({ kind: 'send', channel, args, ports: [] })
  }
  postMessage(channel: string, message: unknown, ports: readonly StandInPort[]): void {
    this.#toPage({ kind: 'send', channel, args: [message], ports: ports.map(({ id }) => id) }) // before what the ports have kept
    this.#carried.take(ports)
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }
  reload(): void {
    void this.page?.reload()
  }

  #toPage(message: unknown): void {
    this.#queue = this.#queue.then(() =>
      this.page
        ?.evaluate((heard) => (globalThis as unknown as { __electronHear?: (message: unknown) => void }).__electronHear?.(heard), message)
        .catch(() => undefined),
    )
  }

  #hear(url: string, message: FromPage): unknown {
    if (message.kind === 'begin') {
      this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
      return this.#carried.lost() // a new document: the ports of the last one are gone
    }
    if (message.kind === 'port') return this.#carried.hear(message.id, message.data)
    if (message.kind === 'port-close') return this.#carried.lost(message.id)
    const event = { sender: this, senderFrame: { url: fromChromium(url) } }
    if (message.kind === 'invoke') return ipcMain.invoke(message.channel, event, message.args)
    ipcMain.emit(message.channel, event, ...message.args)
    return undefined
  }

  async #route(route: Route): Promise<void> {
    const request = route.request()
    const url = fromChromium(request.url())
    if (
      request.isNavigationRequest() &&
      request.url() !== this.#loading &&
      this.#refuses(url, request.frame() === this.page!.mainFrame())
    ) {
      report('refused', url)
      return route.fulfill({ status: 204 }) // the page stays
    }
    this.#loading = null
    const response = await answer(url, request.method())
    if (response === null) return route.abort()
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
  }

  #refuses(url: string, isMainFrame: boolean): boolean {
    let prevented = false
    const event = { url, isMainFrame, preventDefault: () => (prevented = true) }
    if (isMainFrame) this.emit('will-navigate', event)
    this.emit('will-frame-navigate', event)
    return prevented
  }
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...windows]
  }
  static getFocusedWindow(): BrowserWindow | null {
    return [...windows].at(-1) ?? null
  }
  static fromWebContents(contents: unknown): BrowserWindow | null {
    return [...windows].find((window) => window.webContents === contents) ?? null
  }

  readonly webContents = new WebContents()
  readonly #options: WindowOptions
  readonly state = { shown: false, focused: 0, minimized: false, maximized: false }

  constructor(options: WindowOptions) {
    super()
    this.#options = options
    windows.add(this)
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.open(url, this.#options.webPreferences.preload)
    this.emit('ready-to-show')
    this.webContents.page!.on('close', () => this.close())
    report('window', url)
  }
  show(): void {
    this.state.shown = true
  }
  focus(): void {
    windows.delete(this)
    windows.add(this)
    this.state.focused++
  }
  isMinimized(): boolean {
    return this.state.minimized
  }
  restore(): void {
    this.state.minimized = false
  }
  maximize(): void {
    this.state.maximized = true
  }
  isMaximized(): boolean {
    return this.state.maximized
  }
  isDestroyed(): boolean {
    return !windows.has(this)
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    const { x = 20, y = 30, width, height } = this.#options
    return { x, y, width, height }
  }
  close(): void {
    if (!windows.has(this)) return
    this.emit('close')
    windows.delete(this)
    this.emit('closed')
    if (windows.size === 0) app.emit('window-all-closed')
  }
  get options(): WindowOptions {
    return this.#options
  }
}

app.windows = () => [...windows]
onControl('windows', () => [...windows].map(({ state, options }) => ({ ...state, options })))
onControl('permission', (name: string) => new Promise((resolve) => rules.permission!(null, name, resolve)))
