/** What a page and its host say to each other beside the verbs: whether the engine lives, files, and what only a desktop program can. */
import { z } from 'zod'

/** The path of the socket, and of the host's own answers, on the page's origin. */
export const HOST_PATHS = {
  engine: '/engine',
  upload: '/host/upload',
  browse: '/host/browse',
  place: '/host/place',
  download: '/host/download',
} as const

/** Sent by the host on the socket (or the window's channel) whenever it changes; never part of the rpc. */
export const engineFactSchema = z.strictObject({
  kind: z.literal('host'),
  /** `refused`: it cannot open the workspace; it is tried again now and then */
  engine: z.enum(['starting', 'ready', 'lost', 'refused']),
  /** why it was lost or refused, in sentences; null otherwise */
  reason: z.string().nullable(),
})
export type EngineFact = z.infer<typeof engineFactSchema>

/** A file that was uploaded: the path is one the engine can read until it is imported or the host ends. */
export const uploadResultSchema = z.strictObject({ path: z.string(), name: z.string(), bytes: z.int() })
export type UploadResult = z.infer<typeof uploadResultSchema>

/** One folder of the host's machine; null as path and parent: the list of the roots that were named at the start. */
export const folderSchema = z.strictObject({
  path: z.string().nullable(),
  parent: z.string().nullable(),
  entries: z.array(z.strictObject({ name: z.string(), path: z.string(), folder: z.boolean(), bytes: z.number(), modifiedAt: z.string() })),
  /** more entries than are listed */
  truncated: z.boolean(),
})
export type HostFolder = z.infer<typeof folderSchema>

/** A folder made for something that is to be written and then downloaded. */
export const placeSchema = z.strictObject({ id: z.string(), path: z.string() })
export type DownloadPlace = z.infer<typeof placeSchema>

/** A refusal of the host's own answers over HTTP. */
export const refusalSchema = z.strictObject({ code: z.string(), message: z.string() })
export type Refusal = z.infer<typeof refusalSchema>

/** What a native file dialog is asked for. `extensions` without a dot; none: all files. */
export interface OpenOptions {
  readonly title?: string
  readonly folder?: boolean
  readonly multiple?: boolean
  readonly extensions?: readonly string[]
}

/** What the preload gives a desktop page as `window.pylonHost`. Its functions take and give plain data only. */
export interface DesktopBridge {
  readonly platform: string
  /** paths chosen in the native dialog; none where it was closed */
  openFiles(options: OpenOptions): Promise<string[]>
  /** a path to write to; null where the dialog was closed */
  saveFile(options: { title?: string; name: string; folder?: boolean }): Promise<string | null>
  /** the path of a file that was dropped or chosen in the page; empty where it has none */
  pathOf(file: unknown): string
  /** commands of the application menu, by name */
  onMenu(listener: (command: MenuCommand) => void): void
  /** asks for the engine's port; it comes as a window message `{ kind: 'pylon:port' }` with the port transferred */
  connect(): void
}

/** What the application menu can ask of the page. */
export const MENU_COMMANDS = ['palette', 'new-run', 'import', 'runs', 'compare', 'inspect', 'settings'] as const
export type MenuCommand = (typeof MENU_COMMANDS)[number]
