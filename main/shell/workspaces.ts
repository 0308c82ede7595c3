/**
 * The workspaces that are open in the desktop program, each with an engine and a window of its own, and which of them a start of the
 * program is for: one that is open already has its window shown. Closing the window stops its engine, which leaves running jobs with a
 * checkpoint; on macOS the engine stays until the program ends.
 */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BrowserWindow, WebContents } from 'electron'
import type { MenuCommand } from '../contract/host.ts'
import { PageCommands } from './commands.ts'
import { DesktopEngine } from './desktop-engine.ts'
import type { Log } from './log.ts'
import { openWindow } from './window.ts'

/** What one start tells another, as JSON. */
export interface StartRequest {
  /** the folder, absolute; null: the usual one of this system */
  readonly home: string | null
}

interface Workspace {
  readonly home: string | null
  readonly engine: DesktopEngine
  window: BrowserWindow | null
  commands: PageCommands | null
}

/** `--home DIR` wherever it stands, as Electron and Chromium have arguments of their own, else PYLON_HOME. */
export function startRequestOf(argv: readonly string[], env: NodeJS.ProcessEnv, folder: string): StartRequest {
  const at = argv.indexOf('--home')
  const home = (at < 0 ? undefined : argv[at + 1]) ?? env['PYLON_HOME']
  return { home: home === undefined || home === '' ? null : realPath(resolve(folder, home)) }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path // not there yet
  }
}

export class Workspaces {
  readonly #log: Log
  /** the last one that was shown stands last */
  readonly #open: Workspace[] = []
  readonly #stopping = new Set<Promise<void>>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Brings the window of a workspace to the front, opened where it is not. */
  show(home: string | null): void {
    const workspace = this.#open.find((each) => each.home === home) ?? this.#create(home)
    this.#open.splice(this.#open.indexOf(workspace), 1)
    this.#open.push(workspace)
    const { window } = workspace
    if (window === null) return this.#openWindow(workspace)
    if (window.isMinimized()) window.restore()
    window.focus()
  }

  /** The workspace that was shown last again; `usual` where none is open. */
  showLast(usual: string | null): void {
    this.show(this.#open.at(-1)?.home ?? usual)
  }

  /** A command of the menu, for the window in front, else for the last one. */
  command(name: MenuCommand, inFront: BrowserWindow | null): void {
    const workspace = this.#open.find(({ window }) => window !== null && window === inFront) ?? this.#open.at(-1)
    if (workspace === undefined) return
    this.show(workspace.home)
    workspace.commands?.send(name)
  }

  /** A page asks for its engine. */
  connect(page: WebContents): void {
    this.#of(page)?.engine.connect(page)
  }

  /** A page hears the menu from now on. */
  listens(page: WebContents): void {
    this.#of(page)?.commands?.listens()
  }

  /** Whether an engine still runs. */
  get isBusy(): boolean {
    return this.#open.length > 0 || this.#stopping.size > 0
  }

  /** Ends every engine; each stops its jobs with a checkpoint and closes its store. */
  async stop(): Promise<void> {
    for (const workspace of this.#open.splice(0)) this.#stop(workspace)
    await Promise.all(this.#stopping)
  }

  #of(page: WebContents): Workspace | undefined {
    return this.#open.find(({ window }) => window?.webContents === page)
  }

  #create(home: string | null): Workspace {
    const send = (channel: string, fact: unknown): void => workspace.window?.webContents.send(channel, fact)
    const workspace: Workspace = { home, engine: new DesktopEngine(home, send, this.#log), window: null, commands: null }
    this.#open.push(workspace)
    return workspace
  }

  #openWindow(workspace: Workspace): void {
    const window = openWindow(this.#log)
    workspace.window = window
    workspace.commands = new PageCommands(window.webContents)
    window.once('closed', () => {
      workspace.window = null
      workspace.commands = null
      const at = this.#open.indexOf(workspace)
      if (process.platform === 'darwin' || at < 0) return
      this.#open.splice(at, 1)
      this.#stop(workspace)
    })
  }

  #stop({ engine }: Workspace): void {
    const stopped = engine.stop().finally(() => this.#stopping.delete(stopped))
    this.#stopping.add(stopped)
  }
}
