/** The page under a scheme of its own, `pylon://app/`: only files of the built page, with the same headers as behind a web host. */
import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { protocol } from 'electron'
import { pageHeaders } from '../hosts/page-headers.ts'

export const PAGE_ORIGIN = 'pylon://app'
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`

/** beside the bundle of this process: out/main and out/renderer */
const FOLDER = resolve(import.meta.dirname, '..', 'renderer')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Before the program is ready: the scheme is an origin like https. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'pylon', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

export function servePage(): void {
  protocol.handle('pylon', async ({ url, method }) => {
    const path = method === 'GET' ? pathOf(url) : null
    const body = path === null ? null : await readFile(path).catch(() => null)
    if (path === null || body === null) return new Response('There is nothing here.', { status: 404, headers: pageHeaders() })
    return new Response(new Uint8Array(body), {
      headers: { ...pageHeaders(), 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' },
    })
  })
}

/** The file of an address; null for one that is not of the page. */
export function pathOf(url: string, folder: string = FOLDER): string | null {
  try {
    const { host, pathname } = new URL(url)
    const path = join(folder, decodeURIComponent(pathname))
    return host === 'app' && path.startsWith(folder + sep) && !path.includes('\0') ? path : null
  } catch {
    return null
  }
}
