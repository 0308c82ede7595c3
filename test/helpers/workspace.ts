/** Throw-away workspaces, and the real command line run in them as a child process. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const CLI = resolve(import.meta.dirname, '../../main/cli.ts')

/** Runs `body` with a new empty folder and removes it afterwards. */
export async function withWorkspace<T>(body: (home: string) => Promise<T> | T): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'pylon-test-'))
  try {
    return await body(home)
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** the last line of stdout as JSON, where it is an object */
  readonly json: Record<string, unknown> | null
}

export interface CliOptions {
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** gets the child at once, to send it signals */
  readonly onStart?: (child: ChildProcess) => void
  /** hears stderr as it comes */
  readonly onStderr?: (text: string, child: ChildProcess) => void
}

/** `pylon …args`, with `--home` where `home` is given. */
export function pylon(args: readonly string[], { home, env = {}, cwd, onStart, onStderr }: CliOptions = {}): Promise<CliResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [CLI, ...args, ...(home === undefined ? [] : ['--home', home])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      onStderr?.(text, child)
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr, json: lastObject(stdout) }))
    onStart?.(child)
  })
}

/** The answer of `pylon …args --json`. @throws Error with what it printed where it does not succeed */
export async function answerOf(args: readonly string[], options: CliOptions): Promise<Record<string, unknown>> {
  const { code, json, stderr } = await pylon([...args, '--json'], options)
  if (code === 0 && json !== null) return json
  throw new Error(`pylon ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`)
}

function lastObject(stdout: string): Record<string, unknown> | null {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
  } catch {
    return null
  }
}
