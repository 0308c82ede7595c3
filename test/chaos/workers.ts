/** Cases by their numbers, in processes that may die or hang without taking the run along. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../main/hosts/child.ts'
import type { PartOptions } from './part.ts'

/** Silence of a worker after which its case hangs. */
const HANG_MS = 60_000

export interface Cases {
  /** a script: its arguments are the seed, the first number, the one behind the last, and the folders; it says `number N` before each case */
  readonly worker: string
  readonly folders: readonly string[]
  /** of messages */
  readonly what: string
  /** hears what else a worker says; true: it is no failure */
  readonly heard?: (line: string) => boolean
}

/** Gives `count` cases to a worker, and to the next one where it dies or hangs. @returns how many were done */
export async function inWorkers(
  options: Pick<PartOptions, 'seed' | 'from' | 'signal' | 'say'>,
  count: number,
  { worker, folders, what, heard = () => false }: Cases,
  failures: string[],
): Promise<number> {
  const { seed, from, signal, say } = options
  let next = from
  let dead = false
  while (!dead && next < from + count && !signal.aborted) {
    const child = spawn(process.execPath, [worker, String(seed), String(next), String(from + count), ...folders], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnvironment(),
    })
    let [begun, stderr] = [`number ${next}`, '']
    const first = next
    const hung = new AbortController()
    const alarm = (): NodeJS.Timeout =>
      setTimeout(() => {
        hung.abort()
        child.kill('SIGKILL')
      }, HANG_MS)
    let timer = alarm()
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop)
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-1000)))
    const ended = new Promise<string>((done) => child.once('close', (code, how) => done(String(how ?? code))))
    for await (const line of createInterface({ input: child.stdout })) {
      clearTimeout(timer)
      timer = alarm()
      if (line.startsWith('number ')) {
        begun = line
        next = Number(line.split(' ')[1]) + 1
        if (next % 500 === 0) say(`${next - from} ${what}, ${failures.length} failures`)
      } else if (!heard(line)) {
        failures.push(`seed ${seed}, ${begun}: ${line}`)
        say(failures.at(-1)!)
      }
    }
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    const how = await ended
    if (how !== '0' && how !== 'SIGTERM' && !options.signal.aborted)
      failures.push(`seed ${seed}, ${begun}: ${hung.signal.aborted ? 'hangs' : `the process dies (${how})`} ${stderr.slice(-300)}`)
    // one that does not get to its first case would do so for ever
    dead = next === first
  }
  return next - from
}
