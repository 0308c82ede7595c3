/**
 * A training step of each recipe on the sample market: features encoded, step traced, then the time of the processor (which other
 * programs do not stretch) of a step and the examples of a core's second.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { recipeNames, recipeSpec } from '../../main/engine/towers/recipes.ts'
import { resolveSpec } from '../../main/engine/towers/resolve.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { prepareTraining } from '../../main/engine/training/loop/setup.ts'
import { pylon } from '../helpers/workspace.ts'

const STEPS = 4

export async function benchRecipes(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'pylon-bench-'))
  try {
    const imported = await pylon(['import', '--name', 'market', '--sample', '--json'], { home })
    if (imported.code !== 0) throw new Error(imported.stderr)
    const dataset = await openDataset(join(home, 'datasets', 'market'), null)
    for (const name of recipeNames()) {
      const spec = resolveSpec(recipeSpec(name, dataset.manifest), dataset.manifest)
      if (spec.model !== 'two-tower') continue
      const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
      const batch = (step: number): Int32Array => phase.positions.subarray(step * phase.batch, (step + 1) * phase.batch)
      await phase.step.run(phase.state, batch(0), 1, 1)
      const before = process.cpuUsage()
      for (let step = 1; step <= STEPS; step++) await phase.step.run(phase.state, batch(step), step + 1, 1)
      const { user, system } = process.cpuUsage(before)
      const seconds = (user + system) / 1e6 / STEPS
      const rate = Math.round(phase.batch / seconds).toLocaleString('en-US')
      console.log(
        `  ${name.padEnd(24)} ${(1000 * seconds).toFixed(0).padStart(5)} ms a step of ${phase.batch}, ${rate} examples/s of a core`,
      )
      await phase.dispose()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
