/** Verb handlers: export a run, verify a bundle, import one (its files get their folders, its results their rows). */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { badInput, conflict } from '../../contract/errors.ts'
import { shellWord } from '../../contract/shell-word.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { ImportBundleResult } from '../../contract/verbs.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { CLUSTER_FILES } from '../export/cluster/manifest.ts'
import { checkAligned } from '../export/align.ts'
import { checkWidth } from '../export/narrow.ts'
import { checkHasVectors } from '../model/placed.ts'
import type { ImportedBundle } from '../queue/job-types.ts'
import { runLocation } from '../run-location.ts'
import type { RunRow } from '../store/runs.ts'
import { entryNames } from '../store/marker.ts'
import { renameDurably } from '../store/workspace.ts'

export function exportVerbs(
  context: EngineContext,
): Handlers<'runs.export' | 'recommendations.write' | 'bundles.verify' | 'bundles.delta' | 'bundles.apply' | 'bundles.import'> {
  const { store, queue, announce } = context
  const { runs, results, workspace } = store
  const ownFolders = [workspace.home]
  return {
    'runs.export': async ({ run, format, out, allEncoders, int8, dim, alignTo }) => {
      const row = runs.resolveFinished(run)
      if (dim !== undefined) checkWidth(dim, format, row)
      const reference = alignTo === undefined ? null : alignedTo(context, row, alignTo)
      if (reference !== null) {
        checkAligned(format, row)
        if (dim !== undefined)
          throw badInput('goes not with --dim: the first numbers of rotated vectors are no vectors of their own.', 'alignTo')
        if (int8 === true) throw badInput('goes not with --int8: export the towers twice.', 'alignTo')
      }
      if (int8 === true && format !== 'onnx') throw badInput('is for the format onnx alone.', 'int8')
      if (out === undefined && format !== 'ann-table') throw badInput('is needed: a folder that is new or empty.', 'out')
      if (out !== undefined && entryNames(out).length > 0) throw conflict(`${out} is not empty: give a new folder.`, 'out')
      return queue.add({
        job: 'export',
        run: row.id,
        threads: context.threads,
        input: (temp) => ({
          ...runLocation(store, row),
          format,
          out: out ?? join(temp, 'out'),
          allEncoders,
          int8,
          dim,
          alignTo: reference === null ? undefined : { ...runLocation(store, reference), name: reference.name },
          detail: results.detail(row, workspace.run(row.id)),
        }),
      })
    },

    'recommendations.write': async ({ run, out, k, includeSeen }) => {
      const row = runs.resolveFinished(run)
      const ask = { k, out, includeSeen: includeSeen ?? row.spec.evaluation.seen === 'included' }
      return queue.add({
        job: 'recommend-all',
        run: row.id,
        threads: context.threads,
        input: () => ({ ...runLocation(store, row), ask }),
      })
    },

    'bundles.verify': async ({ path }) => queue.add({ job: 'verify', threads: context.threads, input: () => ({ path }) }),

    'bundles.delta': async (ask) => queue.add({ job: 'delta', threads: context.threads, input: () => ({ ...ask, guarded: ownFolders }) }),

    'bundles.apply': async (ask) =>
      queue.add({ job: 'apply-delta', threads: context.threads, input: () => ({ ...ask, guarded: ownFolders }) }),

    'bundles.import': async ({ path, name }) => {
      if (existsSync(join(path, CLUSTER_FILES.manifest)))
        throw badInput(`${path} is a job for a cluster: pylon follow ${shellWord(path)}`, 'path')
      let folder = ''
      return queue.add({
        job: 'import-bundle',
        threads: context.threads,
        input: (temp) => ({ path, folder: (folder = join(temp, 'imported')) }),
        settle: (imported) => {
          const result = storeImportedBundle(context, imported, folder, name)
          announce('datasets.changed', { dataset: result.dataset })
          announce('runs.changed', { run: result.run })
          return result
        },
      })
    },
  }
}

/** The run that another is rotated onto. @throws PylonError bad-input where it is the same, or has no vectors */
function alignedTo({ store }: EngineContext, row: RunRow, alignTo: string): RunRow {
  const reference = store.runs.resolveFinished(alignTo)
  if (reference.id === row.id) throw badInput(`is run ${row.id} itself: name another.`, 'alignTo')
  checkHasVectors(reference.spec)
  return reference
}

/** Gives a checked bundle its place in the workspace: folders first, rows with them. */
function storeImportedBundle(
  { store, owner, threads }: EngineContext,
  imported: ImportedBundle,
  folder: string,
  asked: string | undefined,
): ImportBundleResult {
  const { database, runs, results, workspace } = store
  const { manifest, spec, protocol, files, verified } = imported
  const { dataset, carried } = placeDataset(store, imported, join(folder, 'dataset'))
  const name = asked ?? manifest.run.name
  const { epochs, bestEpoch, seconds, createdAt, tags, note } = manifest.run
  return database.transaction(() => {
    const run = runs.create({ name, dataset, spec, threads: manifest.environment?.threads ?? threads, owner })
    for (const row of manifest.epochs) results.addEpoch(run, row)
    for (const file of files) results.addArtefact(run, file)
    if (manifest.environment !== null) results.setEnvironment(run, manifest.environment)
    results.addMetrics(run, protocol, manifest.metrics, manifest.baseline)
    runs.finish(run, {
      run,
      epochs,
      bestEpoch: bestEpoch ?? epochs,
      seconds,
      examplesPerSecond: 0,
      peakRssMb: 0,
      metrics: manifest.metrics,
      baseline: manifest.baseline,
      protocol,
    })
    runs.setTags(run, tags)
    runs.setNote(
      run,
      [note, `Imported from a bundle of run ${manifest.run.id}, trained ${createdAt.slice(0, 10)}.`]
        .filter((text) => text !== '')
        .join('\n\n'),
    )
    mkdirSync(workspace.run(run), { recursive: true })
    for (const entry of entryNames(join(folder, 'run'))) renameDurably(join(folder, 'run', entry), join(workspace.run(run), entry))
    return { run, name, dataset, carried, verified }
  })
}

/** The run's dataset where it is here, whole or as carried before; else what the bundle carries, under a free name. */
function placeDataset(
  { datasets }: EngineContext['store'],
  { manifest, dataset: carried }: ImportedBundle,
  folder: string,
): { dataset: string; carried: boolean } {
  const existing = datasets.list()
  const whole = existing.find(({ checksum }) => checksum === manifest.dataset.checksum)
  if (whole !== undefined) return { dataset: whole.name, carried: false }
  const before = existing.find(({ checksum }) => checksum === carried.checksum)
  if (before !== undefined) return { dataset: before.name, carried: true }
  const taken = new Set(existing.map((each) => each.name))
  const stem = carried.name.slice(0, 56)
  const name = [carried.name, ...Array.from({ length: 1000 }, (_, i) => `${stem}-${i + 2}`)].find((each) => !taken.has(each))!
  const placed: DatasetManifest = { ...carried, name }
  writeFileSync(join(folder, 'dataset.json'), `${JSON.stringify(placed)}\n`)
  datasets.add(placed, folder, false)
  return { dataset: name, carried: true }
}
