/** The curves that a training writes for TensorBoard, read by TensorFlow: those of the run, also after it was stopped and resumed. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { runDetailSchema, type RunDetail } from '../../main/contract/shapes/run.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon, type CliOptions, type CliResult } from '../helpers/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'pylon-tensorboard-'))
const home = join(root, 'home')
const { test, describe } = needing('python')

/** Tag → step → value, of each run. */
type Told = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>

const train = (name: string, folder: string, options: CliOptions = {}): Promise<CliResult> =>
  pylon(
    [
      'train',
      '--dataset',
      'market',
      '--recipe',
      'mf-softmax',
      '--set',
      'training.epochs=5',
      '--name',
      name,
      '--log',
      `tensorboard:${folder}`,
      '--json',
    ],
    { home, ...options },
  )
const shown = async (run: string): Promise<RunDetail> => runDetailSchema.parse((await pylon(['show', run, '--json'], { home })).json)
const read = async (folder: string): Promise<Told> =>
  JSON.parse(await runPython(findPython()!, root, [join(import.meta.dirname, 'board_curves.py'), folder])) as Told

function expectCurvesOf(run: RunDetail, tags: Told[string]): void {
  const last = (name: string): number | undefined => Object.values(tags[name] ?? {}).at(-1)
  for (const metric of ['recall@20', 'ndcg@20']) {
    const validated = run.epochsLog.flatMap(({ validation }) => validation[metric] ?? [])
    expect(validated.length).toBeGreaterThan(1)
    expect(Object.values(tags[`validation/${metric}`]!)).toEqual(validated.map((value) => expect.closeTo(value, 6) as number))
    expect(last(`test/${metric}`)).toBeCloseTo(run.metrics[metric]!, 6)
    expect(last(`most_popular/${metric}`)).toBeCloseTo(run.baseline[metric]!, 6)
  }
  expect(Object.values(tags['epoch/loss']!)).toEqual(run.epochsLog.map(({ loss }) => expect.closeTo(loss, 5) as number))
  const steps = Object.keys(tags['train/loss']!).map(Number)
  expect(steps).toEqual(Array.from(steps, (_, i) => i + 1))
  expect(steps.length).toBeGreaterThan(10)
}

describe('a training for TensorBoard', () => {
  beforeAll(async () => {
    const { interactions } = writeSmallMarket(join(root, 'market'))
    const { code, stderr } = await pylon(['import', '--name', 'market', '--interactions', interactions], { home })
    expect(code, stderr).toBe(0)
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test('has the losses, rates, validation and test metrics of the run, in a folder of its name', async () => {
    const { code, json, stderr } = await train('a/b 红', join(root, 'whole'))
    expect(code, stderr).toBe(0)
    const runs = await read(join(root, 'whole'))
    const id = String(json?.['run'])
    expect(Object.keys(runs)).toEqual([`a-b-红-${id}`])
    expectCurvesOf(await shown(id), runs[`a-b-红-${id}`]!)
  })

  test('that is killed and resumed has each step once', async () => {
    const folder = join(root, 'killed')
    const killed = await train('killed', folder, { onStderr: (text, child) => void (/^epoch 3 /m.test(text) && child.kill('SIGKILL')) })
    expect(killed.code).toBeNull()
    const resumed = await pylon(['train', '--resume', 'killed', '--log', `tensorboard:${folder}`, '--json'], { home })
    expect(resumed.code, resumed.stderr).toBe(0)
    const id = String(resumed.json?.['run'])
    expectCurvesOf(await shown(id), (await read(folder))[`killed-${id}`]!)
  })

  test('is written later as it would have been while it trained', async () => {
    const folder = join(root, 'later')
    const { code, stderr, json } = await pylon(['log', 'killed', '--to', `tensorboard:${folder}`, '--json'], { home })
    expect(code, stderr).toBe(0)
    const run = await shown('killed')
    expectCurvesOf(run, (await read(folder))[`killed-${run.run}`]!)
    expect(json).toMatchObject({ run: run.run, epochs: run.epochsLog.length })
  })

  test('goes on where its curves cannot be written, and says so', async () => {
    const file = join(root, 'a-file')
    writeFileSync(file, 'mine')
    const { code, stderr, json } = await train('told', file)
    expect(code, stderr).toBe(0)
    expect(stderr.match(/warning: The curves are no longer written to/g)).toHaveLength(1)
    expect((await shown(String(json?.['run']))).state).toBe('finished')
  })
})
