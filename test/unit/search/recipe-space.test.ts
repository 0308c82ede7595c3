/** Spaces around the recipes: the spec itself is a point of each, so the first trial is the recipe as it is. */
import { expect, test } from 'vitest'
import type { Dimension } from '../../../main/contract/shapes/search.ts'
import { specSchema, type RunSpec } from '../../../main/contract/shapes/spec.ts'
import { spaceAround } from '../../../main/engine/search/recipe-space.ts'
import { isSame } from '../../../main/engine/search/space.ts'
import { recipeNames, recipeSpec } from '../../../main/engine/towers/recipes.ts'
import { memoryDataset } from '../../helpers/dataset.ts'

const { manifest } = memoryDataset({
  interactions: Array.from({ length: 400 }, (_, k) => ({
    user: `u${k % 40}`,
    item: `i${(k * 7) % 30}`,
    time: k,
    event: k % 2 ? 'view' : 'buy',
  })),
  items: Array.from({ length: 30 }, (_, k) => ({ id: `i${k}`, colour: `c${k % 5}`, price: k })),
})

const valueAt = (spec: RunSpec, path: string): unknown =>
  path.split('.').reduce((value: unknown, name) => (value as Record<string, unknown> | undefined)?.[name], spec)

/** Choices that a recipe leaves to the validation part. */
const OPEN_CHOICES = ['dim']

function holds(dimension: Dimension, value: unknown, path: string): boolean {
  if (dimension.kind === 'choice' && value === null) return OPEN_CHOICES.includes(path)
  if (dimension.kind === 'choice') return dimension.values.some((each) => isSame(each, value))
  return value === null || (typeof value === 'number' && value >= dimension.low && value <= dimension.high)
}

test.each(recipeNames())('%s is a point of its own space', (name) => {
  const spec = recipeSpec(name, manifest)
  for (const [path, dimension] of Object.entries(spaceAround(spec))) {
    const hangs = dimension.when
    if (hangs !== null && !hangs.in.some((each) => isSame(each, valueAt(spec, hangs.path)))) continue
    for (const each of [path, ...dimension.tied]) expect([each, holds(dimension, valueAt(spec, each), each)]).toEqual([each, true])
  }
})

test('the learning rate may fall within few epochs, and never within more than the spec allows', () => {
  const dimensions = (training: object): [readonly unknown[], readonly unknown[]] | null => {
    const { 'training.schedule': schedule, 'training.epochs': epochs } = spaceAround(specSchema.parse({ training }))
    if (schedule?.kind !== 'choice' || epochs?.kind !== 'choice') return null
    expect(epochs.when!.in).toEqual(schedule.values.filter((each) => (each as { kind: string }).kind === 'cosine'))
    return [schedule.values.map((each) => (each as { kind: string }).kind), epochs.values]
  }
  expect(dimensions({ epochs: 40 })).toEqual([
    ['constant', 'cosine'],
    [3, 5, 8, 40],
  ])
  expect(dimensions({ epochs: 5, schedule: { kind: 'cosine', warmupSteps: 7 } })).toEqual([
    ['constant', 'cosine'],
    [3, 5],
  ])
  expect(dimensions({ epochs: 3 })).toBeNull()
  expect(dimensions({ epochs: 9, schedule: { kind: 'step', everyEpochs: 2, factor: 0.5 } })).toEqual([
    ['constant', 'cosine', 'step'],
    [3, 5, 8, 9],
  ])
})
