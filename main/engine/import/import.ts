/**
 * Files to a dataset folder: recognise the layout, read, number the ids, sort, split, describe, write. Everything is written into a
 * folder beside the final one and renamed at the end, so a failure or a stop (`.return()`) leaves nothing. Same files and options
 * give the same checksum. Ten million (user, item, time) rows from CSV: see `test/bench/import.ts`.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { counted } from '../../contract/counted.ts'
import { badData, conflict } from '../../contract/errors.ts'
import { PART_CODE, type DatasetManifest, type Split } from '../../contract/shapes/dataset.ts'
import { describeApart, describeStep } from '../../contract/shapes/preparation.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { temporaryPathFor, replaceFolder, writeFileAtomic } from '../files/atomic.ts'
import { ANY_PATH } from '../files/path-guard.ts'
import { advise } from './advice/advise.ts'
import { recipeOf } from './again.ts'
import { chooseColumns, openFiles, readInteractions, refuseUnknownKinds, type OpenedFiles } from './choose.ts'
import { askedColumns } from './described/choose.ts'
import { describeByLog, logOf, sayDescribed } from './described/describe.ts'
import { ImportContext, type ImportOptions } from './import-context.ts'
import { Duck } from '../dataset/duck.ts'
import { planImport } from './known-layouts.ts'
import { encodeInteractions, makeDictionary, sortInteractions, type SortedInteractions } from './encode-interactions.ts'
import { manifestPath, withChecksums } from '../dataset/dataset-files.ts'
import type { Reread } from './load-interactions.ts'
import type { Metadata } from './metadata.ts'
import { dropsEntities, keptApart, prepareInteractions } from './prepare.ts'
import { profileOf } from './profile.ts'
import type { Relation } from './relation.ts'
import { sourceContext } from './sources.ts'
import { SKIPPED_ROWS } from './skipped-rows.ts'
import { parseSplit, splitInteractions } from './split.ts'
import { storeSide, writeArrays } from './write-dataset.ts'

export type { ImportOptions } from './import-context.ts'

/**
 * Imports a dataset and answers its manifest.
 * @throws PylonError not-found, bad-input, bad-data, conflict; nothing is left in the folder's place
 */
export async function* importDataset(options: ImportOptions): Stage<DatasetManifest> {
  if (existsSync(options.folder) && !options.replace)
    throw conflict('There is a dataset of that name; choose another name or pass --replace.', options.name)
  // said early: a mistyped split should not cost the reading
  parseSplit(options.split, { order: true, given: true })
  const folder = temporaryPathFor(options.folder)
  const scratch = join(folder, 'scratch')
  let duck: Duck | null = null
  try {
    await mkdir(scratch, { recursive: true })
    await mkdir(join(folder, 'interactions'))
    duck = await Duck.open({ threads: options.threads, memoryLimit: options.memoryLimit ?? '1GB', spillIn: scratch })
    const source = sourceContext(duck, scratch, options.guard ?? ANY_PATH)
    const unread: string[] = []
    const plan = yield* planImport(options, source, (name, why, level) => {
      options.say(level, `${name}: ${why}`)
      if (level === 'warning') unread.push(`${basename(name)}: ${why}`)
    })
    const job = new ImportContext(options, plan, source, folder)
    job.warnings.push(...unread)
    const built = yield* build(job)
    await duck.close()
    duck = null
    await rm(scratch, { recursive: true, force: true })
    const manifest = await withChecksums(folder, built)
    await writeFileAtomic(manifestPath(folder), `${JSON.stringify(manifest, null, 2)}\n`)
    await replaceFolder(folder, options.folder)
    return manifest
  } finally {
    await duck?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function* build(job: ImportContext): Stage<DatasetManifest> {
  const { duck } = job.source
  const files = yield* openFiles(job)
  const chosen = yield* chooseColumns(job, files)
  const { columns } = chosen
  const asked = askedColumns(job, files.train, columns, { item: files.items, user: files.users })
  refuseUnknownKinds(job, { user: files.users, item: files.items }, { open: asked.all })
  const loaded = yield* readInteractions(job, files, columns, asked.open.length === 0 ? asked.free : [])
  const { table, steps } = yield* prepareInteractions(duck, loaded, job.options)
  for (const step of steps) job.say(describeStep(step))
  const apart = await keptApart(duck, table, job.options, job.plan.positives)
  if (apart !== null) job.say(describeApart(apart))
  // who was taken out is no candidate either, whatever is known of them
  const drops = dropsEntities(job.options)
  const users = yield* makeDictionary(job, 'user', drops.user ? null : (chosen.userMetadata?.table ?? null))
  const items = yield* makeDictionary(job, 'item', drops.item ? null : (chosen.itemMetadata?.table ?? null))
  // what a log tells of them adds nobody
  const log = logOf(job, columns, loaded.rereads, { user: '(SELECT id FROM user_ids)', item: '(SELECT id FROM item_ids)' })
  const told = yield* describeByLog(job, columns, asked, log)
  sayDescribed(job, log, asked, told)
  const [userMetadata, itemMetadata] = [chosen.userMetadata ?? told.metadata.user, chosen.itemMetadata ?? told.metadata.item]
  refuseUnknownKinds(
    job,
    { user: files.users ?? told.metadata.user?.relation ?? null, item: files.items ?? told.metadata.item?.relation ?? null },
    { left: asked.all },
  )
  const title = chosen.title ?? told.title
  const described = { user: sourcesOf(told.metadata.user), item: sourcesOf(told.metadata.item) }
  const raw = yield* encodeInteractions(duck, table)
  const sorted = yield* sortInteractions(raw, users)
  const ordered = job.plan.sequence || sorted.time !== null
  const positives = apart?.positives ?? null
  const isPositive = raw.events.map((name) => Number(positives === null || positives.includes(name)))
  yield { stage: 'split', done: 0, total: sorted.item.length, unit: 'rows' }
  const { part, split } = splitInteractions(
    {
      users,
      items,
      item: sorted.item,
      time: sorted.time,
      offsets: sorted.offsets,
      positive: positives === null || sorted.event === null ? null : sorted.event.map((code) => isPositive[code]!),
      ordered,
      given: sorted.given,
      seed: job.options.seed,
      validation: job.options.validation,
    },
    parseSplit(job.options.split, { order: ordered, given: sorted.given !== null }),
  )
  const sides = { user: yield* storeSide(job, 'user', userMetadata, users), item: yield* storeSide(job, 'item', itemMetadata, items) }
  const missing = countMissing(sorted, {
    user: userMetadata === null ? null : sides.user.hasMetadata,
    item: itemMetadata === null ? null : sides.item.hasMetadata,
  })
  warnMissing(job, missing, files)
  warnSplit(job, part, split, sorted)
  yield { stage: 'profile', done: 0, total: null, unit: 'rows' }
  const profile = profileOf({
    users,
    items,
    ...sorted,
    events: raw.events,
    part,
    itemsWithoutMetadata: missing.item.entities,
    usersWithoutMetadata: missing.user.entities,
  })
  const findings = yield* advise(
    {
      duck,
      users,
      items,
      interactions: sorted,
      part,
      columns: { user: sides.user.columns, item: sides.item.columns },
      title: itemMetadata?.columns.find((c) => c.source === title)?.name ?? null,
    },
    { split, ordered, rereads: withDescribing(loaded.rereads, described) },
  )
  const checksum = yield* writeArrays(job, { ...sorted, part }, sides, { users, items, events: raw.events })
  await keepSkipped(job)
  const counts = countParts(part)
  const recipe = recipeOf(job, columns, {
    user: files.users === null ? described.user : null,
    item: files.items === null ? described.item : null,
  })
  return {
    version: 1,
    name: job.options.name,
    createdAt: new Date().toISOString(),
    checksum,
    source: {
      format: job.plan.format,
      files: Object.values(files).flatMap((f: Relation | null) => (f === null ? [] : f.files)),
      seed: job.options.sample ? job.options.seed : null,
    },
    users,
    items,
    interactions: raw.length,
    parts: counts,
    events: [...raw.events],
    ...(positives !== null && { positives }),
    hasTime: sorted.time !== null,
    hasOrder: ordered,
    hasWeight: sorted.weight !== null,
    userColumns: sides.user.columns,
    itemColumns: sides.item.columns,
    itemTitle: itemMetadata?.columns.find((c) => c.source === title)?.name ?? null,
    split,
    ...(steps.length > 0 && { preparation: steps }),
    profile,
    warnings: job.warnings,
    findings,
    ...(recipe !== null && { recipe }),
  }
}

const sourcesOf = (metadata: Metadata | null): string[] => metadata?.columns.map(({ source }) => source) ?? []

/** A column that describes somebody is judged as metadata. */
const withDescribing = (rereads: readonly Reread[], { user, item }: Readonly<Record<'user' | 'item', readonly string[]>>): Reread[] =>
  rereads.map((reread) => ({ ...reread, roles: [...reread.roles, ...user, ...item] }))

/** The list of rows that were left out becomes a file of the dataset. */
async function keepSkipped(job: ImportContext): Promise<void> {
  const { skipped } = job.source
  skipped.flush()
  for (const text of skipped.sentences()) job.warn(text)
  if (skipped.count > 0) await rename(skipped.path, join(job.folder, SKIPPED_ROWS))
}

interface Missing {
  /** interactions whose user or item has no row of metadata */
  readonly interactions: number
  readonly entities: number
}

function countMissing(
  { user, item }: SortedInteractions,
  known: Record<'user' | 'item', Uint8Array | null>,
): Record<'user' | 'item', Missing> {
  const count = (indices: Int32Array, has: Uint8Array | null): Missing =>
    has === null
      ? { interactions: 0, entities: 0 }
      : { interactions: indices.reduce((n, k) => n + 1 - has[k]!, 0), entities: has.reduce((n, h) => n + 1 - h, 0) }
  return { user: count(user, known.user), item: count(item, known.item) }
}

function warnMissing(job: ImportContext, missing: Record<'user' | 'item', Missing>, files: OpenedFiles): void {
  for (const [side, relation] of [
    ['item', files.items],
    ['user', files.users],
  ] as const) {
    const { interactions, entities } = missing[side]
    if (entities > 0)
      job.warn(
        `${counted(interactions, 'interactions')} of ${counted(entities, side === 'item' ? 'items' : 'users')} without a row in ${relation!.shown}; ${side === 'item' ? 'those items' : 'those users'} have no metadata.`,
      )
  }
}

function warnSplit(job: ImportContext, part: Uint8Array, split: Split, sorted: SortedInteractions): void {
  const counts = countParts(part)
  if (counts.train === 0) throw badData('The split leaves no interaction for training; choose another with --split.', '--split')
  if (counts.test === 0)
    job.warn(split.kind === 'leave-last' ? 'No user has two distinct items, so the test part is empty.' : 'The test part is empty.')
  if (split.kind !== 'given' || sorted.time === null) return
  let early = 0
  for (let u = 0; u + 1 < sorted.offsets.length; u++) {
    const of = part.subarray(sorted.offsets[u], sorted.offsets[u + 1])
    const firstTest = of.indexOf(PART_CODE.test)
    if (firstTest >= 0 && of.lastIndexOf(PART_CODE.train) > firstTest) early++
  }
  if (early > 0)
    job.warn(
      `${counted(early, 'users')} with test interactions from before the end of their training part: the given test file is not later than the training file.`,
    )
}

function countParts(part: Uint8Array): DatasetManifest['parts'] {
  const counts = [0, 0, 0, 0]
  for (const code of part) counts[code]!++
  return { train: counts[0]!, validation: counts[1]!, test: counts[2]!, unused: counts[3]! }
}
