/**
 * The desktop program: one instance, and for each workspace that is open one window and one engine. Everything it does is in the rooms
 * of `shell`; this file gives them their order. What the page may do is decided before there is a page.
 */
import { app, BrowserWindow } from 'electron'
import { answerPageRequests } from './shell/page-requests.ts'
import { startLog } from './shell/log.ts'
import { setMenu } from './shell/menu.ts'
import { declareScheme, servePage } from './shell/page.ts'
import { restrictPages } from './shell/security.ts'
import { type StartRequest, startRequestOf, Workspaces } from './shell/workspaces.ts'

const log = startLog()
declareScheme()

const start = startRequestOf(process.argv, process.env, process.cwd())
if (app.requestSingleInstanceLock({ ...start })) {
  const workspaces = new Workspaces(log)
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (!workspaces.isBusy) return
    event.preventDefault() // the engines end first
    void workspaces.stop().then(() => app.quit())
  })
  app.on('second-instance', (_event, _argv, _folder, other) => {
    void app.whenReady().then(() => workspaces.show((other as StartRequest).home))
  })
  void app.whenReady().then(() => {
    restrictPages()
    servePage()
    answerPageRequests(workspaces)
    setMenu((command) => workspaces.command(command, BrowserWindow.getFocusedWindow()))
    app.on('activate', () => workspaces.showLast(start.home))
    workspaces.show(start.home)
  })
} else app.quit()
