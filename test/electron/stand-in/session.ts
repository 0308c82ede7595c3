/**
 * The scheme of the page and the rules of the session. Chromium knows no scheme of ours, so `pylon://app` is
 * `https://app.pylon.test` there.
 */

type Handler = (request: { url: string; method: string }) => Promise<Response>
type Before = (details: { url: string }, answer: (result: { cancel?: boolean }) => void) => void
type PermissionRequest = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void

const REAL = 'https://app.pylon.test'
const OURS = 'pylon://app'

export const toChromium = (url: string): string => (url.startsWith(OURS) ? REAL + url.slice(OURS.length) : url)
export const fromChromium = (url: string): string => (url.startsWith(REAL) ? OURS + url.slice(REAL.length) : url)

const handlers = new Map<string, Handler>()
let before: Before = (_details, answer) => answer({})
export const rules: { permission: PermissionRequest | null } = { permission: null }

export const protocol = {
  registerSchemesAsPrivileged: (): void => undefined,
  handle: (scheme: string, handler: Handler): void => void handlers.set(scheme, handler),
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: PermissionRequest): void => void (rules.permission = handler),
    setPermissionCheckHandler: (): void => undefined,
    setDevicePermissionHandler: (): void => undefined,
    webRequest: { onBeforeRequest: (listener: Before): void => void (before = listener) },
  },
}

/** The answer to a request of a page, given in Electron's addresses; null where the session refuses it. */
export async function answer(url: string, method: string): Promise<Response | null> {
  const { cancel = false } = await new Promise<{ cancel?: boolean }>((resolve) => before({ url }, resolve))
  const handler = cancel ? undefined : handlers.get(new URL(url).protocol.slice(0, -1))
  return handler === undefined ? null : handler({ url, method })
}
