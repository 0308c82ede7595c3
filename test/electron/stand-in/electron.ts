/**
 * A stand-in for the `electron` module of a main process: what Pylon's shell uses of it, over a real Chromium (windows, their pages, the
 * scheme of the page, requests), child processes of Node (utility processes) and files (the single-instance lock). What it cannot show is
 * Electron's own: isolated worlds, the sandbox of the renderer, native menus and dialogs, addons under Electron's Node. The same journeys
 * run against the real one with `npm run test:electron`.
 */
export { app } from './app.ts'
export { crashReporter, dialog, Menu, nativeTheme, screen, shell } from './desktop.ts'
export { ipcMain } from './ipc.ts'
export { MessageChannelMain } from './ports.ts'
export { protocol, session } from './session.ts'
export { utilityProcess } from './utility.ts'
export { BrowserWindow } from './window.ts'
