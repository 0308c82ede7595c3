/** Security of the desktop windows, what pages may not: go elsewhere, open windows, embed, ask for permissions, or reach the network. */
import { app, session } from 'electron'
import { PAGE_ORIGIN } from './page.ts'

/** The page copies tables, and says by the system that a job has ended; it never reads the clipboard. */
const ALLOWED = new Set(['clipboard-sanitized-write', 'notifications'])

const isOurs = (url: string): boolean => url.startsWith(`${PAGE_ORIGIN}/`)

/** Before the first window. */
export function restrictPages(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(ALLOWED.has(permission)))
  defaultSession.setPermissionCheckHandler((_contents, permission) => ALLOWED.has(permission))
  defaultSession.setDevicePermissionHandler(() => false)
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !/^(pylon|blob|data|devtools|chrome-extension):/.test(url) }),
  )
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault()
    })
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isOurs(event.url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}
