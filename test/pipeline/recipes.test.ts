/**
 * Every recipe as it comes, but for the number of steps, on a small sample market: the whole training job, from features to test metrics,
 * without a word of warning.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunSpec } from '../../main/contract/shapes/spec.ts'
import type { DatasetManifest } from '../../main/contract/shapes/dataset.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { importDataset } from '../../main/engine/import/import.ts'
import { generateSample, sampleImportInput } from '../../main/engine/sample/sample.ts'
import { train } from '../../main/engine/jobs/train.ts'
import type { JobFact } from '../../main/engine/queue/job-types.ts'
import { recipeNames, recipeSpec } from '../../main/engine/towers/recipes.ts'
import { resolveSpec } from '../../main/engine/towers/resolve.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { importInput } from '../../main/contract/verbs/datasets.ts'

let home: string
let manifest: DatasetManifest

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pylon-recipes-'))
  const files = await drain(generateSample(join(home, 'files'), { seed: 1, users: 300, listings: 200, events: 9000 }))
  const input = importInput.parse({ name: 'small', ...sampleImportInput(files) })
  manifest = await drain(importDataset({ ...input, folder: join(home, 'dataset'), say: () => {}, threads: 1 }))
})
afterAll(() => rm(home, { recursive: true, force: true }))

describe.each(recipeNames())('%s', (name) => {
  test('trains without a warning', async () => {
    const spec = short(resolveSpec(recipeSpec(name, manifest), manifest))
    const facts: JobFact[] = []
    const place = { run: name, runFolder: join(home, name), fileRecords: [], datasetFolder: join(home, 'dataset'), datasetRecord: manifest }
    const job = { ...place, spec, resume: false, warmStart: null, members: [], threads: 1 }
    const body = train(job, { threads: 1, signal: new AbortController().signal, temp: home, guard: ANY_PATH })
    let next = await body.next()
    for (; next.done !== true; next = await body.next()) facts.push(next.value)
    // on so little data an epoch may well be no better than the start
    const warnings = facts.filter(
      (fact) => fact.kind === 'message' && fact.level === 'warning' && !fact.text.startsWith('No epoch was better'),
    )
    expect(warnings).toEqual([])
    const { metrics, baseline } = next.value
    expect(metrics['recall@20']).toBeGreaterThan(0)
    expect(baseline['recall@20']).toBeGreaterThan(0)
    const losses = facts.flatMap((fact) => (fact.kind === 'epoch' ? [fact.row.loss] : []))
    expect(losses.length).toBeGreaterThan(0)
    expect(losses.every(Number.isFinite)).toBe(true)
  })
})

/** Two epochs of a few steps; the rest as the recipe says. */
function short(spec: RunSpec): RunSpec {
  if (spec.model !== 'two-tower') return spec
  return { ...spec, training: { ...spec.training, epochs: 2, perUserCap: 4 } }
}
