/**
 * Families: runs of one dataset whose specs differ only in the seed, as they were asked for; what a run chooses for itself before it is
 * fitted does not part it from the others.
 */
import { isPlain } from '../../contract/plain.ts'
import { createHash } from 'node:crypto'
import { tryParseJson } from '../files/json-file.ts'
import type { Tables } from './tables.ts'

/** The id of a family. @param spec as JSON text */
export function familyOf(dataset: string, spec: string): string {
  const read = tryParseJson(spec)
  const text = isPlain(read) ? JSON.stringify(withoutSeed(read)) : spec
  return createHash('sha256').update(`${dataset}\n${text}`).digest('hex').slice(0, 10)
}

/** Gives runs of before there were families theirs, by the spec they have now. @param run only this one; default: all */
export function fillFamilies(tables: Tables, run?: string): void {
  const rows = tables.all<{ id: string; dataset: string; spec: string }>(
    'SELECT id, dataset, spec FROM runs WHERE family IS NULL AND id = coalesce(?, id)',
    run ?? null,
  )
  for (const { id, dataset, spec } of rows) tables.run('UPDATE runs SET family = ? WHERE id = ?', familyOf(dataset, spec), id)
}

/** A two-tower's seed is of its training, any other model's stands at the top. */
function withoutSeed({ seed: _, training, ...spec }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (!isPlain(training)) return { ...spec, training }
  const { seed: __, ...kept } = training
  return { ...spec, training: kept }
}
