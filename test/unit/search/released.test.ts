/** Runs that are let go: what works on them is cancelled, also what waits, and nothing else is; it has ended before they may be removed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Events } from '../../../main/contract/events.ts'
import { type JobOrder, type JobProcess, Queue } from '../../../main/engine/queue/queue.ts'
import { memoryChannels } from '../../../main/hosts/memory-channels.ts'

test('a run is let go when its jobs have ended', async () => {
  /** ends of those that run, in their order; asked to stop they go on until then */
  const running: (() => void)[] = []
  const fork = (): JobProcess => {
    const [near, far] = memoryChannels()
    far.listen((message) => {
      if ((message as { kind: string }).kind === 'start')
        running.push(() => {
          far.post({ kind: 'failed', error: { code: 'cancelled', message: 'Cancelled.' } })
          setImmediate(() => setImmediate(() => far.close()))
        })
    })
    return { channel: near, printed: () => '', kill: () => far.close() }
  }
  const ended: string[] = []
  const announce = (event: string, payload: unknown): void => {
    if (event === 'job.finished') ended.push((payload as Events['job.finished']).job)
  }
  const queue = new Queue({ fork, announce, temporary: () => 'temp', remove: () => undefined })
  const add = (on: Pick<JobOrder<'copy-database'>, 'run' | 'runs' | 'beside'>): string =>
    queue.add({ job: 'copy-database', input: () => ({ from: '', to: '' }), ...on }).job
  const heavy = add({ run: 'a' })
  const light = add({ runs: ['b', 'a'], beside: true })
  const waits = add({ run: 'a', beside: true })
  const other = add({ runs: ['b', 'c'], beside: true })
  await expect.poll(() => running.length).toBe(2)

  let isFree = false
  const released = queue.release(['a']).then(() => (isFree = true))
  await sleep(20)
  // what waited is gone at once; two have been asked to stop and have not yet
  expect([isFree, ended]).toEqual([false, [waits]])
  expect(queue.list().map(({ job, state }) => [job, state])).toEqual([
    [heavy, 'stopping'],
    [light, 'stopping'],
    [other, 'waiting'],
  ])
  running[0]!()
  await expect.poll(() => ended).toEqual([waits, heavy])
  expect(isFree).toBe(false)
  running[1]!()
  await released
  expect(ended).toEqual([waits, heavy, light])
  await expect.poll(() => running.length).toBe(3)
  await queue.release(['a', 'nobody'])
  const closed = queue.close()
  running[2]!()
  await closed
})
