/** What the set-up does to this machine: commands with progress, and Debian's packages where this is root or `sudo -n` works. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Quicker steps are not told of. */
const TOLD_AFTER_MS = 1_000
const TOLD_EVERY_MS = 30_000

interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

interface Outcome {
  readonly ok: boolean
  /** both streams */
  readonly said: string
}

/** Runs a command and says nothing. One that is not there, or takes longer than `timeoutMs`, is not ok. */
export function ask(command: string, args: readonly string[], { cwd, env = {}, timeoutMs }: Options = {}): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.once('error', (error) => done({ ok: false, said: error.message }))
    child.once('close', (code) => done({ ok: code === 0, said }))
  })
}

/** Does `work` under a title that is told once it takes longer than a second, and again with the time that has passed. */
export async function told<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const passed = (): number => performance.now() - started
  const seconds = (): string => `${(passed() / 1000).toFixed(0)} s`
  const first = setTimeout(() => console.log(`  ${title} …`), TOLD_AFTER_MS)
  const later = setInterval(() => console.log(`  ${title}: ${seconds()} so far`), TOLD_EVERY_MS)
  try {
    return await work()
  } finally {
    clearTimeout(first)
    clearInterval(later)
    if (passed() > TOLD_AFTER_MS) console.log(`  ${title}: ended after ${seconds()}`)
  }
}

/** A command with progress; where it fails, the end of what it said. */
export async function step(title: string, command: string, args: readonly string[], options: Options = {}): Promise<boolean> {
  const { ok, said } = await told(title, () => ask(command, args, options))
  if (!ok) console.log(`  ${title} failed: ${[command, ...args].join(' ').slice(0, 200)}\n${indent(said.trimEnd().split('\n').slice(-12))}`)
  return ok
}

const indent = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n')

/** The distribution's name and version (`debian`, `12`); empty elsewhere. */
export function distribution(): { readonly id: string; readonly version: string } {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const value = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? ''
  return { id: value('ID'), version: value('VERSION_ID') }
}

/** What goes before a command that only root may run; null where this user cannot. */
async function asRoot(): Promise<readonly string[] | null> {
  if (process.getuid?.() === 0) return []
  return (await ask('sudo', ['-n', 'true'])).ok ? ['sudo', '-n'] : null
}

/** Installs Debian's packages. @returns whether they are there now; false at once where this is no Debian, or this user may not */
export async function installDebian(packages: readonly string[]): Promise<boolean> {
  if (packages.length === 0) return true
  if (distribution().id !== 'debian') return false
  const root = await asRoot()
  if (root === null) return false
  const apt = (title: string, ...args: string[]): Promise<boolean> => {
    const [command, ...rest] = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args]
    return step(title, command!, rest)
  }
  if (!(await apt('apt-get update', 'update'))) return false
  return apt(`apt-get install ${packages.join(' ')}`, 'install', '-y', '--no-install-recommends', ...packages)
}
