/**
 * An epoch over Gowalla as the command line trains it: matrix factorisation, batch 2,048, 2,048 sampled negatives, d
 * 64, training only. All 810,128 training interactions would be an epoch of the figure's size; here a tenth of them is
 * the validation part, so it is scaled to all.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataFolder } from '../helpers/data.ts'
import { pylon } from '../helpers/workspace.ts'

const INTERACTIONS = 810_128

export async function benchEpoch(): Promise<void> {
  const gowalla = dataFolder('gowalla')
  if (gowalla === null) return console.log('  left out: the Gowalla data set is not on this machine (PYLON_DATA)')
  const home = await mkdtemp(join(tmpdir(), 'pylon-bench-'))
  try {
    const imported = await pylon(['import', '--name', 'gowalla', '--path', gowalla, '--json'], { home })
    if (imported.code !== 0) throw new Error(imported.stderr)
    const sets = ['epochs=3', 'batchSize=2048', 'earlyStopping=null', 'finalFit=false'].flatMap((value) => ['--set', `training.${value}`])
    const trained = await pylon(['train', '--dataset', 'gowalla', '--recipe', 'mf-softmax', ...sets, '--json'], { home })
    if (trained.code !== 0) throw new Error(trained.stderr)
    const { examplesPerSecond, peakRssMb } = trained.json as { examplesPerSecond: number; peakRssMb: number }
    console.log(
      `  ${(INTERACTIONS / examplesPerSecond).toFixed(1)} s for ${INTERACTIONS.toLocaleString('en-US')} interactions (${Math.round(examplesPerSecond).toLocaleString('en-US')}/s, mean of 3 epochs), peak memory of the whole job ${peakRssMb.toFixed(0)} MB`,
    )
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
