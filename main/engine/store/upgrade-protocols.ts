/**
 * Protocols of before 0.4 did not say what the measured model was fitted on, so that runs of different fits shared a hash. Each run's
 * numbers are moved to the protocol that says it, by its model, its final fit and its dataset; a protocol that cannot be read stays.
 */
import { storedProtocolSchema } from '../../contract/shapes/protocol.ts'
import { tryParseJson } from '../files/json-file.ts'
import { upgradedProtocol } from '../protocol/protocol.ts'
import type { Tables } from './tables.ts'

interface Named {
  readonly run: string
  readonly model: string
  readonly finalFit: number | null
  readonly validation: number | null
  readonly hash: string
  readonly protocol: string
}

/** Where a run names a protocol. */
const NAMED = [
  ['runs', 'id'],
  ['metrics', 'run'],
  ['baselines', 'run'],
] as const

/** @param run only this one's; default: those of all runs */
export function upgradeProtocols(tables: Tables, run?: string): void {
  const hashes = NAMED.map(([table, key]) => `SELECT ${key} AS run, protocol AS hash FROM ${table}`).join(' UNION ')
  const valid = (column: string, path: string): string => `CASE WHEN json_valid(${column}) THEN ${column} ->> '${path}' END`
  const found = tables.all<Named>(
    `SELECT r.id AS run, r.model, ${valid('r.spec', '$.training.finalFit')} AS finalFit, ${valid('d.manifest', '$.parts.validation')} AS validation,
       p.hash, p.protocol
     FROM (${hashes}) named JOIN runs r ON r.id = named.run JOIN datasets d ON d.name = r.dataset JOIN protocols p ON p.hash = named.hash
     WHERE ${valid('p.protocol', '$.version')} = 1 AND r.id = coalesce(?, r.id)`,
    run ?? null,
  )
  for (const { run: id, model, finalFit, validation, hash, protocol } of found) {
    const stored = storedProtocolSchema.safeParse(tryParseJson(protocol)).data
    if (stored === undefined) continue
    const spec = model === 'two-tower' ? ({ model, training: { finalFit: finalFit === 1 } } as const) : { model }
    const upgraded = upgradedProtocol(stored, spec, { parts: { validation: validation ?? 0 } })
    tables.run('INSERT OR IGNORE INTO protocols (hash, protocol) VALUES (?, ?)', upgraded.hash, JSON.stringify(upgraded))
    for (const [table, key] of NAMED)
      tables.run(`UPDATE ${table} SET protocol = ? WHERE ${key} = ? AND protocol = ?`, upgraded.hash, id, hash)
  }
  if (found.length === 0) return
  const used = NAMED.map(([table]) => `SELECT protocol FROM ${table} WHERE protocol IS NOT NULL`).join(' UNION ')
  tables.run(`DELETE FROM protocols WHERE hash NOT IN (${used})`)
}
