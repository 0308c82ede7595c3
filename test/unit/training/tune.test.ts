/** Open settings of baselines: the search finds the best of its grid where values rise to one peak, shows its trials, and pins stay. */
import { expect, test } from 'vitest'
import { specSchema, type BaselineSpec, type SettledBaseline } from '../../../main/contract/shapes/spec.ts'
import { fitEase } from '../../../main/engine/evaluation/baselines/ease.ts'
import { interactionMatrix, mostFrequent } from '../../../main/engine/dataset/interaction-matrix.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { fitBaseline, widestOf } from '../../../main/engine/jobs/training/baselines.ts'
import { tune } from '../../../main/engine/jobs/training/tune.ts'
import { amongItems, scoreHistory } from '../../../main/engine/model/item-item.ts'
import type { JobContext } from '../../../main/engine/queue/job-types.ts'
import { random } from '../../../main/engine/training/random.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const specOf = (config: object): BaselineSpec => specSchema.parse(config) as BaselineSpec

/** A search by a function of the spec: what it settles on, and the trials. */
async function search(config: object, valueOf: ((spec: SettledBaseline) => number) | null, widest?: number) {
  const trials: { settings: Record<string, number>; value: number }[] = []
  const told: string[] = []
  // eslint-disable-next-line require-yield -- a trial that reports nothing
  const measure = async function* (spec: SettledBaseline): AsyncGenerator<never, number> {
    return Promise.resolve(valueOf!(spec))
  }
  const stage = tune(specOf(config), valueOf === null ? null : measure, widest)
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return { spec: next.value, trials, told }
    if (next.value.kind === 'trial') trials.push(next.value.trial)
    if (next.value.kind === 'message') told.push(next.value.text)
  }
}

/** A peak at some values, on a logarithmic scale. */
const peak =
  (at: Readonly<Record<string, number>>) =>
  (spec: SettledBaseline): number =>
    -Object.entries(at).reduce((sum, [name, x]) => sum + Math.log((1 + Number(spec[name as keyof SettledBaseline])) / (1 + x)) ** 2, 0)

test.each([
  [{ model: 'ease' }, { lambda: 64 }, 5],
  [{ model: 'ease' }, { lambda: 8000 }, 7],
  [{ model: 'item-knn' }, { shrinkage: 100, neighbours: 20 }, 13],
  [{ model: 'ials', dim: 64 }, { unobservedWeight: 0.003, regularisation: 0.1 }, 13],
  [{ model: 'ials' }, { unobservedWeight: 0.003, regularisation: 0.1, dim: 256 }, 17],
  [{ model: 'ials' }, { unobservedWeight: 0.1, regularisation: 3e-3, dim: 32 }, 7],
  // what is pinned is not searched
  [{ model: 'item-knn', shrinkage: 7 }, { neighbours: 500 }, 5],
])('%o: the peak at %o', async (config, best, most) => {
  const { spec, trials } = await search(config, peak(best))
  expect(spec).toMatchObject({ ...config, ...best })
  expect(trials.length).toBeLessThanOrEqual(most)
  // one trial a setting, and the highest is the one that was taken
  expect(new Set(trials.map(({ settings }) => JSON.stringify(settings))).size).toBe(trials.length)
  expect(trials.toSorted((a, b) => b.value - a.value)[0]!.settings).toEqual(best)
})

test('the width of iALS is searched once, when the others are found, and no wider than it may be', async () => {
  const best = { unobservedWeight: 0.003, regularisation: 0.1, dim: 256 }
  const { spec, trials } = await search({ model: 'ials' }, peak(best), 150)
  expect(spec).toMatchObject({ ...best, dim: 128 })
  const widths = trials.map(({ settings }) => settings['dim'])
  expect(widths).toEqual([...widths.slice(1).map(() => 64), 128])
  expect((await search({ model: 'ials' }, peak(best), 7)).spec).toMatchObject({ ...best, dim: 64 })
  const widest = (users: number, items: number, train: number): number =>
    Math.floor(widestOf({ users, items, parts: { train, validation: 1, test: 1, unused: 0 } }))
  // a small side, Gowalla, 20 million interactions, few a row
  expect([
    widest(600, 9000, 100_000),
    widest(29_858, 40_981, 729_088),
    widest(138_000, 27_000, 2e7),
    widest(190_000, 190_000, 950_000),
  ]).toEqual([150, 325, 69, 218])
})

test('with everything pinned, or without a validation part, nothing is tried', async () => {
  expect(await search({ model: 'ease', lambda: 80 }, null)).toEqual({ spec: specOf({ model: 'ease', lambda: 80 }), trials: [], told: [] })
  expect((await search({ model: 'ease', lambda: 80 }, () => 1)).trials).toEqual([])
  const { spec, trials, told } = await search({ model: 'item-knn' }, null)
  expect([spec, trials]).toEqual([{ ...specOf({ model: 'item-knn' }), shrinkage: 10, neighbours: 100 }, []])
  expect(told).toEqual(['There is no validation part to choose settings by: shrinkage 10, neighbours 100.'])
  expect((await search({ model: 'ials' }, null)).spec).toMatchObject({ dim: 64, epochs: 16 })
})

test('a fit of the most frequent items is the fit of a dataset that has no others', async () => {
  const rng = random(5, 'split')
  const rows = Array.from({ length: 40 }, (_, u) =>
    Array.from({ length: 8 }, () => ({ user: `u${u}`, item: `i${Math.min(rng.below(24), rng.below(24))}` })),
  ).flat()
  const dataset = memoryDataset({ interactions: rows })
  const all = interactionMatrix(dataset, ['train'], [])
  const { matrix, kept } = mostFrequent(all, 9)
  const count = (item: number): number => all.byItem.offsets[item + 1]! - all.byItem.offsets[item]!
  const others = [...Array(all.items).keys()].filter((item) => !kept.includes(item))
  expect(Math.min(...[...kept].map(count))).toBeGreaterThanOrEqual(Math.max(...others.map(count)))
  const ids = await dataset.ids('item')
  const alone = memoryDataset({ interactions: rows.filter(({ item }) => kept.includes(ids.indexOf(item))) })
  const options = { lambda: 3, keep: null, memoryGb: 1, threads: 1 }
  const few = amongItems(await drain(fitEase(matrix, options)), kept, all.items)
  const lone = await drain(fitEase(interactionMatrix(alone, ['train'], []), options))
  const loneIds = await alone.ids('item')
  const [scores, truth] = [new Float32Array(all.items), new Float32Array(lone.items)]
  scoreHistory(few, kept.subarray(0, 3), scores)
  scoreHistory(
    lone,
    kept.subarray(0, 3).map((item) => loneIds.indexOf(ids[item]!)),
    truth,
  )
  for (const [i, id] of loneIds.entries()) expect(scores[ids.indexOf(id)]).toBeCloseTo(truth[i]!, 4)
  for (const item of others) expect(scores[item]).toBe(-Infinity)
})

test.each([
  [{ model: 'ials', regularisation: 0, unobservedWeight: 0.1, dim: 16, epochs: 1 }, 'regularisation'],
  [{ model: 'ease', lambda: 1e-12 }, 'lambda'],
])('%o: a setting that leaves the equations no answer is named', async (config, name) => {
  // all users have met the same items: one row, many times
  const interactions = Array.from({ length: 30 }, (_, k) => ({ user: `u${k % 6}`, item: `i${Math.floor(k / 6)}` }))
  const context = { signal: new AbortController().signal, threads: 1 } as JobContext
  const fit = fitBaseline({ runFolder: '/none' }, specOf(config), memoryDataset({ interactions }), context)
  const error = await drain(fit).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'bad-input', place: name })
  expect(String(error)).toMatch(/too small beside these interactions.* Give a larger one/)
})

test('epochs that are open go on until ten bring nothing on the validation part, those that are given to their end', async () => {
  const rng = random(3, 'split')
  const interactions = Array.from({ length: 80 }, (_, u) =>
    Array.from({ length: 10 }, (_, k) => ({
      user: `u${u}`,
      item: `i${rng.below(40)}`,
      part: k === 9 ? ('validation' as const) : ('train' as const),
    })),
  ).flat()
  const dataset = memoryDataset({ interactions })
  const rowsOf = async (config: object): Promise<number[]> => {
    const values: number[] = []
    const context = { signal: new AbortController().signal, threads: 1 } as JobContext
    const pinned = { model: 'ials', dim: 8, regularisation: 0.003, unobservedWeight: 0.1, ...config }
    for await (const fact of fitBaseline({ runFolder: await temporaryFolder() }, specOf(pinned), dataset, context))
      if (fact.kind === 'epoch') values.push(fact.row.validation['ndcg@20']!)
    return values
  }
  const open = await rowsOf({})
  const best = open.indexOf(Math.max(...open))
  expect(open.length).toBe(Math.min(best + 11, 100))
  expect(open.length).toBeLessThan(100)
  const given = await rowsOf({ epochs: open.length + 5 })
  expect(given.slice(0, open.length)).toEqual(open)
  expect(given).toHaveLength(open.length + 5)
})
