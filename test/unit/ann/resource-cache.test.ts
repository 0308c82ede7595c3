import { expect, test } from 'vitest'
import { ResourceCache } from '../../../main/engine/ann/resource-cache.ts'

function journal(capacity: number): { log: string[]; loaded: ResourceCache<string> } {
  const log: string[] = []
  const loaded = new ResourceCache<string>({
    capacity,
    load: async (key) => {
      if (key === 'broken') throw new Error('no such run')
      log.push(`load ${key}`)
      return key
    },
    dispose: async (value) => void log.push(`dispose ${value}`),
  })
  return { log, loaded }
}

test('the least recently used goes first, and comes back by loading again', async () => {
  const { log, loaded } = journal(2)
  for (const key of ['a', 'b', 'a', 'c', 'b']) expect(await loaded.with(key, (value) => value)).toBe(key)
  expect(loaded.keys).toEqual(['c', 'b'])
  expect(log).toEqual(['load a', 'load b', 'load c', 'dispose b', 'load b', 'dispose a'])
  await loaded.clear()
  expect([loaded.keys, log.slice(6).sort()]).toEqual([[], ['dispose b', 'dispose c']])
})

test('what is in use is disposed of when its last user has finished, once', async () => {
  const { log, loaded } = journal(1)
  const gates = [Promise.withResolvers<null>(), Promise.withResolvers<null>()]
  const users = gates.map((gate) => loaded.with('a', () => gate.promise))
  await loaded.with('b', () => {})
  gates[0]!.resolve(null)
  await users[0]
  expect(log).toEqual(['load a', 'load b'])
  gates[1]!.resolve(null)
  await users[1]
  expect(log).toEqual(['load a', 'load b', 'dispose a'])
})

test('a failed load is not kept and evicts nothing', async () => {
  const { log, loaded } = journal(1)
  await loaded.with('a', () => {})
  await expect(loaded.with('broken', () => {})).rejects.toThrow('no such run')
  expect([loaded.keys, log]).toEqual([['a'], ['load a']])
})
