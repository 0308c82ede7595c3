/**
 * Which machine this is, told apart as finely as locks need it: processes that share a running kernel (containers of one host do) see
 * each other's file locks, others do not.
 */
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { z } from 'zod'

export const machineSchema = z.strictObject({
  host: z.string().max(255),
  /** of this start of the kernel; null where it tells none */
  boot: z.string().max(255).nullable(),
})
export type Machine = z.infer<typeof machineSchema>

/** The machine this process runs on. */
export function thisMachine(): Machine {
  return { host: os.hostname(), boot: firstLine('/proc/sys/kernel/random/boot_id') }
}

/** Whether processes of both see each other's file locks. */
export function sameKernel(a: Machine, b: Machine): boolean {
  return a.boot !== null && b.boot !== null ? a.boot === b.boot : a.host === b.host
}

function firstLine(path: string): string | null {
  try {
    const line = readFileSync(path, 'utf8').split('\n', 1)[0]!.trim()
    return line === '' ? null : line
  } catch {
    return null // not Linux
  }
}
