/**
 * Channels over Node's IPC between a process and a child it forks (advanced serialisation: typed arrays travel as they are), and the
 * forking of job processes. A child runs this Node with no inherited flags; what it prints is kept (its last 8 KB) for the message
 * of a crash and never reaches our own stdout.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Channel, FedChannel } from '../contract/channel.ts'
import { ANY_PATH, PathGuard, type PathPolicy } from '../engine/files/path-guard.ts'
import type { JobProcess } from '../engine/queue/queue.ts'
import { entryBeside } from './entry-beside.ts'

/** How long the last messages of a process that has ended may take to arrive. */
const LAST_WORDS_MS = 2_000

/** The parent's end of the IPC of a forked child. Its close reason says how the child ended. */
export function childChannel(child: ChildProcess): Channel {
  const channel = new FedChannel(
    (message) => {
      if (child.connected) child.send(message as object, () => {})
    },
    () => {
      if (child.connected) child.disconnect()
    },
  )
  child.on('message', (message) => channel.receive(message))
  const how = (code: number | null, signal: NodeJS.Signals | null): string => signal ?? `exit code ${code}`
  // `close` comes when the last message and output have been read; after a disconnect by us Node may never send it
  child.once('exit', (code, signal) => setTimeout(() => channel.end(how(code, signal)), LAST_WORDS_MS).unref())
  child.once('close', (code, signal) => channel.end(how(code, signal)))
  child.once('error', (error) => channel.end(error.message))
  return channel
}

/** The child's end: this process was forked with an IPC channel. */
export function parentChannel(): Channel {
  const channel = new FedChannel(
    (message) => {
      if (process.connected) process.send!(message, undefined, undefined, () => {})
    },
    () => {
      if (process.connected) process.disconnect()
    },
  )
  process.on('message', (message) => channel.receive(message))
  process.once('disconnect', () => channel.end('the parent is gone'))
  return channel
}

/**
 * The environment of a forked process: ours, with a place for what Node has compiled (and stripped of types), so that the next process
 * starts in half the time. Where the place cannot be written, Node compiles anew. Inside Electron, where everything is bundled, this
 * executable is Electron's, and is to be Node in a child.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  if ('electron' in process.versions) return { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  return { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)), ...process.env }
}

/** Forks this Node with a channel to it; `log` hears what it prints. */
export function forkChild(entry: URL, args: readonly string[], log: (text: string) => void): Pick<JobProcess, 'channel' | 'kill'> {
  const child = fork(entry, args, {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: childEnvironment(),
  })
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', log)
  return { channel: childChannel(child), kill: () => void child.kill('SIGKILL') }
}

/**
 * Forks a process that runs one job; it knows `guard` before it hears anything, and for all its life.
 * @param hear hears all that it prints, of which the end is kept
 */
export function forkJob(
  entry: URL = entryBeside('./job', import.meta.url),
  guard: PathGuard = ANY_PATH,
  hear: (text: string) => void = () => {},
): JobProcess {
  let printed = ''
  const log = (text: string): void => {
    printed = (printed + text).slice(-8192)
    hear(text)
  }
  return { ...forkChild(entry, guard.policy === null ? [] : [JSON.stringify(guard.policy)], log), printed: () => printed }
}

/** The guard that a process was forked with by {@link forkJob}. */
export function guardOfProcess(): PathGuard {
  const policy = process.argv[2]
  return policy === undefined ? ANY_PATH : new PathGuard(JSON.parse(policy) as PathPolicy)
}
