/** A job for a cluster: what it has told by now (its metrics.jsonl), and processes of it that are killed on the way. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface EpochLine {
  readonly epoch: number
  readonly loss: number
  /** of rows of tables and their gradients, all workers */
  readonly tableBytesPerStep: number
}

/** '' before it has begun. */
export function toldBy(folder: string): string {
  const file = join(folder, 'metrics.jsonl')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export function linesOf(folder: string): number {
  return toldBy(folder).split('\n').length
}

export function hasCheckpoint(folder: string): boolean {
  return existsSync(join(folder, 'checkpoints/latest.json'))
}

/** The last line of each epoch, as those after a checkpoint are told again. */
export function epochsOf(folder: string): EpochLine[] {
  const lines = toldBy(folder)
    .split('\n')
    .flatMap((line) => (line.includes('"epoch", "epoch"') ? [JSON.parse(line) as EpochLine] : []))
  return [...new Map(lines.map((line) => [line.epoch, line])).values()]
}

/**
 * Runs a job over processes of this machine and kills some of them, each as soon as it has trained on since the one before.
 *
 * @param names "worker 1", "shard 0"
 * @returns what it printed
 */
export async function killing(python: string, folder: string, args: readonly string[], names: readonly string[]): Promise<string> {
  const { child, told, ended } = startedJob(python, folder, args)
  for (const [i, name] of names.entries()) {
    await until(() => checkpointsSince(folder) > i && pidsOf(told(), name).length > i, child)
    const lines = linesOf(folder)
    await until(() => linesOf(folder) > lines, child)
    process.kill(pidsOf(told(), name).at(-1)!, 'SIGKILL')
  }
  const code = await ended
  if (code !== 0) throw new Error(`The job ended with ${code}: ${told()}`)
  return told()
}

/** Runs a job until it has a checkpoint, and kills all of it. */
export async function stopped(
  python: string,
  folder: string,
  args: readonly string[],
  { has = () => hasCheckpoint(folder), env = {} }: { has?: () => boolean | Promise<boolean>; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const { child, told, ended } = startedJob(python, folder, args, env)
  await until(has, child)
  child.kill('SIGKILL')
  for (const name of ['worker', 'shard']) for (const pid of pidsOf(told(), name)) tryKill(pid)
  await ended
}

function startedJob(python: string, folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(python, ['run_job.py', ...args], { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { child, told: () => text, ended }
}

async function until(is: () => boolean | Promise<boolean>, child: { readonly exitCode: number | null }): Promise<void> {
  while (!(await is())) {
    if (child.exitCode !== null) throw new Error('The job ended before it could be killed.')
    await sleep(20)
  }
}

const pidsOf = (told: string, name: string): number[] =>
  [...told.matchAll(new RegExp(`^${name}.* is process (\\d+)$`, 'gm'))].map(([, pid]) => Number(pid))

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

/** How often it began or went on with a checkpoint behind it. */
const checkpointsSince = (folder: string): number => (hasCheckpoint(folder) ? 1 : 0) + toldBy(folder).split('"resumed"').length - 1
