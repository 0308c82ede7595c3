import { expect, test } from 'vitest'
import { PylonError } from '../../../main/contract/errors.ts'
import { featureSchema } from '../../../main/contract/shapes/features.ts'
import type { Feature } from '../../../main/contract/shapes/features.ts'
import { autoFeatures, resolveFeatures } from '../../../main/engine/features/auto.ts'
import { checkFeatures } from '../../../main/engine/features/check-features.ts'
import { encodeSide } from '../../../main/engine/features/encode.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { everyItemFeature, everyUserFeature, fit, market, specOf, START } from './market.ts'

function problemOf(make: () => void): { place: string | undefined; message: string } {
  try {
    make()
  } catch (error) {
    if (error instanceof PylonError) return { place: error.place, message: error.message }
    throw error
  }
  throw new Error('Nothing was wrong.')
}

test('a config that fits the dataset passes', () => {
  expect(() => checkFeatures(specOf(everyUserFeature, everyItemFeature, { events: ['book'] }), market().manifest)).not.toThrow()
})

test('every problem of a config is told at once, each at its path', () => {
  const user = [
    { kind: 'history', dim: 8, share: true, events: ['buy'] },
    { kind: 'category', name: 'city', column: 'town', dim: 2 },
    { kind: 'time', name: 'age' },
    { kind: 'number', name: 'years', column: 'age' },
  ]
  const item = [
    { kind: 'id', dim: 4, minCount: 2, hashBuckets: 10 },
    { kind: 'number', name: 'room', column: 'room' },
    { kind: 'category', name: 'room', column: 'amenities', dim: 2 },
    { kind: 'geo', name: 'place', latitude: 'lat', longitude: 'title' },
    { kind: 'text', name: 'title', column: 'titel', dim: 2, charNgrams: [4, 3] },
    { kind: 'time', name: 'when' },
    { kind: 'history', dim: 2 },
    { kind: 'vector', name: 'v', column: 'price' },
  ]
  const problem = problemOf(() => checkFeatures(specOf(user, item, { events: ['click'] }), market().manifest))
  expect(problem.place).toBe('user.features[0].events[0]')
  expect(problem.message).toMatchInlineSnapshot(`
    "user.features[0].events[0]: No event "buy": there are book, view.
    user.features[0].dim: A shared history is as wide as the item's id: set dim to 4.
    user.features[1].column: There is no user column "town"; there are city, age.
    user.features[2].name: "age" is also a column of this side, and a typed-in user names both. Choose another.
    item.features[0].minCount: Hashed values are not counted. Leave out minCount or hashBuckets.
    item.features[1].column: Column "room" is stored as text and number needs number. Use a category or text feature, or import it as another kind.
    item.features[2].name: "room" is already the name of item.features[1]. Choose another.
    item.features[2].column: Column "amenities" is stored as list and category needs text or number. Use a tags feature, or import it as another kind.
    item.features[3].longitude: Column "title" is stored as text and geo needs number. Use a category or text feature, or import it as another kind.
    item.features[4].column: There is no item column "titel"; did you mean "title"? there are room, amenities, price, rating, title, lat, lon, listed, photo.
    item.features[4].charNgrams: The shortest n-gram is longer than the longest. Exchange them.
    item.features[5].column: The time of the event belongs to the user side. Name a column of times.
    item.features[6].kind: A history belongs to the user side. Remove it from the item tower.
    item.features[7].column: Column "price" is stored as number and vector needs vector. Use a number or category feature, or import it as another kind.
    training.events[0]: No event "click": there are book, view."
  `)
})

test('a dataset without time, order or events', () => {
  const { manifest } = memoryDataset({ interactions: [{ user: 'u', item: 'i' }], hasOrder: false })
  const problem = problemOf(() =>
    checkFeatures(
      specOf(
        [
          { kind: 'time', name: 'when' },
          { kind: 'history', dim: 2, events: ['book'] },
        ],
        [{ kind: 'id', dim: 2 }],
      ),
      manifest,
    ),
  )
  expect(problem.message).toMatchInlineSnapshot(`
    "user.features[0].column: The interactions have no time. Remove the feature or name a column of times.
    user.features[1].events[0]: No event "book": this dataset names no events; leave the list empty."
  `)
})

test('auto: a feature a column, by its kind; a history where there is order and enough of it', async () => {
  const dataset = memoryDataset({
    interactions: Array.from({ length: 60 }, (_, k) => ({ user: `u${k % 10}`, item: `i${k % 12}`, time: START + k })),
    users: Array.from({ length: 10 }, (_, k) => ({ id: `u${k}`, city: `c${k % 3}`, constant: 'x' })),
    items: Array.from({ length: 12 }, (_, k) => ({
      id: `i${k}`,
      'Room type': `r${k % 4}`,
      price: k === 11 ? 9000 : 40 + k,
      rating: 3 + k / 10,
      name: `Listing ${k}`,
      genres: [`g${k % 5}`, 'all'],
      latitude: 40 + k / 100,
      longitude: 5 + k / 100,
      created: START - k,
      photo: Float32Array.of(k, 1),
      url: `https://example.org/${k}`,
    })),
    kinds: { latitude: 'latitude', longitude: 'longitude', name: 'text', created: 'time', url: 'ignore' },
  })
  const auto = { user: autoFeatures('user', dataset.manifest), item: autoFeatures('item', dataset.manifest) }
  const told = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'kind' in value ? value.kind : value)
  const brief = auto.user.concat(auto.item).map((feature) => Object.values(feature).flat().map(told).join(' '))
  expect(brief).toMatchInlineSnapshot(`
    [
      "id id 32 1  0.1",
      "history history 50  false false 32 mean",
      "history recent 5  false false 32 mean",
      "history taste 50  false true 256 mean",
      "history lately 50 7 false true 256 mean",
      "category city city 3 1 ",
      "id id 32 1  0.1",
      "category Room-type Room type 3 1 ",
      "number price price log 20 8",
      "number rating rating standard 20 8",
      "text name name 32 20000 2 3 4 256",
      "tags genres genres 16 1 ",
      "vector photo photo false",
      "geo place latitude longitude 1 5 3 32 8",
    ]
  `)
  expect([...auto.user, ...auto.item]).toEqual([...auto.user, ...auto.item].map((feature) => featureSchema.parse(feature)))

  const spec = resolveFeatures(specOf('auto', 'auto'), dataset.manifest)
  expect(spec).toEqual(specOf(auto.user, auto.item))
  const encoders = await fit(specOf('auto', 'auto'), dataset)
  expect(encoders).toEqual(await fit(spec, dataset))
  expect((await encodeSide(encoders, 'item', dataset)).count).toBe(12)
})

test('auto: the id, and for users always a history; of the last few items too where there is an order', () => {
  const { manifest } = memoryDataset({ interactions: [{ user: 'u', item: 'i' }], hasOrder: false })
  const shown = (features: readonly Feature[]): unknown => features.map(({ kind, name }) => [kind, name])
  expect(shown(autoFeatures('item', manifest))).toEqual([['id', 'id']])
  const all = ['history', 'history']
  expect(shown(autoFeatures('user', { ...manifest, hasOrder: false }))).toEqual([['id', 'id'], all])
  expect(shown(autoFeatures('user', { ...manifest, hasOrder: true }))).toEqual([['id', 'id'], all, ['history', 'recent']])
  expect(autoFeatures('user', manifest)[0]).toMatchObject({ unknownRate: 0.1 })
})

test('auto: names are slugs of the columns and never collide, not even with what a typed-in row names', async () => {
  const items = ['a', 'b'].map((id, k) => ({ id, 'Größe (m²)': k, 'Gr-e-m': k, 评分: k, history: `h${k}`, place: k }))
  const dataset = memoryDataset({
    items,
    users: [
      { id: 'u', history: 'x' },
      { id: 'v', history: 'y' },
    ],
    interactions: ['u', 'v'].flatMap((user) => Array.from({ length: 6 }, (_, k) => ({ user, item: 'ab'[k % 2]! }))),
  })
  expect(autoFeatures('item', dataset.manifest).map(({ name }) => name)).toEqual(['id', 'Gr-e-m', 'Gr-e-m-2', 'column', 'history', 'place'])
  expect(autoFeatures('user', dataset.manifest).map(({ name }) => name)).toEqual(['id', 'earlier-history', 'recent', 'taste', 'history'])
  await expect(fit(specOf('auto', 'auto'), dataset)).resolves.toBeDefined()
})

test('no training interaction of the wanted events', async () => {
  const dataset = memoryDataset({
    interactions: [
      { user: 'u', item: 'i', event: 'view' },
      { user: 'u', item: 'j', event: 'book', part: 'test' },
    ],
  })
  await expect(fit(specOf([{ kind: 'id', dim: 2 }], [{ kind: 'id', dim: 2 }], { events: ['book'] }), dataset)).rejects.toThrow(
    'The training part has no interaction of the events to train on',
  )
})

test('auto: vectors are read, whose values nobody counts, and tell what a user’s items are like', () => {
  const dataset = memoryDataset({
    items: ['a', 'b', 'c'].map((id, i) => ({ id, photo: Float32Array.of(i, 1) })),
    interactions: ['u', 'v'].flatMap((user) => ['a', 'b', 'c'].map((item, time) => ({ user, item, time }))),
  })
  const kinds = (side: 'user' | 'item'): string[] => autoFeatures(side, dataset.manifest).map(({ kind, name }) => `${kind} ${name}`)
  expect(kinds('item')).toEqual(['id id', 'vector photo'])
  expect(kinds('user')).toEqual(['id id', 'history history', 'history recent', 'history taste', 'history lately'])
})
