/** The process of a server before it serves: whatever it is told, it answers or passes it over, and lives on. */
import { expect, test } from 'vitest'
import type { FromServer } from '../../../main/engine/serving/server-messages.ts'
import { forkJob } from '../../../main/hosts/child.ts'

test('messages that are none are passed over, questions out of turn are refused, and it ends when it is told to', async () => {
  const child = forkJob(new URL('../../../main/hosts/serve.ts', import.meta.url))
  const { channel } = child
  const heard: FromServer[] = []
  const three = new Promise<void>((done) =>
    channel.listen((message) => {
      heard.push(message as FromServer)
      if (heard.length === 3) done()
    }),
  )
  const ended = new Promise((done) => channel.onClose(done))
  for (const junk of ['text', 7, [], {}, { id: 1 }, { id: '1', kind: 'stats' }, { id: 1.5, kind: 'stop' }, { id: 1, kind: 'toString' }])
    channel.post(junk)
  channel.post({ id: 1, kind: 'stats' })
  channel.post({ id: 2, kind: 'swap', source: null })
  channel.post({ id: 3, kind: 'start' })
  await three
  channel.post({ id: 4, kind: 'stop' })
  expect(await ended).toBe('exit code 0')
  expect(heard.map(({ id, kind }) => [id, kind]).sort()).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [3, 'failed'],
    [4, 'done'],
  ])
  expect(child.printed()).toMatch(/passed over/)
})
