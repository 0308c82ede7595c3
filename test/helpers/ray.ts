/** Nodes of Ray on this machine. Each is begun up to three times: on a busy machine Ray does not always begin. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findPython } from '../../main/engine/export/python.ts'
import { freePort } from './python.ts'

/** For slow machines: Ray gives up on a process after seconds otherwise. */
const PATIENT = {
  RAY_agent_register_timeout_ms: '400000',
  RAY_raylet_start_wait_time_s: '400',
  RAY_worker_register_timeout_seconds: '300',
  RAY_prestart_worker_first_driver: '0',
  RAY_enable_worker_prestart: '0',
}

export interface RayNodes {
  /** A program that finds these nodes. @param cwd folder of a job, say */
  run: (program: string, args: readonly string[], cwd: string) => ChildProcess
  stop: () => void
}

/** The `ray` of the Python of the tests; null where it is not installed. */
export function findRay(): string | null {
  const python = findPython()
  const ray = python === null ? '' : join(dirname(python), 'ray')
  return existsSync(ray) ? ray : null
}

/**
 * @param cwd of the nodes
 * @param tell what they print
 * @throws Error where they do not begin
 */
export async function rayNodes(count: number, cwd: string, tell: (text: string) => void): Promise<RayNodes> {
  // Ray 2.60 asks for a token, which who connects must have: one of these nodes' own
  const token = { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: randomBytes(32).toString('hex') }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const RAY_ADDRESS = `127.0.0.1:${port}`
    const started: ChildProcess[] = []
    const run = (program: string, args: readonly string[], folder: string, own: NodeJS.ProcessEnv = { RAY_ADDRESS }): ChildProcess => {
      const child = spawn(program, [...args], { cwd: folder, env: { ...process.env, ...PATIENT, ...token, ...own } })
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => tell(data.toString().trimEnd()))
      return child
    }
    const stop = (): void => {
      for (const node of started) node.kill('SIGTERM')
    }
    try {
      for (let i = 1; i <= count; i++) {
        const place = i === 1 ? ['--head', '--port', String(port), '--include-dashboard', 'false'] : ['--address', RAY_ADDRESS]
        started.push(run(findRay()!, ['start', ...place, '--num-cpus', '2', '--block', '--disable-usage-stats'], cwd, {}))
        await answers(i, started, run, cwd)
      }
      return { run, stop }
    } catch (error) {
      stop()
      if (attempt === 3) throw error
      tell(`attempt ${attempt}: ${String(error)}`)
    }
  }
}

/** Until so many nodes are there. */
async function answers(count: number, started: readonly ChildProcess[], run: RayNodes['run'], cwd: string): Promise<void> {
  const script = 'import ray; ray.init(logging_level="ERROR"); print("nodes", sum(n["Alive"] for n in ray.nodes()))'
  for (let i = 0; i < 40; i++) {
    if (started.some(({ exitCode }) => exitCode !== null)) throw new Error('A node of Ray ended.')
    const { text } = await ended(run(findPython()!, ['-c', script], cwd))
    if (text.includes(`nodes ${count}`)) return
    await sleep(3000)
  }
  throw new Error(`There are not ${count} nodes of Ray after minutes.`)
}

/** A process's end, and what it printed. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (text += data.toString()))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, text }
}
