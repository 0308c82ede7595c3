/** Specs before they are run: the schema as JSON, every problem at its path, and estimates that are what training then costs. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specJsonSchema } from '../../../main/contract/spec-json.ts'
import { specSchema, twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { createClient, serveVerbs, startJob, type Client } from '../../../main/contract/rpc.ts'
import { openEngine } from '../../../main/engine/index.ts'
import { estimateTraining } from '../../../main/engine/training/loop/estimate.ts'
import { prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { parametersOf } from '../../../main/engine/training/state/state.ts'
import { forkJob } from '../../../main/hosts/child.ts'
import { memoryChannels } from '../../../main/hosts/memory-channels.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { withWorkspace } from '../../helpers/workspace.ts'
import { filesIn } from '../import/imported.ts'

async function drain<R>(stage: AsyncGenerator<unknown, R>): Promise<R> {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}
const some = memoryDataset({
  interactions: Array.from({ length: 400 }, (_, k) => ({ user: `u${k % 40}`, item: `i${(k * 7) % 30}`, time: k })),
  items: Array.from({ length: 30 }, (_, k) => ({ id: `i${k}`, colour: `c${k % 5}`, price: k })),
})
const small = twoTowerSchema.parse({
  user: { features: [{ kind: 'id', dim: 4 }], hidden: [8], output: 6 },
  item: {
    features: [
      { kind: 'id', dim: 4 },
      { kind: 'category', name: 'colour', column: 'colour', dim: 3 },
    ],
    output: 6,
  },
  training: { batchSize: 32 },
})

async function withEngine(body: (client: Client) => Promise<void>): Promise<void> {
  await withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    try {
      await body(createClient(near))
    } finally {
      await engine.close()
    }
  })
}

test('the schema is plain JSON, says every default that the contract fills in, and describes its settings', () => {
  const schema = specJsonSchema()
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  const twoTower = (
    schema['oneOf'] as { properties: Record<string, { properties: Record<string, { default?: unknown; description?: string }> }> }[]
  )[0]!
  const { epochs, batchSize } = twoTower.properties['training']!.properties
  const parsed = specSchema.parse({})
  expect(parsed.model === 'two-tower' && [parsed.training.epochs, parsed.training.batchSize]).toEqual([epochs!.default, batchSize!.default])
  expect(epochs!.description).toContain('passes over')
})

test('an estimate counts the parameters that training has, and leaves the towers as they will be', async () => {
  const estimate = await drain(estimateTraining(small, some, 1))
  const phase = await drain(prepareTraining({ spec: small, dataset: some, parts: ['train'], threads: 1 }))
  try {
    const counted = [...parametersOf(phase.state).values()].reduce((sum, { values }) => sum + values.length, 0)
    expect(estimate.parameters.total).toBe(counted)
    expect(estimate.memory.parameters).toBe(4 * counted)
    // Adam keeps two numbers a parameter
    expect(estimate.memory.optimizer).toBe(8 * counted)
    expect(estimate).toMatchObject({
      method: 'measured',
      examples: phase.positions.length,
      batch: 32,
      stepsPerEpoch: Math.floor(phase.positions.length / 32),
      towers: { user: { inputWidth: 4 }, item: { inputWidth: 7 }, dim: 6 },
    })
    expect(estimate.secondsPerEpoch).toBeGreaterThan(0)
  } finally {
    await phase.dispose()
  }
})

test('all that is wrong is said at once, each at its path; what is right comes back complete', { timeout: 60_000 }, () =>
  withEngine(async (client) => {
    const folder = await filesIn({
      'i.csv': 'user,item,time\na,x,1\na,y,2\na,z,3\nb,x,4\nb,y,5\nb,z,6\n',
      'm.csv': 'id,price\nx,1\ny,2\nz,3\n',
    })
    await (
      await startJob(client, 'datasets.import', { name: 'd', interactions: join(folder, 'i.csv'), items: join(folder, 'm.csv') })
    ).finished
    const places = async (spec: unknown): Promise<string[]> =>
      (await client.call('specs.check', { dataset: 'd', spec })).problems.map(({ place }) => place)
    expect(await places({ training: { epochs: -1, batchSize: 'big' }, user: { hiden: [3] }, loss: { kind: 'ccl', margin: 7 } })).toEqual(
      expect.arrayContaining(['training.epochs', 'training.batchSize', 'user.hiden', 'loss.margin']),
    )
    expect(
      await places({
        user: { features: [{ kind: 'category', name: 'a', column: 'nothing', dim: 2 }], output: 8 },
        item: { features: [{ kind: 'text', name: 'b', column: 'price', dim: 2 }], output: 16 },
        training: { events: ['buy'], earlyStopping: { metric: 'loss' } },
      }),
    ).toEqual(
      expect.arrayContaining([
        'user.features[0].column',
        'item.features[0].column',
        'training.events',
        'training.earlyStopping.metric',
        'user.output',
      ]),
    )
    const { spec, problems } = await client.call('specs.check', { dataset: 'd', spec: {} })
    expect(problems).toEqual([])
    expect(spec?.model === 'two-tower' && spec.item.features).toEqual(
      expect.arrayContaining([expect.objectContaining({ column: 'price' })]),
    )
    await expect(client.call('specs.estimate', { dataset: 'd', spec: { training: { epochs: 0 } } })).rejects.toMatchObject({
      code: 'bad-input',
      place: 'training.epochs',
    })
    expect(await client.call('specs.estimate', { dataset: 'd', spec: { model: 'most-popular' } })).toMatchObject({ method: 'none' })
  }),
)

test('an id beside what an item contains is hidden from a tenth of the examples, unless it says otherwise', () => {
  const rateOf = (...features: object[]): number | undefined => {
    const spec = specSchema.parse({ item: { features } })
    const id =
      spec.model === 'two-tower' && spec.item.features !== 'auto' ? spec.item.features.find(({ kind }) => kind === 'id') : undefined
    return id?.kind === 'id' ? id.unknownRate : undefined
  }
  const sentence = { kind: 'text', name: 'title', column: 'title', encoder: { kind: 'onnx', model: 'minilm' } }
  expect(rateOf({ kind: 'id', dim: 8 }, sentence)).toBe(0.1)
  expect(rateOf({ kind: 'id', dim: 8 }, { kind: 'vector', name: 'v', column: 'v' })).toBe(0.1)
  expect(rateOf({ kind: 'id', dim: 8, unknownRate: 0 }, sentence)).toBe(0)
  expect(rateOf({ kind: 'id', dim: 8, unknownRate: 0.5 }, sentence)).toBe(0.5)
  expect(rateOf({ kind: 'id', dim: 8 }, { kind: 'text', name: 'title', column: 'title' })).toBe(0)
  expect(rateOf({ kind: 'id', dim: 8 })).toBe(0)
})
