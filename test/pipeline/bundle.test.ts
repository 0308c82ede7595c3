/** Bundles as a user takes them away: made, checked, taken in elsewhere; and what is damaged, foreign or hostile is refused by name. */
import { createHash } from 'node:crypto'
import { cpSync, createWriteStream, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { TwoTowerSpec } from '../../main/contract/shapes/spec.ts'
import { verifyBundle } from '../../main/engine/export/bundle/read-bundle.ts'
import { listFiles } from '../../main/engine/export/bundle/write-bundle.ts'
import { ServedModel } from '../../main/engine/serving/served.ts'
import { drain } from '../../main/engine/files/drain.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { answerOf, pylon } from '../helpers/workspace.ts'

let root = ''
let bundle = ''
let home = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-bundle-'))
  home = join(root, 'home')
  bundle = join(root, 'bundle')
  const { interactions, items } = writeSmallMarket(root)
  const small = ['--set', 'training.batchSize=64', '--set', 'training.epochs=2', '--name', 'first']
  for (const args of [
    ['import', '--name', 'd', '--interactions', interactions, '--items', items],
    ['train', '--dataset', 'd', '--recipe', 'two-tower', ...small],
    ['export', '--run', 'first', '--format', 'bundle', '--out', bundle],
    ['export', '--run', 'first', '--format', 'bundle', '--out', `${bundle}.zip`],
  ])
    expect((await pylon(args, { home })).code, args.join(' ')).toBe(0)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** What verifying a changed copy says. */
async function refusal(change: (folder: string) => void): Promise<string> {
  const copy = await mkdtemp(join(root, 'copy-'))
  cpSync(bundle, copy, { recursive: true })
  change(copy)
  return verify(copy)
}
async function verify(path: string): Promise<string> {
  const temp = await mkdtemp(join(root, 'temp-'))
  return drain(verifyBundle(path, temp, 1)).then(
    () => 'accepted',
    (error: unknown) => (error as Error).message.replaceAll(path, 'BUNDLE').replaceAll(temp, 'TEMP'),
  )
}

/** Changes a file and its checksum with it, as somebody would who wants it to be believed. */
function forge(folder: string, path: string, change: (text: string) => string): void {
  const text = change(readFileSync(join(folder, path), 'utf8'))
  writeFileSync(join(folder, path), text)
  const manifest = JSON.parse(readFileSync(join(folder, 'bundle.json'), 'utf8')) as {
    files: { path: string; bytes: number; sha256: string }[]
  }
  const entry = manifest.files.find((file) => file.path === path)!
  Object.assign(entry, { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') })
  writeFileSync(join(folder, 'bundle.json'), JSON.stringify(manifest))
}
const manifestWith =
  (change: object) =>
  (folder: string): void => {
    const path = join(folder, 'bundle.json')
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }))
  }

test('a bundle, folder or .zip, is whole and becomes a run where its dataset never was', async () => {
  const verified = await pylon(['verify', bundle, '--json'], { home })
  expect(verified.json, verified.stderr).toMatchObject({ name: 'first', dataset: 'd', probes: 32, worst: 0, indexRecall: 1 })
  expect(await verify(`${bundle}.zip`)).toBe('accepted')
  const elsewhere = join(root, 'elsewhere')
  const imported = await pylon(['import-run', `${bundle}.zip`, '--json'], { home: elsewhere })
  expect(imported.json, imported.stderr).toMatchObject({ name: 'first', dataset: 'd', carried: true })
  for (const question of [
    ['recommend', '--run', 'first', '--user', 'u7'],
    ['similar', '--run', 'first', '--item', 'i20'],
  ]) {
    const [here, there] = [await pylon([...question, '--json'], { home }), await pylon([...question, '--json'], { home: elsewhere })]
    expect(there.json!['hits'], there.stderr).toEqual(here.json!['hits'])
  }
  // the same bundle again finds the dataset it carried, and at home the whole one
  expect((await pylon(['import-run', bundle, '--name', 'again', '--json'], { home: elsewhere })).json).toMatchObject({
    dataset: 'd',
    carried: true,
  })
  expect((await pylon(['import-run', bundle, '--json'], { home })).json).toMatchObject({ dataset: 'd', carried: false })
})

describe('is refused, naming the file and the reason:', () => {
  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'a changed byte',
      (f) => writeFileSync(join(f, 'run/weights.safetensors'), flip(readFileSync(join(f, 'run/weights.safetensors')))),
      /^run\/weights\.safetensors: Its checksum differs/,
    ],
    ['a cut file', (f) => truncateSync(join(f, 'run/item.index'), 100), /^run\/item\.index: It has 100 bytes instead of/],
    ['a missing file', (f) => rmSync(join(f, 'run/item_ids.json')), /^run\/item_ids\.json: It is missing/],
    ['an added file', (f) => writeFileSync(join(f, 'run/extra.js'), 'process.exit(9)'), /run\/extra\.js is not in its manifest/],
    [
      'a link',
      (f) => (rmSync(join(f, 'run/spec.json')), symlinkSync('/etc/hostname', join(f, 'run/spec.json'))),
      /run\/spec\.json is a link/,
    ],
    [
      'a manifest that is a link to what never ends',
      (f) => (rmSync(join(f, 'bundle.json')), symlinkSync('/dev/zero', join(f, 'bundle.json'))),
      /bundle\.json: It is a link or no plain file/,
    ],
    ['a huge manifest', (f) => truncateSync(join(f, 'bundle.json'), 100 << 20), /bundle\.json: It has 104857600 bytes/],
    ['a newer version', manifestWith({ version: 2 }), /bundle\.json: It is of version 2, and this Pylon reads up to 1/],
    ['a foreign manifest', manifestWith({ format: 'mlflow' }), /bundle\.json: Its format is "mlflow"/],
    [
      'a manifest that climbs out',
      manifestWith({ files: [{ path: '../../etc/passwd', bytes: 1, sha256: 'x' }] }),
      /The path "\.\.\/\.\.\/etc\/passwd" leads out/,
    ],
    ['no manifest', (f) => rmSync(join(f, 'bundle.json')), /It has no bundle\.json: it is no bundle/],
    [
      'a module to run',
      (f) => forge(f, 'run/spec.json', (text) => text.replace('"kind":"cosine"', '"kind":"module","module":{"path":"./evil.js"}')),
      /spec\.json: Its match is a module/,
    ],
    [
      'other answers',
      (f) => forge(f, 'probes.json', (text) => text.replace(/"score":-?\d\.[\de-]+/, '"score":0.01')),
      /^probe 1 \(user u\d+\): Rank 1 has the score -?0\.\d+ \(item i\d+\) where 0\.010000/,
    ],
  ])('%s', async (_, change, message) => {
    expect(await refusal(change)).toMatch(message)
  })

  test.each([['../climbed.txt'], ['/absolute.txt'], ['run/../../climbed.txt']])('a zip with the path %s', async (name) => {
    const path = join(root, `${createHash('md5').update(name).digest('hex')}.zip`)
    const zip = new ZipFile()
    const safe = name.replaceAll('../', 'xx/').replace(/^\//, 'z')
    zip.addBuffer(Buffer.from('gotcha'), safe)
    zip.end()
    await pipeline(zip.outputStream, createWriteStream(path))
    // the writer refuses such names too: the bytes are put in afterwards, of the same length
    writeFileSync(path, Buffer.from(readFileSync(path).toString('latin1').replaceAll(safe, name), 'latin1'))
    expect(await verify(path)).toMatch(/leads out of the bundle/)
  })

  test('what is no zip, and what is nothing', async () => {
    const path = join(root, 'no.zip')
    writeFileSync(path, 'hello')
    expect(await verify(path)).toMatch(/It is no whole \.zip/)
    truncateSync(path, 0)
    writeFileSync(path, readFileSync(`${bundle}.zip`).subarray(0, 50_000))
    expect(await verify(path)).toMatch(/It is no whole \.zip/)
    expect(await verify(join(root, 'nothing'))).toMatch(/There is no bundle here/)
  })
})

function flip(bytes: Buffer): Buffer {
  bytes[bytes.length - 5]! ^= 1
  return bytes
}

describe('what a bundle carries of a match', () => {
  const run = (name: string, ...sets: string[]): string[] => [
    ...['train', '--dataset', 'd', '--recipe', 'mf-softmax', '--name', name],
    ...['training.batchSize=64', 'training.epochs=1', 'training.finalFit=false', ...sets].flatMap((set) => ['--set', set]),
  ]
  const must = (args: string[]) => answerOf(args, { home })

  test('Euclidean distance: probes hold, scan and index agree, and it serves what the run finds', async () => {
    await must(run('far', 'training.init.kind=random', 'match.kind=euclidean', 'match.temperature={"kind":"fixed","value":1}'))
    const out = join(root, 'far')
    await must(['export', '--run', 'far', '--format', 'bundle', '--out', out])
    expect(await must(['verify', out])).toMatchObject({ indexRecall: 1 })
    const { hits } = (await must(['recommend', '--run', 'far', '--user', 'u7'])) as { hits: { item: string; score: number }[] }
    const spec = JSON.parse(readFileSync(join(out, 'run', 'spec.json'), 'utf8')) as TwoTowerSpec
    const place = { runFolder: join(out, 'run'), fileRecords: await listFiles(join(out, 'run')), datasetFolder: join(out, 'dataset') }
    const model = await ServedModel.open({ ...place, datasetRecord: null, spec, threads: 1 })
    for (const by of ['exact', 'ann'] as const) {
      const served = await model.recommend(model.userVector('u7'), { k: 10, filter: null, by, exclude: model.seenBy('u7') })
      expect(
        served.map(({ item }) => item),
        by,
      ).toEqual(hits.map(({ item }) => item))
      for (const [i, { score }] of served.entries()) expect(score).toBeCloseTo(hits[i]!.score, 4)
    }
    await model.dispose()
  })

  test.each([
    ['a function of the user’s own', ['match.kind=expression', 'match.expression=dot / (1 + 0.1 * sq)'], /match is "expression"/],
    ['several interests', ['user.features=[{"kind":"history","dim":64,"encoder":{"kind":"interests","count":2}}]'], /several vectors each/],
  ])('%s is refused with a way out', async (name, sets, message) => {
    await must(run(name, ...sets))
    const { code, stderr } = await pylon(['export', '--run', name, '--format', 'bundle', '--out', join(root, 'never')], { home })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/export it as vectors/)
  })
})
