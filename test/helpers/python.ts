/** Scripts of generated projects, run as their reader would. */
import { execFile } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { promisify } from 'node:util'

/** Runs Python in a folder. @returns what it printed */
export async function runPython(python: string, cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...more }
  try {
    return (await promisify(execFile)(python, [...args], { cwd, env, maxBuffer: 64 << 20 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${args.join(' ')}: ${stdout}${stderr}`, { cause: error })
  }
}

/** The JSON of the last line that a script printed. */
export const lastLine = (stdout: string): Record<string, number> =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, number>

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
