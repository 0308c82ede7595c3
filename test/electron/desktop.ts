/**
 * The built desktop program under test, over the stand-in or, with `PYLON_ELECTRON=real`, over Electron itself: a page to drive, and
 * what a test does besides: answer a dialog, click in the menu, kill the engine, start a second instance.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { _electron, chromium, type Page } from 'playwright-core'
import { ROOT } from '../../main/start/build.ts'
import { electronBinary } from '../../main/start/electron.ts'
import { chromiumPath } from '../e2e/host.ts'

export const REAL = process.env['PYLON_ELECTRON'] === 'real'

export interface Desktop {
  readonly page: Page
  /** the workspace */
  readonly home: string
  /** the program's own folder: window state, log */
  readonly userData: string
  /** the next native dialog gives these paths; none: it is closed */
  readonly answerDialog: (paths: string[]) => Promise<void>
  readonly clickMenu: (id: string) => Promise<void>
  /** SIGKILL */
  readonly killEngine: () => Promise<void>
  /** starts the program again, on the same workspace or another one, and waits until that second one has ended */
  readonly startSecond: (home?: string) => Promise<void>
  /** how often windows were brought to the front */
  readonly focused: () => Promise<number>
  /** quits as a user does, and waits until the process is gone */
  readonly quit: () => Promise<void>
}

const MAIN = join(ROOT, 'out', 'main', 'index.js')

export interface DesktopOptions {
  /** default: throw-away folders, here and below */
  readonly home?: string
  readonly userData?: string
  /** where files lie that a journey drops on the page: the stand-in knows their names alone */
  readonly dropped?: string
}

/** Runs `journey` in a program of its own. */
export async function withDesktop(journey: (desktop: Desktop) => Promise<void>, options: DesktopOptions = {}): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'pylon-desktop-'))
  const { home = join(base, 'home'), userData = join(base, 'data'), dropped = '/dropped' } = options
  const desktop = await (REAL ? startReal : startStandIn)(home, userData, dropped)
  try {
    await journey(desktop)
  } finally {
    await desktop.quit()
    await rm(base, { recursive: true, force: true, maxRetries: 3 })
  }
}

const REGISTER = pathToFileURL(join(import.meta.dirname, 'stand-in', 'register.ts')).href

async function startStandIn(home: string, userData: string, dropped: string): Promise<Desktop> {
  const env = {
    ...process.env,
    STAND_IN_USER_DATA: userData,
    STAND_IN_DROPPED: dropped,
    STAND_IN_DEBUG_PORT: String(await freePort()),
    CHROMIUM_PATH: chromiumPath(),
  }
  const start = (at = home): ChildProcess =>
    fork(MAIN, ['--home', at], { execArgv: ['--import', REGISTER], env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const main = start()
  const gone = new Promise<void>((resolve) => main.once('exit', () => resolve()))
  const control = new Control(main)
  await control.reported('window')
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${env.STAND_IN_DEBUG_PORT}`)
  const page = browser
    .contexts()[0]!
    .pages()
    .find((each) => each.url() !== 'about:blank')!
  return {
    page,
    home,
    userData,
    answerDialog: (paths) => control.ask('dialog.answer', paths),
    clickMenu: (id) => control.ask('menu.click', id),
    killEngine: async () => void process.kill(await control.ask<number>('engine.pid'), 'SIGKILL'),
    startSecond: (at) => new Promise((resolve) => start(at).once('exit', () => resolve())),
    focused: async () => (await control.ask<{ focused: number }[]>('windows')).reduce((sum, { focused }) => sum + focused, 0),
    quit: async () => {
      if (main.connected) main.send({ id: 0, name: 'quit' })
      await gone
      await browser.close()
    },
  }
}

/** Requests to the stand-in, and what it reports. */
class Control {
  readonly #main: ChildProcess
  #id = 1
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  readonly #heard = new Map<string, unknown[]>()
  #reporters: { name: string; resolve: (value: unknown) => void }[] = []

  constructor(main: ChildProcess) {
    this.#main = main
    main.on('message', (message: { id?: number; value: never; error?: string; report?: string }) => {
      if (message.report !== undefined) return this.#hear(message.report, message.value)
      const { resolve, reject } = this.#waiting.get(message.id!) ?? {}
      if (message.error === undefined) resolve?.(message.value)
      else reject?.(new Error(message.error))
    })
  }
  ask<T>(name: string, input?: unknown): Promise<T> {
    const id = this.#id++
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#main.send({ id, name, input })
    })
  }
  /** the first report of that name, past or to come */
  reported(name: string): Promise<unknown> {
    const past = this.#heard.get(name)
    return past === undefined ? new Promise((resolve) => this.#reporters.push({ name, resolve })) : Promise.resolve(past[0])
  }
  #hear(name: string, value: unknown): void {
    this.#heard.set(name, [...(this.#heard.get(name) ?? []), value])
    for (const reporter of this.#reporters) if (reporter.name === name) reporter.resolve(value)
    this.#reporters = this.#reporters.filter((reporter) => reporter.name !== name)
  }
}

async function startReal(home: string, userData: string): Promise<Desktop> {
  const executablePath = electronBinary()
  if (executablePath === null) throw new Error("Electron's binary is not here: npm run setup:electron.")
  // a machine of a workflow has no sandbox of its own for us to use
  const args = (at = home): string[] => [
    ROOT,
    `--user-data-dir=${userData}`,
    ...['--home', at],
    ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
  ]
  const program = await _electron.launch({ executablePath, args: args() })
  const page = await program.firstWindow()
  await program.evaluate(({ app, BrowserWindow }) => {
    const scope = globalThis as unknown as { focusedTimes: number }
    scope.focusedTimes = 0
    const count = (window: Electron.BrowserWindow): void => {
      const focus = window.focus.bind(window)
      window.focus = () => {
        scope.focusedTimes++
        focus()
      }
    }
    BrowserWindow.getAllWindows().forEach(count)
    app.on('browser-window-created', (_event, window) => count(window))
  })
  return {
    page,
    home,
    userData,
    answerDialog: (paths) =>
      program.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: chosen.length === 0, filePaths: chosen })
        dialog.showSaveDialog = () => Promise.resolve({ canceled: chosen.length === 0, filePath: chosen[0] ?? '' })
      }, paths),
    clickMenu: (id) => program.evaluate(({ Menu }, item) => (Menu.getApplicationMenu()!.getMenuItemById(item)!.click as () => void)(), id),
    killEngine: async () => {
      const pid = await program.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Pylon engine')!.pid)
      process.kill(pid, 'SIGKILL')
    },
    startSecond: (at) => new Promise((resolve) => spawn(executablePath, args(at), { stdio: 'ignore' }).once('exit', () => resolve())),
    focused: () => program.evaluate(() => (globalThis as unknown as { focusedTimes: number }).focusedTimes),
    quit: () => program.close(),
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
