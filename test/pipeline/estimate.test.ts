/**
 * An estimate against the run it foretells, on the sample market: memory within a factor of two, and the time of an
 * epoch in its order of magnitude.
 */
import { expect, test } from 'vitest'
import type { VerbOutput } from '../../main/contract/verbs.ts'
import { startJob } from '../../main/contract/rpc.ts'
import { withEngine } from '../helpers/engine.ts'

/** Not of chance: of three attempts one must fit, as a loaded machine slows either of the two. */
test('memory is foretold within a factor of two, time in its order of magnitude', { retry: 2 }, () =>
  withEngine(async ({ client }) => {
    await (
      await startJob(client, 'datasets.import', { name: 'market', sample: true })
    ).finished
    const { spec } = await client.call('recipes.show', { name: 'two-tower', dataset: 'market' })
    const short = { ...spec, training: { ...(spec!['training'] as object), epochs: 2 } }
    const estimate = await client.call('specs.estimate', { dataset: 'market', spec: short })
    const { started, finished } = await startJob(client, 'runs.start', { dataset: 'market', spec: short })
    const result = await finished
    const run: VerbOutput<'runs.show'> = await client.call('runs.show', { run: started.run })
    const seconds = run.epochsLog.map(({ examplesPerSecond }) => estimate.examples / examplesPerSecond)
    const ratio = estimate.secondsPerEpoch / (seconds.reduce((a, b) => a + b, 0) / seconds.length)
    expect(ratio).toBeGreaterThan(0.1)
    expect(ratio).toBeLessThan(10)
    const memory = estimate.memory.peak / (result.peakRssMb * 1024 * 1024)
    expect(memory).toBeGreaterThan(0.5)
    expect(memory).toBeLessThan(2)
  }),
)
