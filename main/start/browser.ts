/** The workbench in a browser: starts the web host, prints its link, opens it, and stays until it is told to end. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { PylonError } from '../contract/errors.ts'
import { onSignal } from '../hosts/signals.ts'
import { startWebHost, type WebHost, type WebHostOptions } from '../hosts/web.ts'
import { hasDisplay } from './electron.ts'
import type { StartOptions } from './options.ts'

const USUAL_PORT = 7821
const PORTS_TRIED = 20

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** @returns the exit code, when the host has ended */
export async function serveInBrowser(options: StartOptions, home: string, page: string): Promise<number> {
  if (options.host !== null)
    say(`warning: listening on ${options.host}, not only on this machine: whoever gets the link can read your data and run code as you.`)
  const host = await startOnPort({
    home,
    page,
    roots: options.roots,
    allowCode: options.allowCode,
    log: (text) => void process.stderr.write(`${text}\n`),
    ...(options.host === null ? {} : { address: options.host }),
    ...(options.port === null ? {} : { port: options.port }),
  })
  const link = host.link()
  say(`Pylon is at ${link}`)
  say(`The link works once${process.stdin.isTTY ? '; Enter prints a new one' : ''}. Ctrl-C ends Pylon.`)
  if (options.open) openBrowser(link)
  return ended(host)
}

/** On the port that was asked for; else on the usual one, which keeps what a browser remembers for the page, or the next that is free. */
async function startOnPort(options: WebHostOptions): Promise<WebHost> {
  if (options.port !== undefined) return startWebHost(options)
  for (let port = USUAL_PORT; port < USUAL_PORT + PORTS_TRIED; port++) {
    try {
      return await startWebHost({ ...options, port })
    } catch (error) {
      if (!(error instanceof PylonError) || error.code !== 'conflict') throw error
    }
  }
  return startWebHost({ ...options, port: 0 })
}

/** Waits for a signal; a second one does not wait for the engine. */
function ended(host: WebHost): Promise<number> {
  return new Promise((resolve) => {
    let times = 0
    const end = (): void => {
      if (++times > 1) process.exit(3)
      say('Ending; once more to end at once.')
      process.stdin.pause()
      void host.close().then(() => resolve(0))
    }
    onSignal(end)
    if (process.stdin.isTTY) process.stdin.setEncoding('utf8').on('data', () => say(`A new link: ${host.link()}`))
  })
}

/** The system's way to open a link, where there is one. */
export function browserCommand(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): { command: string; args: readonly string[] } | null {
  if (!hasDisplay(env, platform)) return null
  if (platform === 'darwin') return { command: 'open', args: [] }
  if (platform === 'win32') return { command: 'rundll32', args: ['url.dll,FileProtocolHandler'] }
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, 'xdg-open'))) ? { command: 'xdg-open', args: [] } : null
}

function openBrowser(link: string): void {
  const browser = browserCommand()
  if (browser === null) return
  const child = spawn(browser.command, [...browser.args, link], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined) // the link is on the terminal
  child.unref()
}
