/** A final fit that goes on from the best epoch: which epochs it does again, at which rates, and that a stop in it changes nothing. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { withEngine } from '../helpers/engine.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'

const set = [
  'training.epochs=6',
  'training.batchSize=64',
  'training.schedule.kind=cosine',
  'training.earlyStopping.patience=6',
  'training.finalFitShare=.5',
]

test('the last epochs are done again with the validation part, at their own rates, stopped and resumed or not', () =>
  withEngine(async ({ client, home }) => {
    const { finished } = await startJob(client, 'datasets.import', { name: 'd', ...writeSmallMarket(join(home, 'files')) })
    await finished
    const train = () => startJob(client, 'runs.start', { dataset: 'd', recipe: 'two-tower', threads: 1, set })
    const first = await train()
    const { metrics } = await first.finished
    const whole = await client.call('runs.show', { run: first.started.run })
    const best = whole.bestEpoch!
    const again = Math.max(1, Math.round(0.5 * best))
    expect(best).toBeGreaterThan(1)
    expect(whole.epochsLog.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 6 + again }, (_, i) => i + 1))
    const rates = whole.epochsLog.map(({ learningRate }) => learningRate)
    const [theirs, mine] = [rates.slice(best - again, best), rates.slice(6)]
    // as many steps an epoch or a few more: a rate is of a place on the curve
    mine.forEach((rate, i) => expect(rate).toBeCloseTo(theirs[i]!, 4))
    expect(whole.protocol?.fittedOn).toBe('train+validation')

    const second = await train()
    client.on('run.epoch', ({ run, row }) => {
      if (run === second.started.run && row.epoch === 7) void client.call('runs.pause', { run })
    })
    await expect(second.finished).rejects.toMatchObject({ code: 'cancelled' })
    const resumed = await startJob(client, 'runs.start', { resume: second.started.run })
    expect((await resumed.finished).metrics).toEqual(metrics)
  }))
