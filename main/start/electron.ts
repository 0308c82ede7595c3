/** Electron for `npm start`: whether it can open here, its download, its start. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { ROOT } from './build.ts'

const ANSWER_MS = 20_000

/** Why Electron cannot be used, as the rest of a sentence; null where it can. */
export function whyNoElectron(): { reason: string; installable: boolean } | null {
  if (!hasDisplay()) return { reason: 'there is no display', installable: false }
  if (electronFolder() === null) return { reason: 'Electron is not installed', installable: false }
  if (electronBinary() === null) return { reason: "Electron's binary is not downloaded (npm run setup:electron)", installable: true }
  return null
}

/** A place for windows: X11 or Wayland on Linux; elsewhere, unless this is a shell from afar. */
export function hasDisplay(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): boolean {
  const given = (name: string): boolean => (env[name] ?? '') !== ''
  if (platform === 'linux') return given('DISPLAY') || given('WAYLAND_DISPLAY')
  return !given('SSH_CONNECTION')
}

function electronFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return null
  }
}

/** Where the executable lies; null before it was downloaded. */
export function electronBinary(env: NodeJS.ProcessEnv = process.env): string | null {
  const folder = electronFolder()
  if (folder === null) return null
  const place = join(folder, 'path.txt')
  if (!existsSync(place)) return null
  const path = join(env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), readFileSync(place, 'utf8').trim())
  return existsSync(path) ? path : null
}

/** Asks on the terminal, once: no answer in time is a no. */
export async function askToDownload(ms = ANSWER_MS): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const question = `Pylon can open in a window of its own: download Electron (about 120 MB, from github.com) now? [y/N, ${ms / 1000} s] `
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: AbortSignal.timeout(ms) })).trim())
  } catch {
    process.stderr.write('\n')
    return false
  } finally {
    terminal.close()
  }
}

/** Electron's own installer. @returns whether the binary is there now */
export async function download(): Promise<boolean> {
  const folder = electronFolder()
  if (folder === null) return false
  const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: 'inherit' })
  await new Promise((resolve) => child.once('error', resolve).once('exit', resolve))
  return electronBinary() !== null
}

/** Runs the desktop program. @returns its exit code */
export async function startElectron(args: readonly string[]): Promise<number> {
  const env = { ...process.env }
  delete env['ELECTRON_RUN_AS_NODE']
  delete env['NODE_COMPILE_CACHE'] // this Node's
  const child = spawn(electronBinary()!, [ROOT, ...args], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)))
}
