/** Every recipe adapts to a dataset with all roles, trains a step on it, and says what a bare one lacks. */
import { describe, expect, test } from 'vitest'
import type { RunSpec, TwoTowerSpec } from '../../../main/contract/shapes/spec.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { embedItems, embedUsers, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { describeRecipe, recipeNames, recipeSpec } from '../../../main/engine/towers/recipes.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { memoryDataset, type MemoryInteraction } from '../../helpers/dataset.ts'
import { numbers } from '../../helpers/numbers.ts'

const [USERS, ITEMS] = [24, 40]

/** Listings with text, tags, place, price and picture; users who view, click and book. */
function listings() {
  const interactions: MemoryInteraction[] = []
  for (let user = 0; user < USERS; user++) {
    for (let i = 0; i < 12; i++) {
      const item = (user * 5 + i * i) % ITEMS
      const time = 1_700_000_000 + user * 50_000 + i * 9000
      interactions.push({ user: `u${user}`, item: `i${item}`, time, event: ['view', 'click', 'booking'][i % 3]!, weight: 1 + (i % 2) })
    }
  }
  const picture = numbers(ITEMS * 3, 4)
  return memoryDataset({
    interactions,
    users: Array.from({ length: USERS }, (_, u) => ({ id: `u${u}`, age: 20 + u, home: ['Rome', 'Oslo'][u % 2]! })),
    items: Array.from({ length: ITEMS }, (_, i) => ({
      id: `i${i}`,
      title: `room ${i} near the ${['lake', 'park', 'port'][i % 3]!}`,
      city: ['Rome', 'Oslo', 'Bern', 'Lima'][i % 4]!,
      tags: [['wifi'], ['wifi', 'pool'], ['pool']][i % 3]!,
      price: 40 + i,
      latitude: 40 + i / 10,
      longitude: 10 + i / 20,
      photo: picture.slice(3 * i, 3 * i + 3),
    })),
    kinds: { title: 'text', latitude: 'latitude', longitude: 'longitude' },
  })
}
const dataset = listings()
const bare = memoryDataset({
  interactions: dataset.manifest.events.flatMap((_, i) => [0, 1, 2, 3, 4].map((k) => ({ user: `u${k}`, item: `i${(k + i) % 6}` }))),
  hasOrder: false,
})

/** The spec with a batch of this dataset's size. */
function small(name: string): RunSpec {
  const spec = resolveSpec(recipeSpec(name, dataset.manifest), dataset.manifest)
  return spec.model === 'two-tower' ? { ...spec, training: { ...spec.training, batchSize: 16, embeddingDropout: 0.1 } } : spec
}
const twoTowers = recipeNames().flatMap((name) => {
  const spec = small(name)
  return spec.model === 'two-tower' ? [[name, spec] as const] : []
})

test('the recipes of the papers and the baselines are there', () => {
  expect(recipeNames().toSorted()).toEqual(
    [
      ...['youtube-2016', 'youtube-2019', 'google-mns', 'airbnb-2018', 'airbnb-2025', 'pinterest-pinnerformer', 'pinterest-itemsage'],
      ...['facebook-ebr', 'facebook-ebr-offline', 'mf-bpr', 'mf-softmax', 'bsl', 'simplex-ccl', 'spectral', 'mean-history', 'directau'],
      ...['two-tower', 'linear-towers', 'most-popular', 'item-knn', 'ease', 'ials'],
    ].toSorted(),
  )
})

describe.each(twoTowers)('%s', (name, spec: TwoTowerSpec) => {
  test('has a card, and trains: the loss is a number and the vectors change', async () => {
    const { card, spec: shown, needs } = describeRecipe(name, dataset.manifest)
    expect(shown).not.toBeNull()
    expect(needs.every(({ met }) => met === true)).toBe(true)
    expect([card.summary.length > 20, card.ingredients.length > 0, card.paper === null || card.claims.length > 0]).toEqual([
      true,
      true,
      true,
    ])

    const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
    const [usersBefore, itemsBefore] = [await drain(embedUsers(phase, 'train', 1)), await drain(embedItems(phase, 1))]
    const loss = await phase.step.run(phase.state, phase.positions.subarray(0, phase.batch), 1, 1)
    const [users, items] = [await drain(embedUsers(phase, 'train', 1)), await drain(embedItems(phase, 1))]
    await phase.dispose()
    expect(Number.isFinite(loss)).toBe(true)
    expect(items.length).toBe(ITEMS * phase.model.dim)
    for (const [before, after] of [
      [usersBefore, users],
      [itemsBefore, items],
    ] as const) {
      expect(after.every(Number.isFinite)).toBe(true)
      expect(after.some((x, i) => x !== before[i])).toBe(true)
    }
  })
})

test('recipes of tens of epochs take half as many where interactions are many, and say so', () => {
  const many = { ...bare.manifest, parts: { ...bare.manifest.parts, train: 729_088 } }
  for (const name of ['google-mns', 'facebook-ebr', 'facebook-ebr-offline']) {
    expect([many, bare.manifest].map((manifest) => (recipeSpec(name, manifest) as TwoTowerSpec).training.epochs)).toEqual([20, 40])
    expect(describeRecipe(name, many).card.changes).toContain('20 epochs at most instead of 40: train has 729,088 interactions')
  }
})

test('a dataset without order, time, events or columns is told what it lacks', () => {
  const told = Object.fromEntries(
    recipeNames().map((name) => {
      const { needs, spec } = describeRecipe(name, bare.manifest)
      const missing = needs.filter(({ met }) => met === false).map(({ what }) => what)
      expect(spec === null).toBe(missing.length > 0)
      return [name, missing]
    }),
  )
  expect(told).toMatchObject({
    'youtube-2016': ['interactions in order of time'],
    'airbnb-2018': ['interactions in order of time', 'an item category or place to be a market'],
    'airbnb-2025': ['two event types, such as click and booking', 'times of the interactions'],
    'pinterest-pinnerformer': ['times of the interactions'],
    'pinterest-itemsage': ['text, tags, categories or vectors of the items'],
    'two-tower': [],
    'simplex-ccl': [],
    spectral: [],
    ease: [],
  })
  expect(() => recipeSpec('airbnb-2025', bare.manifest)).toThrow(/does not fit dataset memory. It needs two event types/)
  expect(() => recipeSpec('youtube-2061', bare.manifest)).toThrow(/did you mean "youtube-2016"/)
})

test('events and columns of another script are told apart in every recipe', () => {
  const { manifest } = memoryDataset({
    interactions: Array.from({ length: USERS * 12 }, (_, k) => ({
      user: `u${k % USERS}`,
      item: `i${(k * k) % ITEMS}`,
      time: 1_700_000_000 + k * 900,
      event: ['浏览', '加购', '下单'][k % 3]!,
      weight: 1 + (k % 2),
    })),
    users: Array.from({ length: USERS }, (_, u) => ({ id: `u${u}`, 年龄: 20 + u, 城市: ['上海', '北京'][u % 2]! })),
    items: Array.from({ length: ITEMS }, (_, i) => ({
      id: `i${i}`,
      名称: `房间 ${i}`,
      类目: ['甲', '乙'][i % 2]!,
      价格: 40 + i,
      纬度: 40 + i / 10,
      经度: 10 + i / 20,
    })),
    kinds: { 名称: 'text', 纬度: 'latitude', 经度: 'longitude' },
  })
  for (const name of recipeNames()) {
    const { spec, needs } = describeRecipe(name, manifest)
    expect(spec !== null, name).toBe(needs.every(({ met }) => met === true))
    if (spec?.['model'] !== 'two-tower') continue
    const { user, item } = spec as unknown as TwoTowerSpec
    for (const side of [user, item]) {
      const names = (side.features === 'auto' ? [] : side.features).flatMap((feature) => ('name' in feature ? [feature.name] : []))
      expect(new Set(names).size, name).toBe(names.length)
    }
  }
})

test('mf-bpr draws uniformly from a small catalogue, popular items more often from a large one', () => {
  const samplerOf = (items: number): unknown => {
    const spec = resolveSpec(recipeSpec('mf-bpr', { ...bare.manifest, items }), { ...bare.manifest, items })
    return spec.model === 'two-tower' && 'sampler' in spec.loss ? spec.loss.sampler : null
  }
  expect([samplerOf(9999), samplerOf(10_000)]).toEqual([{ kind: 'uniform' }, { kind: 'popularity', alpha: 0.5 }])
})

test('linear towers read the periods of requests and of what came when, by names that are free', () => {
  const timed = memoryDataset({
    interactions: Array.from({ length: 60 }, (_, n) => ({ user: `u${n % 6}`, item: `i${n % 10}`, time: 1_700_000_000 + n * 3600 })),
    users: Array.from({ length: 6 }, (_, u) => ({ id: `u${u}`, request: ['phone', 'desk'][u % 2]! })),
    items: Array.from({ length: 10 }, (_, i) => ({ id: `i${i}`, listed: 1_690_000_000 + i * 86_400, came: ['ship', 'road'][i % 2]! })),
    kinds: { listed: 'time' },
  })
  const periodsOf = (side: 'user' | 'item', { manifest } = timed): unknown[] => {
    const spec = resolveSpec(recipeSpec('linear-towers', manifest), manifest) as TwoTowerSpec
    return (spec[side].features as readonly { kind: string; name: string; column?: string | null; parts?: readonly string[] }[])
      .filter(({ parts }) => parts?.includes('period') === true)
      .map(({ name, column }) => [name, column])
  }
  expect(periodsOf('user')).toEqual([['request-period', null]])
  expect(periodsOf('item')).toEqual([['came-period', 'listed']])
  expect(periodsOf('user', bare)).toEqual([])
  const epochs = (interactions: number): unknown => recipeSpec('linear-towers', { ...timed.manifest, users: 6, interactions })
  expect(epochs(599)).toMatchObject({ training: { epochs: 3 } })
  expect(epochs(600)).toMatchObject({ training: { epochs: 8 } })
})

test('a start in closed form is refused where nothing can come of it, and both ways out are told', () => {
  const started = recipeSpec('mf-softmax', bare.manifest) as TwoTowerSpec
  expect(started.training.init.kind).toBe('spectral')
  for (const [change, told] of [
    [{ match: { ...started.match, kind: 'euclidean' } }, /not by distance: --set training\.init\.kind=random, or match\.kind=cosine/],
    [{ training: { ...started.training, warmStart: 'yesterday' } }, /not from both: --set training\.init\.kind=random/],
  ] as const) {
    const asked = { ...started, ...change } as TwoTowerSpec
    expect(() => resolveSpec(asked, bare.manifest)).toThrow(told)
    const random = { ...asked, training: { ...asked.training, init: { kind: 'random' as const } } }
    expect(resolveSpec(random, bare.manifest)).toMatchObject({ training: { init: { kind: 'random' } } })
  }
})
