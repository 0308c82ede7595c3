/** A run that version 0.1.0 paused goes on as it would have gone on then. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { openDataset } from '../../../main/engine/dataset/open.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { trainLoop } from '../../../main/engine/training/loop/run.ts'
import { loadCheckpoint } from '../../../main/engine/training/state/checkpoint.ts'
import { parametersOf } from '../../../main/engine/training/state/state.ts'
import { OLD_RUNS, unpackOld } from '../../helpers/old-workspace.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

/** Of two epochs from the checkpoint on, as commit 565998b trains them with one thread. */
const LOSSES = [
  2.252937078475952, 1.9824579954147339, 1.8640668392181396, 1.613766074180603, 1.9342764616012573, 1.916145324707031, 2.5153019428253174,
  1.5455598831176758, 1.9052273035049438, 1.991750717163086, 2.051828622817993, 1.8853440284729004, 1.5705311298370361, 2.0646910667419434,
  1.896305799484253, 1.9572488069534302,
]
const SQUARES = 147.80606495352666

test('a run paused by version 0.1.0 goes on with the losses and weights it had then', () =>
  withWorkspace(async (home) => {
    const folder = join(unpackOld(home), 'runs', OLD_RUNS[2])
    const spec = twoTowerSchema.parse(JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')))
    const dataset = await openDataset(join(home, 'ws', 'datasets', 'flats'), null)
    const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
    await loadCheckpoint(folder, phase.state)
    const { order, batch, state } = phase
    const losses: number[] = []
    const step = async (rows: Int32Array, n: number, factor: number): Promise<number> => {
      losses.push(await phase.step.run(state, rows, n, factor))
      return losses.at(-1)!
    }
    await drain(trainLoop({ spec: spec.training, epochs: state.counters.epoch + 2, order, batch, step, validate: null }, state))
    await phase.dispose()
    // bit-equal on one machine; another's vector instructions may add up in another order
    expect(losses.map((loss, i) => loss / LOSSES[i]!)).toEqual(LOSSES.map((): unknown => expect.closeTo(1, 5)))
    const squares = [...parametersOf(state).values()].map(({ values }) => values.reduce((sum, x) => sum + x * x, 0))
    expect(squares.reduce((a, b) => a + b) / SQUARES).toBeCloseTo(1, 6)
  }))
