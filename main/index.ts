/**
 * The desktop program: one instance, one window, one engine. Everything it does is in the rooms of `shell`; this file gives them their
 * order. What the page may do is decided before there is a page.
 */
import { app, BrowserWindow } from 'electron'
import { DesktopEngine } from './shell/engine.ts'
import { answerHost } from './shell/host.ts'
import { keepLog } from './shell/log.ts'
import { setMenu } from './shell/menu.ts'
import { declareScheme, servePage } from './shell/page.ts'
import { lockDown } from './shell/security.ts'
import { openWindow } from './shell/window.ts'

/** `--home DIR`, wherever it stands: Electron and Chromium have arguments of their own. */
function homeFrom(argv: readonly string[]): string | null {
  const at = argv.indexOf('--home')
  return at < 0 ? null : (argv[at + 1] ?? null)
}

const log = keepLog()
declareScheme()

if (app.requestSingleInstanceLock()) {
  let engine: DesktopEngine | null = null
  let window: BrowserWindow | null = null

  const show = (): void => {
    if (window === null || window.isDestroyed()) window = openWindow(log)
    else {
      if (window.isMinimized()) window.restore()
      window.focus()
    }
  }
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (engine === null) return
    // the engine stops its jobs with a checkpoint and closes its store first
    event.preventDefault()
    const last = engine
    engine = null
    void last.stop().then(() => app.quit())
  })
  void app.whenReady().then(() => {
    lockDown()
    servePage()
    engine = new DesktopEngine(homeFrom(process.argv), log)
    answerHost(engine)
    setMenu((command) => {
      show()
      window?.webContents.send('menu', command)
    })
    app.on('second-instance', show)
    app.on('activate', show)
    show()
  })
} else app.quit()
