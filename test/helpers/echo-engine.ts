/**
 * An engine of five lines for the tests of the rpc: it answers what it got, fails on demand, and counts its calls. Run as a process of
 * its own it serves its parent.
 */
import { Cancelled, PylonError } from '../../main/contract/errors.ts'
import type { EngineApi, EventListener } from '../../main/contract/rpc.ts'
import { serveVerbs } from '../../main/contract/rpc.ts'
import type { VerbName, VerbOutput, VerbParsed } from '../../main/contract/verbs.ts'
import { parentChannel } from '../../main/hosts/child.ts'
import { serveEngine } from '../../main/hosts/engine-server.ts'

export function echoEngine(): EngineApi {
  const listeners = new Set<EventListener>()
  const announce: EventListener = (event, payload) => listeners.forEach((listener) => listener(event, payload))
  let calls = 0
  const answers: Partial<{ [V in VerbName]: (input: VerbParsed<V>) => unknown }> = {
    'datasets.list': () => ({ datasets: [], calls }),
    'neighbours.recommend': (input) => ({
      echo: input,
      vector: new Float32Array([1, 2.5, NaN]),
      ranks: new Int32Array([7, -1]),
      counts: new BigInt64Array([2n ** 40n]),
      loss: NaN,
      missing: undefined,
    }),
    'jobs.cancel': ({ job }) => {
      if (job === 'expected') throw new PylonError('not-found', 'There is none.', 'spec.x')
      if (job === 'cancelled') throw new Cancelled()
      if (job === 'die') process.exit(7)
      throw new TypeError('x is not a function')
    },
    'runs.export': () => {
      announce('job.progress', {
        job: 'j1',
        run: null,
        progress: { stage: 's', done: 1, total: 2, unit: 'u' },
        perSecond: null,
        etaSeconds: null,
      })
      announce('job.finished', { job: 'j0', run: null, state: 'done', result: 'another', error: null })
      announce('job.finished', { job: 'j1', run: null, state: 'done', result: 'mine', error: null })
      return { job: 'j1' }
    },
  }
  return {
    call: async (verb, input) => {
      calls++
      return (answers[verb] as (input: unknown) => VerbOutput<typeof verb>)(input)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  if (process.argv.length === 2) serveVerbs(parentChannel(), echoEngine())
  else
    serveEngine(
      parentChannel(),
      () => ({ ...echoEngine(), close: async () => undefined }),
      (code) => process.exit(code),
    )
}
