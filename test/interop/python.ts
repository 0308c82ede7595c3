/** Python of the tests' environment, asked by scripts of this folder. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findPython } from '../../main/engine/export/python.ts'

/** What it printed. @throws an error with what it said where it does not end well */
export async function runPython(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Promise<string> {
  const { stdout } = await promisify(execFile)(findPython()!, args, { env: { ...process.env, ...env }, maxBuffer: 64 << 20, cwd })
  return stdout
}
