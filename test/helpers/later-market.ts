/**
 * The sample market as it comes to those who run a model: what was known first, a later period to train on, and one after it to judge by.
 * Items and users that nobody had met at first come with the rows that meet them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drain } from '../../main/engine/files/drain.ts'
import { generateSample } from '../../main/engine/sample/sample.ts'

/** The first model knows seven months, the later one the summer and the autumn too. */
const CUTS = ['2024-08-01', '2024-12-12'] as const

export interface Period {
  readonly interactions: string
  readonly users: string
  readonly items: string
}

/** @returns the periods, each with the users and items that are new in it */
export async function writeLaterMarket(folder: string): Promise<{ first: Period; later: Period; judged: Period }> {
  await mkdir(folder, { recursive: true })
  const all = await drain(generateSample(folder, { seed: 3, users: 400, listings: 200, events: 10_000 }))
  const [header, ...rows] = lines(all.interactions)
  const [userHeader, ...users] = lines(all.users)
  const items = lines(all.items)
  const [metUsers, metItems] = [new Set<string>(), new Set<string>()]
  const write = (name: string, own: readonly string[]): Period => {
    const fresh = (met: Set<string>, column: number): Set<string> => {
      const ids = new Set(own.map((row) => row.split(',')[column]!).filter((id) => !met.has(id)))
      for (const id of ids) met.add(id)
      return ids
    }
    const [newUsers, newItems] = [fresh(metUsers, 0), fresh(metItems, 1)]
    const paths = { interactions: `${name}.csv`, users: `${name}-users.csv`, items: `${name}-items.jsonl` }
    const at = { interactions: join(folder, paths.interactions), users: join(folder, paths.users), items: join(folder, paths.items) }
    writeFileSync(at.interactions, text([header!, ...own]))
    writeFileSync(at.users, text([userHeader!, ...users.filter((row) => newUsers.has(row.split(',')[0]!))]))
    writeFileSync(at.items, text(items.filter((row) => newItems.has((JSON.parse(row) as { id: string }).id))))
    return at
  }
  const between = (from: string, to: string): string[] => rows.filter((row) => from <= timeOf(row) && timeOf(row) < to)
  return {
    first: write('first', between('', CUTS[0])),
    later: write('later', between(CUTS[0], CUTS[1])),
    judged: write('judged', between(CUTS[1], '9')),
  }
}

const timeOf = (row: string): string => row.split(',')[3]!
const lines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n')
const text = (rows: readonly string[]): string => `${rows.join('\n')}\n`
