/** The Python that `npm run setup:python` makes, or the one that PYLON_PYTHON names: asked only where another library has to answer. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unavailable } from '../../contract/errors.ts'

/** Where the environment lies: in the user's cache, never in the checkout. */
export function pythonEnvironment(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') return join(os.homedir(), 'Library', 'Caches', 'pylon', 'python')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(os.homedir(), 'AppData', 'Local'), 'pylon', 'Cache', 'python')
  const cache = env['XDG_CACHE_HOME']
  return join(cache?.startsWith('/') === true ? cache : join(os.homedir(), '.cache'), 'pylon', 'python')
}

/** The interpreter, or null where there is none. */
export function findPython(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['PYLON_PYTHON']
  if (named !== undefined && named !== '') return named
  const interpreter =
    process.platform === 'win32' ? join(pythonEnvironment(), 'Scripts', 'python.exe') : join(pythonEnvironment(), 'bin', 'python')
  return existsSync(interpreter) ? interpreter : null
}

/** Runs a script in its folder. @returns what it printed @throws PylonError unavailable with the end of what it said */
export async function runPython(python: string, script: string, folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(python, [script], {
      cwd: folder,
      maxBuffer: 64 << 20,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    return stdout
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string }
    const last = stderr.trim().split('\n').at(-1)
    throw unavailable(`Python could not run it: ${last === undefined || last === '' ? message : last}`, script, {
      cause: error,
    })
  }
}
