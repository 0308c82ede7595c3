/** A command of Pylon in a process group of its own, killed in the middle: all of it, its job's process alone, or the engine alone. */
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childEnvironment } from '../../main/hosts/child.ts'
import { childrenOf } from '../helpers/processes.ts'

export const CLI = resolve(import.meta.dirname, '../../main/cli.ts')

/** Whom the signal goes to. */
export type Victim = 'group' | 'job' | 'engine'
/** Milliseconds after the start, or the number of a change among the files of a folder. */
export type Moment = { readonly after: number } | { readonly change: number; readonly folder: string; readonly unless: number }

export interface Ended {
  /** whether anything was killed before the command ended by itself */
  readonly killed: boolean
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
  /** changes of the folder that was watched */
  readonly changes: number
  /** what must not be: somebody lives on */
  readonly lingering: string | null
}

/** Within which everybody must be gone when the engine or the job was killed. */
const GONE_MS = 20_000

/** Runs a script of this checkout with `args`; `kill` says when, and whom. */
export function killed(args: readonly string[], kill: { moment: Moment; victim: Victim } | null, watched?: string): Promise<Ended> {
  return new Promise((done, fail) => {
    const started = performance.now()
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...childEnvironment(), NO_COLOR: '1' },
    })
    const group = child.pid!
    let [stdout, stderr, wasKilled, changes] = ['', '', false, 0]
    let jobs: readonly number[] = []
    const strike = (): void => {
      if (wasKilled || child.exitCode !== null || kill === null) return
      jobs = childrenOf(group)
      wasKilled = true
      if (kill.victim === 'job' && jobs.length > 0) signal(jobs[0]!)
      else if (kill.victim === 'engine') signal(group)
      else signal(-group)
    }
    const moment = kill?.moment
    const folder = moment !== undefined && 'change' in moment ? moment.folder : watched
    const watcher =
      folder === undefined
        ? null
        : watch(folder, { recursive: true }, () => {
            changes++
            if (moment !== undefined && 'change' in moment && changes === moment.change) strike()
          })
    watcher?.on('error', () => undefined) // a folder that went while it was being looked at
    const timer = moment === undefined ? undefined : setTimeout(strike, 'after' in moment ? moment.after : moment.unless)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)))
    child.once('error', fail)
    const overdue = setTimeout(() => signal(-group), GONE_MS * 3)
    child.once('exit', (code) => {
      const ms = performance.now() - started
      clearTimeout(timer)
      clearTimeout(overdue)
      watcher?.close()
      void gone(group).then((lingering) => {
        if (lingering) signal(-group)
        const late = ms > GONE_MS * 3 - 100
        done({
          ...{ killed: wasKilled, code, stdout, stderr, ms, changes },
          lingering: lingering ? 'a process outlives its engine' : late ? 'the engine outlives its job by a minute' : null,
        })
      })
    })
  })
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}

/** Waits until nobody of the group is left. @returns whether somebody still is */
async function gone(group: number): Promise<boolean> {
  for (const started = performance.now(); performance.now() - started < GONE_MS; await sleep(10)) {
    try {
      process.kill(-group, 0)
    } catch {
      return false
    }
  }
  return true
}
