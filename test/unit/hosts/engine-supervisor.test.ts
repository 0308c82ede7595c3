/** An engine is started again when it dies, with growing pauses, and not after it was stopped; what cannot be opened says why. */
import { expect, test, vi } from 'vitest'
import type { EngineFact } from '../../../main/contract/host.ts'
import type { FromEngine, ToEngine } from '../../../main/hosts/engine-server.ts'
import { EngineSupervisor, type EngineProcess } from '../../../main/hosts/engine-supervisor.ts'

/** A process that does what the test says. */
class Puppet implements EngineProcess {
  readonly posted: ToEngine[] = []
  killed = false
  say: (message: FromEngine) => void = () => undefined
  readonly #exits: ((how: string) => void)[] = []
  post(message: ToEngine): void {
    this.posted.push(message)
  }
  onMessage(listener: (message: FromEngine) => void): void {
    this.say = listener
  }
  onExit(listener: (how: string) => void): void {
    this.#exits.push(listener)
  }
  kill(): void {
    this.killed = true
    this.end('SIGKILL')
  }
  end(how: string): void {
    for (const exit of this.#exits) exit(how)
  }
}

function kept(): { puppets: Puppet[]; facts: EngineFact[]; keeper: EngineSupervisor; last: () => Puppet } {
  const puppets: Puppet[] = []
  const facts: EngineFact[] = []
  const start = (): Puppet => {
    puppets.push(new Puppet())
    return puppets.at(-1)!
  }
  const keeper = new EngineSupervisor(start, { fact: (fact) => facts.push(fact) })
  return { puppets, facts, keeper, last: () => puppets.at(-1)! }
}

test('pauses grow while engines die young, and are short again after one that lived', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const { puppets, keeper, last } = kept()
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      last().say({ kind: 'ready' })
      last().end('SIGKILL')
      const before = performance.now()
      const count = puppets.length
      while (puppets.length === count) vi.advanceTimersByTime(50)
      pauses.push(performance.now() - before)
    }
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    vi.advanceTimersByTime(30_000)
    last().end('SIGKILL')
    vi.advanceTimersByTime(200)
    expect(puppets).toHaveLength(10)
    expect(keeper.fact.engine).toBe('lost')
    last().say({ kind: 'ready' })
    expect(keeper.fact.engine).toBe('ready')
  } finally {
    vi.useRealTimers()
  }
})

test('what cannot be opened says why', () => {
  const { facts, last, keeper } = kept()
  last().say({ kind: 'failed', error: { code: 'unavailable', message: '/x cannot be used as a workspace.' } })
  last().end('exit code 1')
  expect(facts).toEqual([{ kind: 'host', engine: 'refused', reason: '/x cannot be used as a workspace.' }])
  void keeper.stop()
})

test('nothing is posted to an engine that is not ready, and a stopped one is the last', async () => {
  const { puppets, keeper, last } = kept()
  keeper.post({ kind: 'open', connection: 1 })
  expect(last().posted).toEqual([])
  last().say({ kind: 'ready' })
  keeper.post({ kind: 'open', connection: 1 })
  const stopped = keeper.stop()
  expect(last().posted).toEqual([{ kind: 'open', connection: 1 }, { kind: 'stop' }])
  last().end('exit code 0')
  await stopped
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(puppets).toHaveLength(1)
})

test('an engine that does not stop is ended', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { keeper, last } = kept()
    last().say({ kind: 'ready' })
    const stopped = keeper.stop()
    vi.advanceTimersByTime(10_000)
    await stopped
    expect(last().killed).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
