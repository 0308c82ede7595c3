/**
 * The life of a job process: hears one `start`, drains the job's generator, posts its facts and its end. A cancel aborts the body's
 * signal; the parent's death ends the process at once (what is on disk is whole at any moment). Runs at a slightly lower priority,
 * so that the engine and the machine's owner stay ahead. Ctrl-C reaches the whole process group: it is the parent's to handle.
 */
import os from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { toErrorShape } from '../contract/errors.ts'
import { ANY_PATH, type PathGuard } from '../engine/files/path-guard.ts'
import type { FromJob, JobBody, JobFact, JobName, Jobs, ToJob } from '../engine/queue/job-types.ts'
import { parentChannel } from './child.ts'

/** Messages from the parent are let in at least this often while a body works. */
const TURN_MS = 20

/** The niceness of a job at least; one that was started to be nicer stays so. */
const PRIORITY = 5

/** Finds the body of a job. */
export type LoadJob = <J extends JobName>(job: J) => Promise<JobBody<J>>

/** Makes this process, a forked one, a job process; `guard` says which files of others its jobs may open. */
export function jobMain(load: LoadJob, guard: PathGuard = ANY_PATH): void {
  process.on('SIGINT', () => {})
  const channel = parentChannel()
  const abort = new AbortController()
  const post = (message: FromJob): void => channel.post(message)
  channel.onClose(() => process.exit(0))
  channel.listen((message) => {
    const order = message as ToJob
    if (order.kind === 'cancel') abort.abort()
    else {
      const context = { threads: order.threads, temp: order.temp, signal: abort.signal, guard }
      const end = async (): Promise<FromJob> => drain(await load(order.job), order.input as never, context, post)
      end().then(leave, (error: unknown) => leave({ kind: 'failed', error: toErrorShape(error) }))
    }
  })
  try {
    if (os.getPriority() < PRIORITY) os.setPriority(PRIORITY)
  } catch {
    // not allowed here: then at the usual priority
  }
}

async function drain<J extends JobName>(
  body: JobBody<J>,
  input: Jobs[J]['input'],
  context: Parameters<JobBody<J>>[1],
  post: (message: FromJob) => void,
): Promise<FromJob> {
  const facts: AsyncGenerator<JobFact, Jobs[J]['result']> = body(input, context)
  let turned = performance.now()
  for (;;) {
    const next = await facts.next()
    if (next.done === true) return { kind: 'done', result: next.value }
    post({ kind: 'fact', fact: next.value })
    if (performance.now() - turned > TURN_MS) {
      await turn()
      turned = performance.now()
    }
  }
}

/** Posts the end, then leaves once it is out; native threads are not waited for. */
function leave(end: FromJob): void {
  if (process.connected) process.send!(end, undefined, undefined, () => process.exit(0))
  else process.exit(0)
}
