/** Runs that MLflow and TensorFlow themselves wrote, brought in by Pylon: the same points as their own readers give. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import type { TrackedCurve, TrackedSourceRead } from '../../main/contract/shapes/tracked.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { readTracked } from '../helpers/tracked.ts'

const folder = mkdtempSync(join(tmpdir(), 'pylon-tracked-'))
const { test, describe } = needing('python')

type Points = readonly (readonly [number, number])[]
interface Told {
  readonly mlflow: Readonly<Record<string, { readonly id: string; readonly loss: Points; readonly recall: number }>>
  readonly tensorboard: Readonly<Record<string, Points>>
}
const points = ({ steps, values }: TrackedCurve): Points => [...steps].map((step, i) => [step, values[i]!])
const byName = ({ runs }: TrackedSourceRead): Map<string, TrackedSourceRead['runs'][number]> => new Map(runs.map((run) => [run.name, run]))

describe('runs of other trackers', () => {
  let told: Told
  beforeAll(async () => {
    told = JSON.parse(
      (await runPython(findPython()!, folder, [join(import.meta.dirname, 'tracked.py'), folder])).trimEnd().split('\n').at(-1)!,
    ) as Told
  }, 300_000)
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  test('of MLflow have the params and each point that its client has, and what is no number is a gap', () => {
    const read = readTracked({ path: join(folder, 'mlflow.db'), map: [] })
    expect(read.version).toMatch(/^MLflow, schema [0-9a-f]{12}$/)
    const runs = byName(read)
    expect([...runs.keys()]).toEqual(Object.keys(told.mlflow))
    for (const [name, { id, loss, recall }] of Object.entries(told.mlflow)) {
      const run = runs.get(name)!
      expect(run).toMatchObject({ from: id, experiment: 'rivals', status: 'FINISHED', params: { model: 'als' } })
      expect(points(run.curves.get('loss')!)).toEqual(loss)
      expect(points(run.curves.get('recall_at_20')!)).toEqual([[29, recall]])
    }
    expect(points(runs.get('b')!.curves.get('diverged')!)).toEqual([
      [0, NaN],
      [1, Infinity],
    ])
    expect(readTracked({ path: join(folder, 'mlflow.db'), experiment: 'rivals', map: [] }).runs).toHaveLength(2)
    expect(() => readTracked({ path: join(folder, 'mlflow.db'), experiment: 'rivls', map: [] })).toThrow('rivals')
  })

  test('of TensorBoard have each scalar that TensorFlow reads, of either form, without what a session took back', () => {
    const read = readTracked({ path: join(folder, 'boards'), map: [] })
    expect(read.version).toBe('TensorBoard, brain.Event:2')
    const runs = byName(read)
    expect([...runs.keys()].sort()).toEqual(Object.keys(told.tensorboard).sort())
    for (const [name, loss] of Object.entries(told.tensorboard)) expect(points(runs.get(name)!.curves.get('loss')!)).toEqual(loss)
    expect(read.notes).toEqual(['new: weights are no scalars and are left out.'])
  })
})
