/** Verb handlers of segments: items under a name, and how runs do on them. */
import { tmpdir } from 'node:os'
import { badInput, conflict, PylonError } from '../../contract/errors.ts'
import { csvCell } from '../../contract/csv.ts'
import { MOST_ITEMS, type segmentVerbs as table, type SegmentSummary } from '../../contract/verbs/segments.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { checkNewFile } from '../export/export-folder.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { describeEntities } from '../serving/entity.ts'
import type { RunRow } from '../store/runs.ts'
import { keepRanked, measuredRun, runToRank } from './ranked-runs.ts'

/** Unknown ids that an error names. */
const NAMED = 5

export function segmentVerbs(context: EngineContext): Handlers<keyof typeof table> {
  const { store, opened, announce, queue } = context
  const { segments } = store
  const changed = (segment: string): void => announce('segments.changed', { segment })

  /** The items of a segment by their positions, rising, and how many the dataset no longer has. */
  const itemsOf = async ({ segment, dataset }: SegmentSummary): Promise<{ indices: Int32Array; missing: number }> => {
    const kept = segments.items(segment)
    return opened.catalogue(dataset, async (catalogue) => {
      const found: number[] = []
      for (const id of kept) {
        const index = await catalogue.indexOf('item', id).catch(unlessNotFound)
        if (index !== null) found.push(index)
      }
      return { indices: Int32Array.from(found).sort(), missing: kept.length - found.length }
    })
  }

  return {
    'segments.list': async ({ dataset }) => {
      if (dataset !== undefined) store.datasets.get(dataset)
      return { segments: segments.list().filter((each) => dataset === undefined || each.dataset === dataset) }
    },

    'segments.save': async ({ name, dataset, ids, file, items, tags }) => {
      const asked = [...ids, ...(file === undefined ? [] : await idsOfFile(file))]
      if ((asked.length === 0) === (items === undefined)) throw badInput('Say which items: by their ids, or with a file of them.', 'ids')
      const known = await opened.catalogue(dataset, async (catalogue) => {
        if (items !== undefined)
          return (
            await describeEntities(
              catalogue,
              'item',
              [...new Set(items)].sort((a, b) => a - b),
            )
          ).map(({ id }) => id)
        const all = new Set(await catalogue.dataset.ids('item'))
        const wanted = [...new Set(asked)]
        const unknown = wanted.filter((id) => !all.has(id))
        if (unknown.length > 0) throw unknownItems(dataset, unknown, file)
        return wanted
      })
      const id = segments.create({ name, dataset, items: known, tags })
      changed(id)
      return segments.resolve(id)
    },

    'segments.show': async ({ segment, limit }) => {
      const found = segments.resolve(segment)
      const { indices, missing } = await itemsOf(found)
      const entities = await opened.catalogue(found.dataset, async (catalogue) => {
        const counts = catalogue.counts('item')
        return describeEntities(catalogue, 'item', [...indices].sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, limit))
      })
      return { ...found, entities, missing }
    },

    'segments.items': async ({ segment }) => {
      const found = segments.resolve(segment)
      return { ...found, ...(await itemsOf(found)) }
    },

    'segments.edit': async ({ segment, name, tags }) => {
      const { segment: id } = segments.resolve(segment)
      if (name === undefined && tags === undefined) throw badInput('Say what changes: its name or its tags.', 'name')
      segments.edit(id, { name, tags })
      changed(id)
      return segments.resolve(id)
    },

    'segments.measure': async ({ segment, runs, items }) => {
      if ((segment === undefined) === (items === undefined)) throw badInput('Say what to measure on: a segment, or items.', 'segment')
      const rows = [...new Map(runs.map((run) => measuredRun(context, run)).map((row) => [row.id, row])).values()]
      checkComparable(rows)
      const found = segment === undefined ? null : segments.resolve(segment)
      if (found !== null && found.dataset !== rows[0]!.dataset)
        throw conflict(`Segment ${found.name} is of dataset ${found.dataset}, run ${rows[0]!.id} of ${rows[0]!.dataset}.`, 'runs')
      const indices = found === null ? Int32Array.from(items!) : (await itemsOf(found)).indices
      if (indices.length === 0)
        throw conflict(`Dataset ${rows[0]!.dataset} has none of the items of segment ${found!.name} any more.`, 'segment')
      return queue.add({
        job: 'segment',
        ...(rows.length === 1 && { run: rows[0]!.id }),
        runs: rows.map(({ id }) => id),
        threads: context.threads,
        beside: true,
        input: () => ({ places: rows.map((row) => runToRank(context, row)), items: indices }),
        settle: ({ ranked, protocol, items: count, measured }) => {
          keepRanked(context, ranked)
          const named = rows.map(({ id, name }, i) => ({ run: id, name, ...measured[i]! }))
          return { name: found?.name ?? null, items: count, protocol, runs: named }
        },
      })
    },

    'segments.export': async ({ segment, out }) => {
      await checkNewFile(out)
      const found = segments.resolve(segment)
      const { indices } = await itemsOf(found)
      const entities = await opened.catalogue(found.dataset, (catalogue) => describeEntities(catalogue, 'item', indices))
      const lines = [['item', 'title', 'popularity'], ...entities.map(({ id, title, popularity }) => [id, title, popularity])]
      await writeFileAtomic(out, lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join(''))
      return { path: out, items: entities.length }
    },

    'segments.delete': async ({ segment, forever }) => {
      const { segment: id } = segments.resolve(segment)
      store.removeSegment(id, { forever })
      changed(id)
      return { deleted: id, forever }
    },
  }
}

/** @throws PylonError conflict where their numbers do not compare */
function checkComparable([first, ...others]: readonly RunRow[]): void {
  for (const { id, protocol } of others)
    if (protocol !== first!.protocol)
      throw conflict(
        `Run ${first!.id} was measured by protocol ${first!.protocol}, run ${id} by ${protocol}: their numbers do not compare. Measure them one by one.`,
        'runs',
      )
}

/** The first cell of each line; a heading `item`, as segments are exported with, is none of them. */
async function idsOfFile(path: string): Promise<string[]> {
  const { Duck, sqlText } = await import('../dataset/duck.ts')
  const duck = await Duck.open({ threads: 1, memoryLimit: '1GB', spillIn: tmpdir() })
  try {
    const form = `header = false, delim = ',', quote = '"', escape = '"', all_varchar = true, null_padding = true`
    const rows = await duck
      .rows(`SELECT COLUMNS(*) FROM read_csv(${sqlText(path)}, ${form}) LIMIT ${MOST_ITEMS + 2}`)
      .catch((error: unknown) => {
        throw badInput(`${path} cannot be read as text or CSV: ${(error as Error).message.split('\n')[0]}`, 'file')
      })
    const cells = rows.map((row) => Object.values(row)[0]).filter((cell): cell is string => typeof cell === 'string' && cell !== '')
    const ids = cells[0] === 'item' ? cells.slice(1) : cells
    if (ids.length === 0) throw badInput(`${path} has no ids.`, 'file')
    if (ids.length > MOST_ITEMS) throw badInput(`${path} has more than ${MOST_ITEMS} ids.`, 'file')
    return ids
  } finally {
    await duck.close()
  }
}

function unknownItems(dataset: string, unknown: readonly string[], file: string | undefined): PylonError {
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : ''
  const named = unknown.slice(0, NAMED).map((id) => `"${id}"`)
  return badInput(`Dataset ${dataset} has no item ${named.join(', ')}${more}: leave them out.`, file === undefined ? 'ids' : 'file')
}

function unlessNotFound(error: unknown): null {
  if (error instanceof PylonError && error.code === 'not-found') return null
  throw error
}
