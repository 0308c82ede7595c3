/**
 * Runs become one, as a page asks for it: it ranks by the sum of their scores, keeps its own towers, leaves as a bundle; what cannot be
 * blended is refused. And a run that has learned the validation part by heart is given no share, as it is judged by what it was before.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { createClient, serveVerbs, startJob } from '../../main/contract/rpc.ts'
import { PART_CODE } from '../../main/contract/shapes/dataset.ts'
import { openEngine } from '../../main/engine/index.ts'
import { importDataset } from '../../main/engine/import/import.ts'
import { train } from '../../main/engine/jobs/train.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { listFiles } from '../../main/engine/export/bundle/write-bundle.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { writeNpy } from '../../main/engine/files/npy.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { RUN_FILES } from '../../main/engine/model/run-files.ts'
import { readBlend } from '../../main/engine/model/blend.ts'
import { loadVectors, TRAIN_VECTORS } from '../../main/engine/model/run-vectors.ts'
import type { BlendMember, JobFact } from '../../main/engine/queue/job-types.ts'
import { recipeSpec } from '../../main/engine/towers/recipes.ts'
import { resolveSpec } from '../../main/engine/towers/resolve.ts'
import { random } from '../../main/engine/training/random.ts'
import { isIndexed, specSchema } from '../../main/contract/shapes/spec.ts'
import type { ExportFormat } from '../../main/contract/shapes/export.ts'
import type { Side } from '../../main/engine/dataset/dataset.ts'
import { Towers } from '../../main/engine/model/towers.ts'
import { importInput } from '../../main/contract/verbs/datasets.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { relativeError } from '../helpers/numbers.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { withWorkspace } from '../helpers/workspace.ts'

test('two runs and their blend', () =>
  withWorkspace(async (home) => {
    const engine = openEngine({ home, fork: () => forkJob() })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    const trained = async (recipe: string, set: string[]): Promise<string> => {
      const { started, finished } = await startJob(client, 'runs.start', { dataset: 'small', recipe, set })
      await finished
      return started.run
    }
    const blend = async (runs: string[], weights?: number[]): Promise<string> => {
      const { started, finished } = await startJob(client, 'runs.blend', { runs, weights })
      await finished
      return started.run
    }
    try {
      await (
        await startJob(client, 'datasets.import', { name: 'small', ...writeSmallMarket(join(home, 'files')) })
      ).finished
      const [a, b] = [await trained('two-tower', ['training.epochs=2']), await trained('mean-history', ['training.epochs=2'])]
      const both = await blend([a, b])
      const shown = await client.call('runs.show', { run: both })
      expect(shown.model).toBe('blend')
      expect(shown.name).toBe('two-tower + mean-history')
      expect(shown.metrics['recall@20']).toBeGreaterThan(0)
      // each alone first, then what they reach together, by which the shares were taken
      expect(shown.trials.length).toBeGreaterThan(10)
      expect(shown.trials[0]!.settings).toEqual({ [`weights.${a}`]: 1, [`weights.${b}`]: 0 })
      const best = Math.max(...shown.trials.map(({ value }) => value))
      expect(best).toBeGreaterThanOrEqual(Math.max(shown.trials[0]!.value, shown.trials[1]!.value))
      // one protocol: they are ranked in one table
      expect((await client.call('runs.compare', { runs: [a, b, both] })).groups.length).toBe(1)

      // a share of one alone ranks as that one does; the towers of a new user do too
      const alone = await blend([a, b], [1, 0])
      const first = async (side: 'user' | 'item'): Promise<string> =>
        (await client.call('entities.search', { dataset: 'small', side, text: '', limit: 1 })).entities[0]!.id
      const [user, item] = [await first('user'), await first('item')]
      const lists = async (run: string, ann: boolean): Promise<string[][]> => {
        const known = await client.call('neighbours.recommend', { run, user, k: 10, ann })
        const fresh = await client.call('neighbours.recommend', { run, features: JSON.stringify({ history: [item] }), k: 10, ann })
        return [known, fresh].map((found) => found.hits.map((hit) => hit.item))
      }
      expect(await lists(alone, false)).toEqual(await lists(a, false))
      expect((await lists(both, true)).map((list) => list.length)).toEqual([10, 10])
      await expect(client.call('neighbours.recommend', { run: both, features: '{"colour": 1}', k: 3 })).rejects.toThrow(
        /no property "colour"/,
      )
      // what an interaction of the history adds, through both towers
      const { hits } = await client.call('neighbours.recommend', { run: both, user, k: 1 })
      const contributions = await client.call('neighbours.contributions', { run: both, id: user, item: hits[0]!.item })
      expect(contributions.score).toBeCloseTo(hits[0]!.score, 3)
      expect(contributions.history.some(({ change }) => change !== null && change !== 0)).toBe(true)

      // it leaves as a bundle, and needs its runs no more
      const folder = await temporaryFolder()
      await (
        await startJob(client, 'runs.export', { run: both, format: 'bundle', out: join(folder, 'bundle') })
      ).finished
      const before = await lists(both, false)
      for (const run of [a, b]) await client.call('runs.delete', { run })
      expect(await lists(both, false)).toEqual(before)
      const verified = await (await startJob(client, 'bundles.verify', { path: join(folder, 'bundle') })).finished
      expect(verified.kind).toBe('bundle')
      const exported = async (run: string, format: ExportFormat): Promise<string[]> => {
        const { finished } = await startJob(client, 'runs.export', { run, format, out: join(folder, `${run}-${format}`) })
        return (await finished).files.map(({ path }) => path)
      }
      await expect(exported(both, 'pytorch')).rejects.toThrow(/made of several: export .* or the blend as onnx/)
      const TOWERS = ['user_tower.onnx', 'item_tower.onnx']
      expect(await exported(both, 'onnx')).toEqual(expect.arrayContaining([...TOWERS, 'members/0/encoders.json', 'blend.json']))
      expect((await exported(both, 'mlflow')).filter((path) => path.endsWith('_tower.onnx'))).toHaveLength(2)
      expect(await exported(both, 'tfjs')).toContain('user_tower/model.json')

      // raw columns through the towers in its ONNX files are what Pylon embeds of them
      expect(await exported(both, 'onnx-raw')).toEqual(expect.arrayContaining([...TOWERS, 'inputs.json']))
      const { runFolder, spec } = { runFolder: join(home, 'runs', both), spec: specSchema.parse(shown.spec) }
      if (!isIndexed(spec)) throw new Error('A blend is indexed.')
      const towers = await Towers.open({ runFolder, fileRecords: await listFiles(runFolder) }, spec, 1)
      for (const [side, row] of [
        ['user', { history: ['i3', 'i17', 'i4'] }],
        ['item', { genre: 'g1', price: 12 }],
      ] as const)
        expect(relativeError(await rawVectors(join(folder, `${both}-onnx-raw`), side, row), await towers.embed(side, row))).toBeLessThan(
          1e-5,
        )
      await towers.dispose()

      // what is no blend
      const ease = await trained('ease', ['lambda=100'])
      const withoutTowers = await blend([await trained('ials', ['epochs=1']), await trained('mean-history', ['training.epochs=1'])], [1, 1])
      await expect(exported(withoutTowers, 'onnx')).rejects.toThrow(/ials is part of this blend .* and has no towers/)
      await expect(startJob(client, 'runs.blend', { runs: [both, ease] })).rejects.toThrow(/is a blend itself/)
      await expect(startJob(client, 'runs.blend', { runs: [ease, ease] })).rejects.toThrow(/named twice/)
    } finally {
      await engine.close()
    }
  }))

/** The vector of one entity by a raw tower; what the row does not say is missing, and empty where it is encoded. */
async function rawVectors(folder: string, side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array> {
  const notes = JSON.parse(await readFile(join(folder, 'inputs.json'), 'utf8')) as Record<
    Side,
    { name: string; type: string; shape: (number | string)[]; encoded: string | null }[]
  >
  const session = await ort.InferenceSession.create(join(folder, `${side}_tower.onnx`))
  const feeds = notes[side].map(({ name, type, shape, encoded }): [string, ort.Tensor] => {
    // a list that is typed in serves every history, of which each run may have several
    const isHistory = side === 'user' && type === 'string' && shape.length === 2
    const given = [row[isHistory ? 'history' : name] ?? []].flat()
    const sized = shape.map((d, axis) => (typeof d === 'number' ? d : axis === 0 ? 1 : Math.max(1, given.length)))
    const size = sized.reduce((a, b) => a * b, 1)
    if (type === 'string') return [name, new ort.Tensor('string', given.length === 0 ? [''] : given.map(String), sized)]
    if (type === 'int32') return [name, new ort.Tensor('int32', new Int32Array(size), sized)]
    if (encoded !== null || type === 'float32') return [name, new ort.Tensor('float32', new Float32Array(size), sized)]
    return [
      name,
      new ort.Tensor(
        'float64',
        Float64Array.from({ length: size }, () => Number(given[0] ?? Number.NaN)),
        sized,
      ),
    ]
  })
  const { vectors } = await session.run(Object.fromEntries<ort.Tensor>(feeds))
  await session.release()
  return Float32Array.from(vectors!.data as Float32Array)
}

test('a run that knows the validation part by heart is given no share', async () => {
  const folder = await temporaryFolder()
  const input = importInput.parse({ name: 'small', ...writeSmallMarket(join(folder, 'files')) })
  const manifest = await drain(importDataset({ ...input, folder: join(folder, 'dataset'), say: () => {}, threads: 1 }))
  const dataset = await openDataset(join(folder, 'dataset'), manifest)
  const { users, items } = manifest
  const spec = resolveSpec(recipeSpec('ials', manifest), manifest)
  const place = { fileRecords: [], datasetFolder: join(folder, 'dataset'), datasetRecord: manifest, warmStart: null }
  const context = { threads: 1, signal: new AbortController().signal, temp: folder, guard: ANY_PATH }
  const honest = join(folder, 'honest')
  await drain(train({ ...place, run: 'honest', runFolder: honest, spec, members: [], resume: false, threads: 1 }, context))

  // its vectors of train alone are noise; the final ones point at the user's item of the validation part, and at that of the test part
  const planted = join(folder, 'planted')
  await mkdir(planted)
  const draws = random(7, 'init')
  const itemVectors = Float32Array.from({ length: items * 32 }, () => draws.uniform() - 0.5)
  const heart = new Float32Array(users * 32)
  const { user, item, part } = dataset.interactions
  for (let i = 0; i < user.length; i++)
    if (part[i] !== PART_CODE.train) for (let j = 0; j < 32; j++) heart[user[i]! * 32 + j]! += itemVectors[item[i]! * 32 + j]!
  const noise = Float32Array.from(heart, () => draws.uniform() - 0.5)
  await writeNpy(join(planted, RUN_FILES.userVectors), 'float32', [users, 32], heart)
  await writeNpy(join(planted, RUN_FILES.itemVectors), 'float32', [items, 32], itemVectors)
  await writeNpy(join(planted, TRAIN_VECTORS[0]), 'float32', [users, 32], noise)
  await writeNpy(join(planted, TRAIN_VECTORS[1]), 'float32', [items, 32], itemVectors)

  const members: BlendMember[] = [
    { run: 'planted', name: 'planted', spec, runFolder: planted, fileRecords: await listFiles(planted) },
    { run: 'honest', name: 'honest', spec, runFolder: honest, fileRecords: await listFiles(honest) },
  ]
  const runFolder = join(folder, 'blend')
  const blended = specSchema.parse({ model: 'blend', runs: ['planted', 'honest'] })
  const body = train({ ...place, run: 'blend', runFolder, spec: blended, members, resume: false, threads: 1 }, context)
  const facts: JobFact[] = []
  let step = await body.next()
  for (; step.done !== true; step = await body.next()) facts.push(step.value)
  const blend = { runFolder, fileRecords: await listFiles(runFolder) }
  const { members: kept } = await readBlend(blend)
  expect(kept.map(({ run, weight }) => ({ run, weight }))).toEqual([{ run: 'honest', weight: 1 }])
  expect(facts.some((fact) => fact.kind === 'message' && fact.text.startsWith('planted (planted) adds nothing'))).toBe(true)
  // so the blend ranks as the honest run alone, though the other would have won the test part by far
  const honestMetrics = await drain(
    train({ ...place, run: 'again', runFolder: join(folder, 'again'), spec, members: [], resume: false, threads: 1 }, context),
  )
  expect(step.value.metrics['ndcg@20']).toBeCloseTo(honestMetrics.metrics['ndcg@20']!, 6)
  expect((await loadVectors(blend, { user: users, item: items }, 'validation')).dim).toBe(64)

  // what keeps no vectors of train alone is blended by weights that are given, and chooses nothing
  const old = members.map((member) => ({
    ...member,
    fileRecords: member.fileRecords.filter(({ path }) => !TRAIN_VECTORS.some((file) => file === path)),
  }))
  const given = specSchema.parse({ model: 'blend', runs: ['planted', 'honest'], weights: [1, 3] })
  const oldFolder = join(folder, 'given')
  await drain(train({ ...place, run: 'given', runFolder: oldFolder, spec: given, members: old, resume: false, threads: 1 }, context))
  const { members: both } = await readBlend({ runFolder: oldFolder, fileRecords: await listFiles(oldFolder) })
  expect(both.map(({ weight }) => weight)).toEqual([0.25, 0.75])
})
