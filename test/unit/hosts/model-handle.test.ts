/** A thread that ends when it should not: threads of a few lines stand in for a model that takes its thread with it. */
import { expect, test } from 'vitest'
import { ModelHandle, type ModelHandleOptions } from '../../../main/hosts/serve/model-handle.ts'

const FACTS = `{ id: 'v', name: 'n', users: 1, items: 2, dim: 3 }`

function options(code: string, onDeath: (error: Error) => void): ModelHandleOptions {
  const entry = new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'\n${code}`)}`)
  return { entry, source: { kind: 'bundle', path: '/nowhere' }, threads: 1, temp: '/nowhere', onDeath }
}

test('a thread that ends before it has loaded is a failure of the loading alone', async () => {
  const deaths: Error[] = []
  const open = (code: string): Promise<ModelHandle> => ModelHandle.open(options(code, (error) => deaths.push(error)))
  await expect(open('throw new Error("no model")')).rejects.toThrow('no model')
  await expect(open('process.exit(3)')).rejects.toThrow('thread of the model ended')
  await expect(
    open(`parentPort.postMessage({ id: 0, kind: 'failed', error: { code: 'bad-data', message: 'It is broken.' } })`),
  ).rejects.toThrow('It is broken.')
  expect(deaths).toEqual([])
})

test('a thread that ends later is told: to whoever waits for an answer, and to its owner', async () => {
  const death = Promise.withResolvers<Error>()
  const code = `parentPort.postMessage({ id: 0, kind: 'done', facts: ${FACTS} })\nparentPort.on('message', () => { throw new Error('out of memory') })`
  const handle = await ModelHandle.open(options(code, (error) => death.resolve(error)))
  expect(handle.facts).toMatchObject({ id: 'v', items: 2 })
  await expect(handle.answer('/recommend', {}, new Map())).rejects.toThrow('out of memory')
  expect((await death.promise).message).toBe('out of memory')
})

test('an end that was asked for is no death', async () => {
  const code = `parentPort.postMessage({ id: 0, kind: 'done', facts: ${FACTS} })
    parentPort.on('message', ({ id }) => { parentPort.postMessage({ id, kind: 'done', facts: ${FACTS} }); parentPort.close() })`
  const handle = await ModelHandle.open(options(code, (error) => expect.fail(error.message)))
  await handle.dispose()
  await handle.dispose()
})
