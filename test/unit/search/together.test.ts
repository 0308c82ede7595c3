/** Jobs of one search run together as far as it says; others wait for their turn, and are not overtaken. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type JobOrder, type JobProcess, Queue } from '../../../main/engine/queue/queue.ts'
import { memoryChannels } from '../../../main/hosts/memory-channels.ts'

test('two of a search at once, the next after one has ended, another job after both', async () => {
  /** by the name of the temporary folder: ends it */
  const running = new Map<string, () => void>()
  const fork = (): JobProcess => {
    const [near, far] = memoryChannels()
    far.listen((message) => {
      const { temp } = message as { temp: string }
      running.set(temp, () => {
        running.delete(temp)
        far.post({ kind: 'done', result: 'x' })
        setImmediate(() => setImmediate(() => far.close()))
      })
    })
    return { channel: near, printed: () => '', kill: () => far.close() }
  }
  let made = 0
  const queue = new Queue({ fork, announce: () => undefined, temporary: () => String(++made), remove: () => undefined })
  const order = (group?: JobOrder<'copy-database'>['group']): JobOrder<'copy-database'> => ({
    job: 'copy-database',
    input: () => ({ from: '', to: '' }),
    ...(group !== undefined && { group }),
  })
  const settled = async (): Promise<string[]> => {
    await sleep(20)
    return [...running.keys()]
  }
  const mine = { id: 's', most: 2 }
  for (const group of [mine, mine, mine, undefined, mine]) queue.add(order(group))
  expect(await settled()).toEqual(['1', '2'])
  running.get('2')!()
  expect(await settled()).toEqual(['1', '3'])
  running.get('1')!()
  // the job in between is not of the search: it has its turn before what came after it
  expect(await settled()).toEqual(['3'])
  running.get('3')!()
  expect(await settled()).toEqual(['4'])
  running.get('4')!()
  expect(await settled()).toEqual(['5'])
  running.get('5')!()
  await queue.close()
})
