/** Bridge between page and desktop program: forwards the engine's port and facts to the page, the page's wishes to the shell. No logic. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { DesktopBridge, MenuCommand } from '../main/contract/host.ts'

ipcRenderer.on('engine:port', ({ ports }) => window.postMessage({ kind: 'pylon:port' }, window.origin, [...ports]))
ipcRenderer.on('engine:fact', (_event, fact: unknown) => window.postMessage(fact, window.origin))

const bridge: DesktopBridge = {
  platform: process.platform,
  openFiles: (options) => ipcRenderer.invoke('host:open', options) as Promise<string[]>,
  saveFile: (options) => ipcRenderer.invoke('host:save', options) as Promise<string | null>,
  pathOf: (file) => webUtils.getPathForFile(file as File),
  onMenu: (listener) => {
    ipcRenderer.on('menu', (_event, command: MenuCommand) => listener(command))
    ipcRenderer.send('menu:listens')
  },
  connect: () => ipcRenderer.send('engine:connect'),
}
contextBridge.exposeInMainWorld('pylonHost', bridge)
