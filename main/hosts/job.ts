/**
 * The entry of a job process: hears one `start`, drains the job's generator, posts its facts and its end. A cancel aborts the body's
 * signal; the parent's death ends the process at once (what is on disk is whole at any moment). Runs at a slightly lower priority,
 * so that the engine and the machine's owner stay ahead. Ctrl-C reaches the whole process group: it is the parent's to handle.
 */
import os from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { toErrorShape } from '../contract/errors.ts'
import type { FromJob, JobFact, JobName, Jobs, JobBody, ToJob } from '../engine/jobs/types.ts'
import { parentChannel } from './child.ts'

process.on('SIGINT', () => {})
const channel = parentChannel()
const post = (message: FromJob): void => channel.post(message)
const abort = new AbortController()

channel.onClose(() => process.exit(0))
channel.listen((message) => {
  const order = message as ToJob
  if (order.kind === 'cancel') abort.abort()
  else run(order.job, order.input as never, order).then(finish, (error: unknown) => finish({ kind: 'failed', error: toErrorShape(error) }))
})

async function run<J extends JobName>(
  job: J,
  input: Jobs[J]['input'],
  { threads, temp }: { threads: number; temp: string },
): Promise<FromJob> {
  try {
    os.setPriority(5)
  } catch {
    // not allowed here: then at the usual priority
  }
  const { loadJob } = await import('../engine/jobs/index.ts')
  const body: JobBody<J> = await loadJob(job)
  const facts: AsyncGenerator<JobFact, Jobs[J]['result']> = body(input, { threads, temp, signal: abort.signal })
  let turned = performance.now()
  for (;;) {
    const next = await facts.next()
    if (next.done === true) return { kind: 'done', result: next.value }
    post({ kind: 'fact', fact: next.value })
    if (performance.now() - turned > 20) {
      await turn()
      turned = performance.now()
    }
  }
}

/** Posts the end, then leaves once it is out; native threads are not waited for. */
function finish(end: FromJob): void {
  process.send!(end as object, undefined, undefined, () => process.exit(0))
}
