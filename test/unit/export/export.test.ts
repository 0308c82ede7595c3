import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Progress } from '../../../main/contract/shapes/progress.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import type { RunDetail } from '../../../main/contract/shapes/run.ts'
import { exportRun, type ExportOptions, type Exported } from '../../../main/engine/export/export.ts'
import { formatOf } from '../../../main/engine/export/formats.ts'
import { sha256File } from '../../../main/engine/files/atomic.ts'
import { writeNpy } from '../../../main/engine/files/npy.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { needing } from '../../helpers/needs.ts'

type Run = Pick<ExportOptions, 'runFolder' | 'artefacts' | 'source'>

/** Formats that are the run's own files. */
const COPIES = { vectors: formatOf('vectors'), onnx: formatOf('onnx') }

/** A run's folder with three users, two items and a few bytes for every other file, and what the store would know of it. */
async function finishedRun(): Promise<Run & { home: string }> {
  const home = await temporaryFolder()
  const runFolder = join(home, 'runs/r1')
  await mkdir(runFolder, { recursive: true })
  await writeNpy(join(runFolder, 'user_vectors.npy'), 'float32', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
  await writeNpy(join(runFolder, 'item_vectors.npy'), 'float32', [2, 2], Float32Array.of(1, 0, 0, 1))
  await writeFile(join(runFolder, 'user_ids.json'), '["a","b","c"]')
  await writeFile(join(runFolder, 'item_ids.json'), '["x","y"]')
  const paths = [...new Set([...COPIES.vectors.files, ...COPIES.onnx.files])]
  const there = await readdir(runFolder)
  for (const path of paths) if (!there.includes(path)) await writeFile(join(runFolder, path), `contents of ${path}`)
  const artefacts = await Promise.all(paths.map(async (path) => ({ path, ...(await sha256File(join(runFolder, path))) })))
  const run = {
    spec: specSchema.parse({}),
    model: 'two-tower',
    recipe: null,
    metrics: {},
    baseline: {},
    protocol: null,
  } as unknown as RunDetail
  return { home, runFolder, artefacts, source: { run, datasetFolder: home, datasetRecord: null, pylon: '0', threads: 1, temp: home } }
}

async function drain(options: ExportOptions): Promise<{ result: Exported; progress: Progress[] }> {
  const progress: Progress[] = []
  const stage = exportRun(options)
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return { result: next.value, progress }
    progress.push(next.value)
  }
}

test.for(['vectors', 'onnx'] as const)('%s: copies, a README and checksums of every file', async (format) => {
  const { home, ...run } = await finishedRun()
  const { runFolder } = run
  const out = join(home, 'exports/first')
  const { result, progress } = await drain({ format, ...run, out })
  const names = [...COPIES[format].files, 'metric.json', 'README.md', 'SHA256SUMS']
  expect(result.out).toBe(out)
  expect(result.files.map(({ path }) => path)).toEqual([...names].sort())
  expect((await readdir(out)).sort()).toEqual([...names].sort())
  for (const { path, bytes, sha256 } of result.files) expect({ bytes, sha256 }).toEqual(await sha256File(join(out, path)))
  for (const path of COPIES[format].files) expect(await readFile(join(out, path))).toEqual(await readFile(join(runFolder, path)))
  const { done, total } = progress.at(-1)!
  expect(done).toBe(total)
})

needing('platform:linux').test('sha256sum agrees with the checksums', async () => {
  const { home, ...run } = await finishedRun()
  const out = join(home, 'exports/first')
  await drain({ format: 'vectors', ...run, out })
  execFileSync('sha256sum', ['-c', '--quiet', '--strict', 'SHA256SUMS'], { cwd: out })
})

test('an empty folder is a place; a full one, a file and the workspace itself are not', async () => {
  const { home, ...run } = await finishedRun()
  const full = join(home, 'full')
  await mkdir(join(home, 'empty'))
  await mkdir(full)
  await writeFile(join(full, 'mine.txt'), '')
  await symlink(join(home, 'runs'), join(home, 'link'))
  const attempt = (out: string): Promise<string> =>
    drain({ format: 'vectors', ...run, out }).then(
      () => 'written',
      (error: unknown) => String(error).replaceAll(home, '~'),
    )
  const outs = [
    'empty',
    'empty',
    'full',
    'full/mine.txt',
    'full/mine.txt/x',
    'runs/r1',
    'runs/r1/export',
    'runs',
    'link/new',
    'runs-of-mine',
  ]
  const answers: string[] = []
  for (const out of outs) answers.push(`${out}: ${await attempt(join(home, out))}`)
  expect(answers).toMatchInlineSnapshot(`
    [
      "empty: written",
      "empty: PylonError: out: ~/empty is not empty (it holds README.md): give a folder that is new or empty.",
      "full: PylonError: out: ~/full is not empty (it holds mine.txt): give a folder that is new or empty.",
      "full/mine.txt: PylonError: out: ~/full/mine.txt is a file: give a folder that is new or empty.",
      "full/mine.txt/x: PylonError: out: ~/full/mine.txt/x is a file: give a folder that is new or empty.",
      "runs/r1: PylonError: out: ~/runs/r1 is inside the workspace's own data (~/runs): give a folder elsewhere.",
      "runs/r1/export: PylonError: out: ~/runs/r1/export is inside the workspace's own data (~/runs): give a folder elsewhere.",
      "runs: PylonError: out: ~/runs is inside the workspace's own data (~/runs): give a folder elsewhere.",
      "link/new: PylonError: out: ~/runs/new is inside the workspace's own data (~/runs): give a folder elsewhere.",
      "runs-of-mine: written",
    ]
  `)
  expect(await readdir(full)).toEqual(['mine.txt'])
  expect(await readdir(join(home, 'runs'))).toEqual(['r1'])
})

test('what is not what the run recorded is never exported, and nothing stays', async () => {
  const { home, ...run } = await finishedRun()
  const { runFolder, artefacts } = run
  const attempt = (format: 'vectors' | 'onnx', known = artefacts): Promise<string> =>
    drain({ format, ...run, artefacts: known, out: join(home, 'out') }).then(
      () => 'written',
      (error: unknown) => String(error).replaceAll(home, '~'),
    )
  const answers = [
    await attempt(
      'vectors',
      artefacts.filter(({ path }) => path !== 'user_vectors.npy'),
    ),
  ]
  await appendFile(join(runFolder, 'user_tower.onnx'), '!')
  answers.push(await attempt('onnx'))
  await writeFile(join(runFolder, 'item_ids.json'), '["x","z"]')
  answers.push(await attempt('vectors'))
  await writeFile(join(runFolder, 'item_ids.json'), '["x"]')
  const fewer = await Promise.all(artefacts.map(async ({ path }) => ({ path, ...(await sha256File(join(runFolder, path))) })))
  answers.push(await attempt('vectors', fewer))
  expect(answers).toMatchInlineSnapshot(`
    [
      "PylonError: This run has no user_vectors.npy, so it cannot be exported as vectors: choose a two-tower run that has finished.",
      "PylonError: ~/runs/r1/user_tower.onnx: The file is not the one that was written: it has 28 bytes, not 27. Restore it from a backup, or train the run again.",
      "PylonError: ~/runs/r1/item_ids.json: The file is not the one that was written: its sha256 is a9995d0a7088…, not 01f650e85c95…. Restore it from a backup, or train the run again.",
      "PylonError: item_vectors.npy has the shape (2, 2), which does not fit item_ids.json: train the run again.",
    ]
  `)
  expect(await readdir(home)).toEqual(['runs'])
})

test('a cancelled export leaves nothing', async () => {
  const { home, ...run } = await finishedRun()
  const stage = exportRun({ format: 'vectors', ...run, out: join(home, 'out') })
  await stage.next()
  await stage.return(undefined as never)
  expect(await readdir(home)).toEqual(['runs'])
})
