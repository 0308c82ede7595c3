/** The window: isolated, sandboxed, where it was the last time, shown when there is something to see. */
import { resolve } from 'node:path'
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { Log } from './log.ts'
import { PAGE_URL } from './page.ts'
import { readState, writeState } from './window-state.ts'

const SMALLEST = { minWidth: 900, minHeight: 560 }
/** The first background, so that nothing flashes: the page's own colours. */
const BACKGROUND = { light: '#ffffff', dark: '#16181d' }
/** A page that dies again this soon is left dead. */
const RELOAD_PAUSE_MS = 10_000

export function openWindow(log: Log): BrowserWindow {
  const state = readState(screen.getAllDisplays().map(({ workArea }) => workArea))
  const window = new BrowserWindow({
    ...state.bounds,
    ...SMALLEST,
    show: false,
    title: 'Pylon',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: resolve(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false, // its dictionaries would be downloaded
    },
  })
  if (state.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => writeState({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }))
  reloadAfterCrash(window, log)
  void window.loadURL(PAGE_URL)
  return window
}

/** A dead page comes again; its state is in its address. */
function reloadAfterCrash(window: BrowserWindow, log: Log): void {
  let last = -Infinity
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log(`The page's process ended: ${reason} (${exitCode}).`)
    if (reason === 'clean-exit' || performance.now() - last < RELOAD_PAUSE_MS) return
    last = performance.now()
    window.webContents.reload()
  })
}
