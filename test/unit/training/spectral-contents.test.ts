/** What the closed form foretells of new items: the ridge against its definition, and items that nobody has met. */
import { expect, test } from 'vitest'
import { drain } from '../../../main/engine/files/drain.ts'
import { ANY_PATH } from '../../../main/engine/files/path-guard.ts'
import { startFromSpectral } from '../../../main/engine/jobs/training/spectral.ts'
import { recipeSpec } from '../../../main/engine/towers/recipes.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { embedItems, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { type Contents, fitContents, leanOnContents } from '../../../main/engine/training/spectral/contents.ts'
import { memoryDataset } from '../../helpers/dataset.ts'

/** Numbers like those of a normal distribution, always the same. */
function numbers(seed: number): () => number {
  let state = seed
  const next = (): number => (state = (1_103_515_245 * state + 12_345) % 2 ** 31) / 2 ** 31
  return () => Array.from({ length: 6 }, next).reduce((sum, x) => sum + x, -3) * Math.SQRT2
}

test('directions that contents tell are foretold, others are left alone; each by a ridge of its own, which solves its equations', async () => {
  const [items, width, dim] = [400, 6, 3]
  const draw = numbers(7)
  const values = Float32Array.from({ length: items * width }, (_, i) => (1 + (i % width)) * draw() + 2)
  const contents: Contents = {
    items,
    width,
    columns: Int32Array.from({ length: width }, (_, k) => k),
    rows: (of) => Float32Array.from([...of].flatMap((item) => [...values.subarray(item * width, (item + 1) * width)])),
  }
  // the first direction is a mean of contents, the second that and noise, the third noise alone; the last 40 items have met nobody
  const targets = Float32Array.from({ length: items * dim }, (_, i) => {
    const row = values.subarray(Math.floor(i / dim) * width, Math.floor(i / dim) * width + width)
    const told = (row[0]! - row[1]! + row[5]!) / 10
    return i % dim === 0 ? told : i % dim === 1 ? told + 0.5 * draw() : draw()
  })
  const counts = (item: number): number => (item < 360 ? 1 + (item % 3) : 0)
  const map = (await fitContents(contents, targets, counts, { seed: 1, threads: 1 }))!
  const explained = [0, 1, 2].map((d) => {
    const foretold = Array.from({ length: 40 }, (_, i) => map.predicted[(360 + i) * dim + d]!)
    const real = Array.from({ length: 40 }, (_, i) => targets[(360 + i) * dim + d]!)
    return 1 - real.reduce((sum, y, i) => sum + (y - foretold[i]!) ** 2, 0) / real.reduce((sum, y) => sum + y ** 2, 0)
  })
  expect(explained[0]).toBeGreaterThan(0.99)
  expect(explained[1]).toBeGreaterThan(0.4)
  expect(Math.abs(explained[2]!)).toBeLessThan(0.1)
  // Xᵀ(XW − Y) + λW = 0 over the items of the fit, columns at deviation 1: the same λ in all rows of a direction
  const column = (k: number): number[] => Array.from({ length: 360 }, (_, i) => values[i * width + k]!)
  for (const d of [0, 1]) {
    const ridges = [0, 1, 5].map((k) => {
      const x = column(k)
      const mean = x.reduce((sum, v) => sum + v, 0) / 360
      const sd = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 360)
      const residual = x.map((_, i) => targets[i * dim + d]! - map.predicted[i * dim + d]!)
      return x.reduce((sum, v, i) => sum + ((v - mean) / sd) * residual[i]!, 0) / (map.weights[k * dim + d]! * sd)
    })
    expect(Math.max(...ridges) - Math.min(...ridges)).toBeLessThan(0.05 * Math.max(...ridges) + 0.05)
    expect(ridges[0]).toBeGreaterThan(0)
  }
  // n interactions leave κ / (n + κ) to the contents; none leave all of it
  const leaning = leanOnContents(targets, map, counts, items, 2)
  for (const [item, share] of [
    [0, 2 / 3],
    [2, 2 / 5],
    [399, 1],
  ] as const) {
    const at = item * dim
    expect(leaning[at]).toBeCloseTo(share * map.predicted[at]! + (1 - share) * targets[at]!, 5)
  }
})

test.each([
  ['in float64', 260],
  ['in float32', 600],
])('columns that say what others say leave an answer, %s', async (_, width) => {
  const [items, told] = [6000, 12]
  const draw = numbers(3)
  const real = Float32Array.from({ length: items * told }, draw)
  // each column is a mix of a dozen, as the embeddings of a few genres are
  const mix = Float32Array.from({ length: told * width }, draw)
  const values = new Float32Array(items * width)
  for (let i = 0; i < items; i++)
    for (let k = 0; k < width; k++) for (let j = 0; j < told; j++) values[i * width + k]! += real[i * told + j]! * mix[j * width + k]!
  const targets = Float32Array.from({ length: items }, (_, i) => real[i * told]! - real[i * told + 3]!)
  const contents: Contents = {
    items,
    width,
    columns: Int32Array.from({ length: width }, (_, k) => k),
    rows: (of) => Float32Array.from([...of].flatMap((item) => [...values.subarray(item * width, (item + 1) * width)])),
  }
  const map = (await fitContents(contents, targets, (item) => Number(item < 5900), { seed: 1, threads: 1 }))!
  expect(map.explained).toBeGreaterThan(0.99)
  for (let i = 5900; i < items; i++) expect(Math.abs(map.predicted[i]! - targets[i]!)).toBeLessThan(0.05)
})

test('as towers: whom interactions tell keeps their vector, who is new is near those of the same features', async () => {
  const tastes = 4
  const items = Array.from({ length: 48 }, (_, n) => ({ id: `i${n}`, style: `s${n % tastes}`, price: 10 * (n % tastes) + (n % 3) }))
  const interactions = Array.from({ length: 120 }, (_, u) => {
    // the last two items of a taste are new: 40 of 48 are met
    const mine = items.filter((_, n) => n % tastes === u % tastes && n < 40)
    return mine.filter((_, k) => (k + u) % 3 !== 0).map(({ id }, k) => ({ user: `u${u}`, item: id, time: 10 * u + k }))
  }).flat()
  const dataset = memoryDataset({ interactions, items })
  const spec = resolveSpec(recipeSpec('spectral', dataset.manifest), dataset.manifest)
  if (spec.model !== 'two-tower' || spec.training.init.kind !== 'spectral') throw new Error('a recipe that starts from it')
  const setup = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
  try {
    const context = { threads: 1, signal: new AbortController().signal, temp: '', guard: ANY_PATH }
    const settings = await drain(startFromSpectral(setup, spec.training.init, ['train'], null, context))
    expect(settings).toMatchObject({ shrinkage: 0, coldScale: 1 })
    const vectors = await drain(embedItems(setup, 1))
    const { dim } = setup.model
    const ids = await dataset.ids('item')
    const vectorOf = (n: number): Float32Array => vectors.subarray(ids.indexOf(`i${n}`) * dim, (ids.indexOf(`i${n}`) + 1) * dim)
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, k) => sum + x * b[k]!, 0)
    // what nobody has met points to the items of its own taste
    for (let n = 40; n < 48; n++) {
      const means = Array.from({ length: tastes }, (_, taste) => {
        const met = Array.from({ length: 10 }, (_, k) => vectorOf(tastes * k + taste))
        return met.reduce((sum, each) => sum + dot(vectorOf(n), each), 0) / met.length
      })
      expect(means.indexOf(Math.max(...means))).toBe(n % tastes)
    }
    // whom interactions tell have the vectors that they have without contents
    const plain = { ...spec, item: { ...spec.item, features: spec.item.features.slice(0, 1) as typeof spec.item.features, output: null } }
    const bare = await drain(prepareTraining({ spec: plain, dataset, parts: ['train'], threads: 1 }))
    try {
      await drain(startFromSpectral(bare, spec.training.init, ['train'], null, context))
      const own = await drain(embedItems(bare, 1))
      for (let n = 0; n < 40; n++) {
        const at = ids.indexOf(`i${n}`) * dim
        expect(Math.max(...vectorOf(n).map((x, k) => Math.abs(x - own[at + k]!)))).toBeLessThan(1e-4)
      }
    } finally {
      await bare.dispose()
    }
  } finally {
    await setup.dispose()
  }
})

test('new items whose features tell nothing do not push aside what is known: the scale goes down until the lists lose next to nothing', async () => {
  const tastes = 4
  const draw = numbers(3)
  // 40 items that are met, taste by taste; 60 that nobody has met; styles at random
  const items = Array.from({ length: 100 }, (_, n) => ({ id: `i${n}`, style: `s${Math.floor(10 + 3 * draw())}`, price: draw() }))
  const interactions = Array.from({ length: 160 }, (_, u) => {
    const mine = items.filter((_, n) => n % tastes === u % tastes && n < 40).filter((_, k) => (k + u) % 3 !== 0)
    return mine.map(({ id }, k) => ({
      user: `u${u}`,
      item: id,
      time: 10 * u + k,
      part: k === mine.length - 1 ? ('validation' as const) : ('train' as const),
    }))
  }).flat()
  const dataset = memoryDataset({ interactions, items })
  const spec = resolveSpec(recipeSpec('spectral', dataset.manifest), dataset.manifest)
  if (spec.model !== 'two-tower' || spec.training.init.kind !== 'spectral') throw new Error('a recipe that starts from it')
  const setup = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
  try {
    const context = { threads: 1, signal: new AbortController().signal, temp: '', guard: ANY_PATH }
    const reached = new Map<number, number>()
    const starting = startFromSpectral(setup, spec.training.init, ['train'], null, context)
    let step = await starting.next()
    for (; step.done !== true; step = await starting.next()) {
      if (step.value.kind !== 'trial') continue
      const { 'training.init.coldScale': scale, 'training.init.shrinkage': kappa } = step.value.trial.settings
      if (typeof scale === 'number' && kappa === 0) reached.set(scale, step.value.trial.value)
    }
    const chosen = step.value.coldScale!
    expect(reached.get(chosen)).toBeGreaterThanOrEqual(0.99 * reached.get(0)!)
    const higher = [...reached].filter(([scale]) => scale > chosen).map(([, value]) => value)
    expect(higher.length).toBeGreaterThan(0)
    expect(Math.max(...higher)).toBeLessThan(0.99 * reached.get(0)!)
  } finally {
    await setup.dispose()
  }
})
