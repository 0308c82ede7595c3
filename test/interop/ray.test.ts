/** A job for a cluster on a node of Ray: what comes of it is what processes of this machine make of it (jobs.test.ts), to the bit. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { ended, rayNodes } from '../helpers/ray.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf } from '../helpers/workspace.ts'

const SPEC = {
  user: { features: [{ kind: 'history', dim: 8, maxLength: 12, share: true }], hidden: [16], output: 8 },
  item: { features: [{ kind: 'id', dim: 8 }], hidden: [16], output: 8 },
  training: { batchSize: 64, epochs: 2 },
}

const { test } = needing('pytorch', 'ray')

test('workers and shards as actors of Ray train to the same weights as processes', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pylon-ray-'))
  const [here, there] = ['here', 'there'].map((name) => join(root, name)) as [string, string]
  const told: string[] = []
  const nodes = await rayNodes(1, root, (text) => told.push(text))
  try {
    const home = join(root, 'home')
    const { interactions, items } = writeSmallMarket(root)
    const succeed = (...args: string[]): Promise<object> => answerOf(args, { home })
    await succeed('import', '--name', 'd', '--interactions', interactions, '--items', items)
    writeFileSync(join(root, 'spec.json'), JSON.stringify(SPEC))
    await succeed('export-job', '--dataset', 'd', '--config', join(root, 'spec.json'), '--out', here, '--files', '2')
    await cp(here, there, { recursive: true })
    const args = ['run_job.py', '--workers', '2', '--shards', '2', '--index', 'IVF2,Flat', '--nprobe', '2']
    await runPython(findPython()!, here, args)
    const { code } = await ended(nodes.run(findPython()!, [...args, '--engine', 'ray', '--worker-cpus', '0.5'], there))
    expect(code, told.join('\n')).toBe(0)
    const weights = (folder: string): Buffer => readFileSync(join(folder, 'result/weights.safetensors'))
    expect(weights(there).equals(weights(here))).toBe(true)
    const result = (folder: string) => JSON.parse(readFileSync(join(folder, 'result/result.json'), 'utf8')) as Record<string, unknown>
    expect(result(there)).toMatchObject({ engine: 'ray', workers: 2, shards: 2, test: result(here)['test'] })
  } finally {
    nodes.stop()
    await rm(root, { recursive: true, force: true })
  }
})
