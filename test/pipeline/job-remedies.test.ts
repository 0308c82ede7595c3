/** What `pylon export-job` does not cover it refuses with something to say instead; said, it writes the job. */
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-remedies-'))
const home = join(root, 'home')
beforeAll(async () => {
  const { interactions, items } = writeSmallMarket(root)
  await answerOf(['import', '--name', 'd', '--interactions', interactions, '--items', items], { home })
})
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

test.each([
  ['spectral', []],
  ['bsl', []],
  ['two-tower', ['training.earlyStopping.metric=cold.ndcg@20']],
])('%s %j', async (recipe, before) => {
  const out = join(root, recipe)
  const sets = [...before]
  for (;;) {
    const args = ['export-job', '--dataset', 'd', '--recipe', recipe, '--out', out, ...sets.flatMap((set) => ['--set', set])]
    const { code, stderr } = await pylon(args, { home })
    if (code === 0) break
    const offered = [...stderr.matchAll(/--set (\S+)/g)].map(([, set]) => set!).filter((set) => !sets.includes(set))
    expect(offered, stderr).not.toEqual([])
    sets.push(...offered)
  }
  expect(sets.length, 'it was refused').toBeGreaterThan(before.length)
  expect(existsSync(join(out, 'job.json'))).toBe(true)
})

test('settings that a run chose are taken from its spec', async () => {
  const { run } = await answerOf(['train', '--dataset', 'd', '--recipe', 'bsl', '--set', 'training.epochs=1'], { home })
  const out = join(root, 'chosen')
  const { stdout } = await pylon(['show', String(run)], { home })
  const folder = /^folder\s+(.+)$/m.exec(stdout)![1]!
  const config = ['--config', join(folder, 'spec.json'), '--set', 'training.init.kind=random']
  expect(await answerOf(['export-job', '--dataset', 'd', ...config, '--out', out], { home })).toMatchObject({ out })
})
