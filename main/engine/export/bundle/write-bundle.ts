/**
 * Fills a new folder with a bundle: the run's verified files, the carried dataset, probes, the words and figures, and
 * last the manifest.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badInput } from '../../../contract/errors.ts'
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleManifest, bundleManifestSchema } from '../../../contract/shapes/bundle.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { DatasetManifest } from '../../../contract/shapes/dataset.ts'
import { type Protocol, storedProtocolSchema } from '../../../contract/shapes/protocol.ts'
import type { Artefact } from '../../../contract/shapes/artefact.ts'
import type { RunDetail } from '../../../contract/shapes/run.ts'
import type { IndexedSpec } from '../../../contract/shapes/spec.ts'
import { sha256File, writeFileAtomic } from '../../files/atomic.ts'
import { carryDataset } from '../../dataset/carry.ts'
import { openDataset } from '../../dataset/open.ts'
import { recordProbes } from '../../serving/probes.ts'
import { upgradedProtocol } from '../../protocol/protocol.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { hasInterests, isFunction, matchingOf, metricOf } from '../../towers/metric.ts'
import { ServedModel } from '../../serving/served.ts'
import { curvesPanel, figureSvg } from '../figures.ts'
import { checksums } from '../readme.ts'
import { checkSameDataset } from '../source.ts'
import { curvesOf, licenceNote, modelCard } from './card.ts'
import { carryEncoders } from './carry-encoders.ts'
import { BUNDLE_FILES } from './bundle-files.ts'

export interface BundleSource {
  /** the bundle's folder; `run/` in it holds the run's files already, verified */
  readonly folder: string
  readonly run: RunDetail
  readonly spec: IndexedSpec
  readonly datasetFolder: string
  readonly datasetRecord: DatasetManifest | null
  readonly pylon: string
  readonly threads: number
  /** carry the sentence models of its text features however large they are */
  readonly allEncoders?: boolean | undefined
}

/** @throws PylonError conflict where the dataset is no longer the one the run was trained on */
export async function* writeBundle(source: BundleSource): Stage {
  const { folder, run, spec, datasetFolder, datasetRecord, pylon, threads } = source
  checkMatch(spec)
  const dataset = await openDataset(datasetFolder, datasetRecord)
  const original = dataset.manifest
  const runFolder = join(folder, 'run')
  const stored = storedProtocolSchema.parse(JSON.parse(await readFile(join(runFolder, RUN_FILES.protocol), 'utf8')))
  const protocol = upgradedProtocol(stored, spec, original)
  checkSameDataset(protocol, original, datasetFolder)
  yield { stage: 'carry the dataset', done: 0, total: 3, unit: 'parts' }
  const carried = await carryDataset(dataset, join(folder, 'dataset'))
  yield { stage: 'record probes', done: 1, total: 3, unit: 'parts' }
  const model = await ServedModel.open({
    runFolder,
    fileRecords: run.artefacts,
    datasetFolder: join(folder, 'dataset'),
    datasetRecord: carried,
    spec,
    threads,
  })
  yield* carryEncoders(model.towers, { runFolder, datasetFolder, all: source.allEncoders === true })
  const [users, items] = [await model.dataset.ids('user'), await model.dataset.ids('item')]
  const dim = model.dim
  try {
    await writeFileAtomic(join(folder, BUNDLE_FILES.probes), `${JSON.stringify(await recordProbes(model, users, items))}\n`)
  } finally {
    await model.dispose()
  }
  yield { stage: 'write the model card', done: 2, total: 3, unit: 'parts' }
  const facts: Omit<BundleManifest, 'files'> = {
    format: BUNDLE_FORMAT,
    version: BUNDLE_VERSION,
    createdAt: new Date().toISOString(),
    pylon,
    run: {
      id: run.run,
      name: run.name,
      createdAt: run.createdAt,
      recipe: run.recipe,
      seed: run.seed,
      epochs: run.epochs,
      bestEpoch: run.bestEpoch,
      seconds: run.seconds,
      tags: [...run.tags],
      note: run.notes,
    },
    model: { match: metricOf(matchingOf(spec)), dim, users: users.length, items: items.length },
    dataset: { name: original.name, checksum: original.checksum, carried: carried.checksum },
    environment: run.environment,
    epochs: run.epochsLog,
    metrics: run.metrics,
    baseline: run.baseline,
  }
  await writeWords(folder, { facts, spec, protocol })
  const files = await listFiles(folder)
  await writeFileAtomic(join(folder, BUNDLE_FILES.manifest), `${JSON.stringify({ ...facts, files }, null, 2)}\n`)
  const whole = [...files, { path: BUNDLE_FILES.manifest, ...(await sha256File(join(folder, BUNDLE_FILES.manifest))) }]
  await writeFileAtomic(join(folder, BUNDLE_FILES.checksums), checksums(whole))
}

async function writeWords(
  folder: string,
  { facts, spec, protocol }: { facts: Omit<BundleManifest, 'files'>; spec: IndexedSpec; protocol: Protocol },
): Promise<void> {
  await mkdir(join(folder, 'figures'))
  const { loss, validation } = curvesOf(facts)
  if (facts.epochs.length > 0)
    await writeFileAtomic(join(folder, 'figures/loss.svg'), figureSvg('Training loss', [curvesPanel('Training loss', loss)]))
  if (validation.length > 0)
    await writeFileAtomic(join(folder, 'figures/validation.svg'), figureSvg('Validation', [curvesPanel('Validation', validation)]))
  await writeFileAtomic(join(folder, BUNDLE_FILES.card), modelCard({ manifest: facts, spec, protocol }))
  await writeFileAtomic(join(folder, BUNDLE_FILES.licence), licenceNote(facts.dataset.name))
  await writeFileAtomic(join(folder, BUNDLE_FILES.schema), `${JSON.stringify(z.toJSONSchema(bundleManifestSchema), null, 2)}\n`)
}

/** All files under a folder, by path, with sizes and checksums. */
export async function listFiles(folder: string): Promise<Artefact[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
  const files: Artefact[] = []
  for (const path of paths.sort()) files.push({ path, ...(await sha256File(join(folder, path))) })
  return files
}

/** How a bundle's vectors may be compared: what the index serves by itself. A module of the user's own would have to be run as code. */
export function checkMatch(spec: IndexedSpec): void {
  if (spec.model === 'blend') return
  const { match, user } = spec
  if (hasInterests(user))
    throw badInput("Its users have several vectors each, which the bundle's search does not serve: export it as vectors.", 'user.features')
  if (!isFunction(match)) return
  const why =
    match.kind === 'module'
      ? 'Its match is a module, a file of code, which a bundle does not carry and never runs'
      : `Its match is "${match.kind}", which the bundle's search does not serve`
  throw badInput(`${why}: export it as vectors.`, 'match.kind')
}
