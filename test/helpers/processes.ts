/** Of Linux's process table, by /proc: a bare system has no ps. */
import { readdirSync, readFileSync } from 'node:fs'

/** The ids of the processes that `parent` has started and that still run. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)
}

/** The fourth field of `stat`; the second, the name in brackets, may hold anything. Null where the process has ended by now. */
function parentOf(pid: string): number | null {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    )
  } catch {
    return null
  }
}
