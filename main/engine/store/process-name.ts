/**
 * Processes by name: their id and, where the system tells it, the time they started, so that a number the system gives out again is
 * not taken for the old process. Version 0.1.0 named the owners of runs so.
 */
import { readFileSync } from 'node:fs'

/** A name for a living process: `4711-88213` on Linux, `4711` elsewhere. */
export function processName(pid: number = process.pid): string {
  const started = startOf(pid)
  return started === null ? String(pid) : `${pid}-${started}`
}

/** Whether the process of that name still lives. What is not such a name is none. */
export function isProcess(name: string): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(name)
  if (match === null) return false
  const pid = Number(match[1])
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return match[2] === undefined || startOf(pid) === match[2]
}

/** Linux: the start in clock ticks since boot, field 22 of stat; null elsewhere, for a process that is gone, and for a zombie. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
