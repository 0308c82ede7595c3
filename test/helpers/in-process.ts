/** Jobs and servers in the test's own process, over memory channels: the real bodies without the second that a process takes to start. */
import { setImmediate as turn } from 'node:timers/promises'
import { toErrorShape } from '../../main/contract/errors.ts'
import type { Channel } from '../../main/contract/channel.ts'
import { loadJob } from '../../main/engine/jobs/index.ts'
import type { FromJob, JobBody, JobName, ToJob } from '../../main/engine/queue/job-types.ts'
import type { JobProcess } from '../../main/engine/queue/queue.ts'
import type { FromServer, ToServer } from '../../main/engine/serving/server-messages.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { ServedModel } from '../../main/engine/serving/served.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'

/** For `fork` of an engine. */
export function jobHere(): JobProcess {
  const abort = new AbortController()
  return here(async (message, post, end) => {
    const order = message as ToJob
    if (order.kind === 'cancel') return abort.abort()
    const { job, input, threads, temp } = order
    try {
      const body = (await loadJob(job)) as unknown as JobBody<JobName>
      const facts = body(input, { threads, temp, signal: abort.signal, guard: ANY_PATH })
      let next = await facts.next()
      for (; next.done !== true; next = await facts.next()) {
        post({ kind: 'fact', fact: next.value } satisfies FromJob)
        await turn()
      }
      post({ kind: 'done', result: next.value } satisfies FromJob)
    } catch (error) {
      post({ kind: 'failed', error: toErrorShape(error) } satisfies FromJob)
    }
    end()
  })
}

/** For `forkServer` of an engine: it loads the run it is told to serve, and never listens. */
export function serverHere(): JobProcess {
  return here(async (message, post, end) => {
    const asked = message as ToServer
    try {
      if (asked.kind === 'start' && asked.source.kind === 'run' && asked.source.spec.model === 'two-tower') {
        const { source, threads } = asked
        await (await ServedModel.open({ ...source, spec: asked.source.spec, threads })).dispose()
      }
      post({ id: asked.id, kind: 'done', value: { url: 'http://127.0.0.1' } } satisfies FromServer)
    } catch (error) {
      post({ id: asked.id, kind: 'failed', error: toErrorShape(error) } satisfies FromServer)
    }
    if (asked.kind === 'stop') end()
  })
}

function here(hear: (message: unknown, post: Channel['post'], end: () => void) => Promise<void>): JobProcess {
  const [near, far] = memoryChannels()
  // what was posted arrives in the next turn
  const end = (): void => void setImmediate(() => setImmediate(() => far.close()))
  far.listen((message) => void hear(message, (answer) => far.post(answer), end))
  return { channel: near, printed: () => '', kill: end }
}
