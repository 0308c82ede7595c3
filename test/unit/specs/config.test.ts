/** From a config, a recipe or a spec, with single values set, to a run's spec. */
import { expect, test } from 'vitest'
import { trainInput } from '../../../main/contract/verbs/runs.ts'
import { resolveConfig } from '../../../main/engine/run-spec/config.ts'
import { ANY_PATH } from '../../../main/engine/files/path-guard.ts'
import { memoryDataset } from '../../helpers/dataset.ts'

const { manifest } = memoryDataset({
  interactions: Array.from({ length: 60 }, (_, k) => ({ user: `u${k % 6}`, item: `i${k % 7}`, time: k })),
})

const resolved = (spec: object, ...set: string[]) => resolveConfig(trainInput.parse({ dataset: 'd', spec, set }), manifest, ANY_PATH)

test('a value of a group that the config leaves out is set beside the defaults of that group', async () => {
  const spec = await resolved({ user: { hidden: [8] } }, 'training.tables.learningRate=0.02', 'training.epochs=3')
  expect(spec).toMatchObject({
    user: { hidden: [8] },
    training: { epochs: 3, tables: { kind: 'adam', learningRate: 0.02, beta1: 0.9 } },
  })
})

test('another kind brings its own defaults, whether the config names one or not', async () => {
  for (const config of [{}, { training: { tables: { kind: 'adam', learningRate: 0.5 } } }])
    expect(await resolved(config, 'training.tables.kind=adagrad', 'training.tables.learningRate=0.02')).toMatchObject({
      training: { tables: { kind: 'adagrad', learningRate: 0.02 } },
    })
})

test('another model, and a config that only the values set make valid, are taken as they are', async () => {
  expect(await resolved({}, 'model=ease')).toMatchObject({ model: 'ease' })
  expect(await resolved({ training: { epochs: 'many' } }, 'training.epochs=2')).toMatchObject({ training: { epochs: 2 } })
  await expect(resolved({}, 'training.tables.learningRate=fast')).rejects.toThrow(/training.tables.learningRate/)
})

test('a config that names a recipe and nothing of it is not the defaults under that name', async () => {
  for (const config of [{ recipe: 'ease' }, { recipe: 'spectral', training: { seed: 3 } }])
    await expect(resolved(config)).rejects.toThrow(`--recipe ${config.recipe}`)
  // what a run was trained by says its recipe, and is whole
  expect(await resolved({ recipe: 'ease', model: 'ease' })).toMatchObject({ recipe: 'ease', model: 'ease' })
})
