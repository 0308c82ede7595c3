/**
 * What a page can ask of where it runs: the desktop program's native dialogs, or the web host's uploads and path browser. The paths it
 * gives are paths the engine can read or write; a page never needs to know which of the two it is in, except to offer what there is.
 */
import { PylonError, type ErrorCode } from '@contract/errors.ts'
import {
  folderSchema,
  HOST_PATHS,
  placeSchema,
  refusalSchema,
  uploadResultSchema,
  type DesktopBridge,
  type HostFolder,
  type MenuCommand,
  type OpenOptions,
} from '@contract/host.ts'
import type { z } from 'zod'

declare global {
  interface Window {
    readonly pylonHost?: DesktopBridge
  }
}

export const bridge: DesktopBridge | null = window.pylonHost ?? null

/** A file or folder the engine can read. */
export interface PickedFile {
  readonly path: string
  readonly name: string
}

/** Where something is to be written. `deliver` gives it to the user when it is there: a download in a browser, nothing on a desktop. */
export interface SaveTarget {
  readonly path: string
  deliver(): void
}

/** Bytes sent of all bytes. */
export type UploadProgress = (sent: number, total: number) => void

export interface Host {
  readonly kind: 'electron' | 'browser'
  /** whether {@link Host.browse} has anything to show: a web host with folders; a desktop has its dialogs */
  readonly canBrowse: boolean
  /**
   * Lets the user choose: a native dialog, or the browser's own and then an upload. Empty where it was closed. A
   * browser cannot choose folders this way: browse.
   */
  openFiles(options?: OpenOptions, progress?: UploadProgress): Promise<PickedFile[]>
  /** A place for an export (always a folder where `folder`); null where the dialog was closed. */
  saveFile(options: { name: string; title?: string; folder?: boolean }): Promise<SaveTarget | null>
  /** A folder of the host's machine, within the folders named when it was started; null: those folders. @throws PylonError */
  browse(path: string | null): Promise<HostFolder>
  /** Makes dropped or chosen files readable for the engine: their paths on a desktop, an upload in a browser. @throws PylonError */
  upload(files: readonly File[], progress?: UploadProgress, signal?: AbortSignal): Promise<PickedFile[]>
  /** Gives the user a small file that the page made itself (CSV, LaTeX, a picture). */
  saveContent(name: string, content: Blob): void
  /** Commands of the desktop's application menu; a browser has none. */
  onMenu(listener: (command: MenuCommand) => void): void
}

export const host: Host = bridge === null ? browserHost() : desktopHost(bridge)

function desktopHost(desktop: DesktopBridge): Host {
  return {
    kind: 'electron',
    canBrowse: false,
    openFiles: async (options = {}) => (await desktop.openFiles(options)).map(pickedFile),
    saveFile: async (options) => {
      const path = await desktop.saveFile(options)
      return path === null ? null : { path, deliver: () => undefined }
    },
    browse: () => Promise.reject(new PylonError('unavailable', 'The desktop program chooses files in its own dialogs.')),
    upload: async (files) => {
      const paths = files.map((file) => desktop.pathOf(file))
      if (paths.includes('')) throw new PylonError('bad-input', 'Only files and folders of this machine can be dropped here.')
      return paths.map(pickedFile)
    },
    saveContent,
    onMenu: (listener) => desktop.onMenu(listener),
  }
}

function browserHost(): Host {
  const upload: Host['upload'] = async (files, progress = () => undefined, signal) => {
    const total = files.reduce((sum, file) => sum + file.size, 0)
    const group = newGroup()
    const uploaded: PickedFile[] = []
    let before = 0
    for (const file of files) {
      const { path, name } = await send(file, group, (sent) => progress(before + sent, total), signal)
      uploaded.push({ path, name })
      before += file.size
    }
    return uploaded
  }
  return {
    kind: 'browser',
    canBrowse: true,
    openFiles: async (options = {}, progress) => upload(await pick(options), progress),
    saveFile: async ({ name }) => {
      const { id, path } = await ask(HOST_PATHS.place, placeSchema, {
        method: 'POST',
        body: JSON.stringify({ name }),
        headers: { 'content-type': 'application/json' },
      })
      return { path, deliver: () => follow(`${HOST_PATHS.download}/${id}`, '') }
    },
    browse: (path) => ask(`${HOST_PATHS.browse}${path === null ? '' : `?path=${encodeURIComponent(path)}`}`, folderSchema),
    upload,
    saveContent,
    onMenu: () => undefined,
  }
}

/** Files of one choice lie in one folder, so that a format of several files is recognised. (No randomUUID: it wants a secure context.) */
const newGroup = (): string => crypto.getRandomValues(new Uint32Array(3)).join('-')

const pickedFile = (path: string): PickedFile => ({ path, name: path.split(/[\\/]/).findLast((part) => part !== '') ?? path })

/** The browser's own dialog. */
function pick({ multiple = true, extensions = [] }: OpenOptions): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = multiple
  input.accept = extensions.map((extension) => `.${extension}`).join(',')
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]))
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}

/** One file as the body of one request, as fetch tells no progress. */
function send(file: File, group: string, progress: (sent: number) => void, signal?: AbortSignal): Promise<{ path: string; name: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = (): void => request.abort()
    signal?.addEventListener('abort', abort)
    request.open('POST', `${HOST_PATHS.upload}?${new URLSearchParams({ name: file.name, group }).toString()}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded }) => progress(loaded)
    request.onabort = () => reject(new PylonError('cancelled', 'The upload was cancelled.'))
    request.onerror = () => reject(new PylonError('unavailable', `${file.name}: the host broke off the upload.`))
    request.onload = () => {
      try {
        resolve(checked(request.status, JSON.parse(request.responseText), uploadResultSchema))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    request.onloadend = () => signal?.removeEventListener('abort', abort)
    request.send(file)
  })
}

async function ask<T extends z.ZodType>(path: string, schema: T, init: RequestInit = {}): Promise<z.output<T>> {
  const answer = await fetch(path, init).catch(() => {
    throw new PylonError('unavailable', 'The host cannot be reached.')
  })
  return checked(answer.status, await answer.json().catch(() => null), schema)
}

function checked<T extends z.ZodType>(status: number, body: unknown, schema: T): z.output<T> {
  if (status === 200) return schema.parse(body)
  const refusal = refusalSchema.safeParse(body)
  throw refusal.success
    ? new PylonError(refusal.data.code as ErrorCode, refusal.data.message)
    : new PylonError('unavailable', `The host answered with ${status}.`)
}

function saveContent(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  follow(url, name)
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

function follow(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
