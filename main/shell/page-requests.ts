/** What the page may ask of the shell: native dialogs and a port to the engine. Only our own page is answered, and only plain requests. */
import { BrowserWindow, dialog, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import { PAGE_ORIGIN } from './page.ts'
import type { Workspaces } from './workspaces.ts'

const title = z.string().max(200).optional()
const openSchema = z.strictObject({
  title,
  folder: z.boolean().optional(),
  multiple: z.boolean().optional(),
  extensions: z
    .array(z.string().regex(/^\w{1,16}$/))
    .max(50)
    .optional(),
})
const saveSchema = z.strictObject({ title, name: z.string().min(1).max(255), folder: z.boolean().optional() })

export function answerPageRequests(workspaces: Workspaces): void {
  ipcMain.on('engine:connect', (event) => {
    if (isOurs(event)) workspaces.connect(event.sender)
  })

  ipcMain.on('menu:listens', (event) => {
    if (isOurs(event)) workspaces.listens(event.sender)
  })

  ipcMain.handle('host:open', async (event, input: unknown): Promise<string[]> => {
    const { folder = false, multiple = true, extensions = [], ...options } = openSchema.parse(checked(event, input))
    const { filePaths } = await dialog.showOpenDialog(windowOf(event), {
      ...options,
      properties: [folder ? 'openDirectory' : 'openFile', ...(multiple ? (['multiSelections'] as const) : [])],
      ...(extensions.length === 0 ? {} : { filters: [{ name: extensions.join(', '), extensions }] }),
    })
    return filePaths
  })

  ipcMain.handle('host:save', async (event, input: unknown): Promise<string | null> => {
    const { folder = false, name, ...options } = saveSchema.parse(checked(event, input))
    const { filePath } = await dialog.showSaveDialog(windowOf(event), {
      ...options,
      defaultPath: name,
      properties: ['createDirectory', ...(folder ? [] : (['showOverwriteConfirmation'] as const))],
    })
    return filePath === '' ? null : filePath
  })
}

function isOurs(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return event.senderFrame?.url.startsWith(`${PAGE_ORIGIN}/`) === true
}

function checked(event: IpcMainInvokeEvent, input: unknown): unknown {
  if (!isOurs(event)) throw new Error('Only the page of the program may ask this.')
  return input
}

/** @throws where the window was closed meanwhile */
function windowOf(event: IpcMainInvokeEvent): BrowserWindow {
  const window = BrowserWindow.fromWebContents(event.sender)
  if (window === null) throw new Error('The window is gone.')
  return window
}
