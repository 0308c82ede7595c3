/** Settings of a loss chosen before training: by trials that are shown, kept in the run's spec, from which the same model comes again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDetailSchema, type RunDetail } from '../../main/contract/shapes/run.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon } from '../helpers/workspace.ts'

let place: string
let home: string
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pylon-choose-'))
  home = join(place, 'home')
  const { interactions, items } = writeSmallMarket(join(place, 'files'))
  const { code, stderr } = await pylon(['import', '--interactions', interactions, '--items', items, '--name', 'small'], { home })
  expect(code, stderr).toBe(0)
})
afterAll(() => rm(place, { recursive: true, force: true }))

async function trained(...args: string[]): Promise<RunDetail> {
  const { code, json, stderr } = await pylon(['train', '--dataset', 'small', '--json', ...args], { home })
  expect(code, stderr).toBe(0)
  return runDetailSchema.parse((await pylon(['show', String(json!['run']), '--json'], { home })).json)
}

test('the best trial is what the run is trained by, and its spec gives the same model without trials', async () => {
  const chosen = await trained('--recipe', 'bsl', '--set', 'training.choose=["exponent"]', '--set', 'training.epochs=3')
  const { spec } = chosen
  const ofLoss = ({ trials }: RunDetail) => trials.filter(({ settings }) => 'loss.exponent' in settings)
  const trials = ofLoss(chosen)
  if (spec.model !== 'two-tower' || spec.loss.kind !== 'bsl') throw new Error('the recipe is of this loss')
  expect(trials.length).toBeGreaterThan(1)
  const best = trials.toSorted((a, b) => b.value - a.value)[0]!
  expect(best.settings).toEqual({ 'loss.exponent': spec.loss.exponent })
  expect(spec.training.choose).toEqual([])
  const config = join(place, 'again.json')
  await writeFile(config, JSON.stringify(spec))
  const again = await trained('--config', config)
  expect(ofLoss(again)).toEqual([])
  expect(again.metrics).toEqual(chosen.metrics)
})

test('training that only spoils its start in closed form keeps the start', async () => {
  const spoiled = ['training.choose=[]', 'training.tables.learningRate=5', 'training.epochs=2', 'training.earlyStopping.everyEpochs=1']
  const kept = await trained('--recipe', 'bsl', ...spoiled.flatMap((each) => ['--set', each]))
  const start = await trained('--recipe', 'bsl', '--set', 'training.choose=[]', '--set', 'training.epochs=0')
  expect(kept.bestEpoch).toBe(0)
  expect(kept.epochsLog.filter(({ validation }) => validation['ndcg@20'] !== undefined).length).toBe(2)
  expect(kept.metrics).toEqual(start.metrics)
})

test('a setting that the loss does not have is refused', async () => {
  const { code, stderr } = await pylon(
    ['train', '--dataset', 'small', '--recipe', 'mf-softmax', '--set', 'training.choose=["temperature","exponent"]'],
    { home },
  )
  expect(code).not.toBe(0)
  expect(stderr).toContain('training.choose')
  expect(stderr).toContain('mixed-softmax has no exponent to choose')
})
