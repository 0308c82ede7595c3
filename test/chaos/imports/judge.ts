/** A case imported, and what came out held against what must. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toErrorShape } from '../../../main/contract/errors.ts'
import { importInput } from '../../../main/contract/verbs/datasets.ts'
import { openDataset } from '../../../main/engine/dataset/open.ts'
import { importDataset } from '../../../main/engine/import/import.ts'
import { describe } from '../sound.ts'
import type { Case } from './cases.ts'
import type { Row } from './values.ts'

export interface Verdict {
  readonly outcome: 'accepted' | 'refused'
  /** null where all is well */
  readonly failure: string | null
  /** of a refusal */
  readonly message: string
}

/** Imports a case in `folder`, which is emptied afterwards. */
export async function judge({ file, bytes, input, expected }: Case, folder: string): Promise<Verdict> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, file)
  writeFileSync(path, bytes)
  try {
    const rows = await imported(path, input, join(folder, 'dataset'))
    if (expected === null) return { outcome: 'accepted', failure: null, message: '' }
    if (typeof expected === 'string') return { outcome: 'accepted', failure: `accepted what must be refused (${expected})`, message: '' }
    return { outcome: 'accepted', failure: difference(rows, expected), message: '' }
  } catch (error) {
    const { code, message, place } = toErrorShape(error)
    const said = `${message} ${place ?? ''}`
    const bug = code === 'bug' ? `a bug: ${describe(error)}` : null
    const refused = Array.isArray(expected) ? `refused what can be read: ${said}` : null
    return { outcome: 'refused', failure: bug ?? (place === undefined ? `no place: ${message}` : refused), message: said }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function imported(path: string, input: Case['input'], folder: string): Promise<Row[]> {
  const stage = importDataset({
    ...importInput.parse({ name: 'bent', interactions: path, ...input }),
    folder,
    say: () => undefined,
    threads: 1,
  })
  let next = await stage.next()
  while (next.done !== true) next = await stage.next()
  const dataset = await openDataset(folder, next.value)
  const { interactions: of, manifest } = dataset
  const [users, items] = [await dataset.ids('user'), await dataset.ids('item')]
  return Array.from({ length: of.length }, (_, k) => ({
    user: users[of.user[k]!]!,
    item: items[of.item[k]!]!,
    time: of.time === null ? null : of.time[k]!,
    weight: of.weight === null ? null : of.weight[k]!,
    event: of.event === null ? null : manifest.events[of.event[k]!]!,
  }))
}

/** Rows as sorted texts: times to the microsecond, weights of 32 bits, CR LF within a text as LF. */
function lines(rows: readonly Row[], hasEvents: boolean): string[] {
  const ends = (text: string): string => text.replaceAll('\r\n', '\n')
  return rows
    .map(({ user, item, time, weight, event }) =>
      JSON.stringify([
        ends(user),
        ends(item),
        time === null ? null : Math.round(time * 1e6),
        weight === null ? null : Math.fround(weight),
        hasEvents ? event : null,
      ]),
    )
    .toSorted()
}

function difference(found: readonly Row[], expected: readonly Row[]): string | null {
  const hasEvents = new Set(expected.map(({ event }) => event)).size > 1
  const [there, wanted] = [lines(found, hasEvents), lines(expected, hasEvents)]
  const extra = there.filter((line) => !wanted.includes(line))
  const lost = wanted.filter((line) => !there.includes(line))
  if (there.length === wanted.length && extra.length === 0 && lost.length === 0) return null
  return `wrong: ${there.length} of ${wanted.length} rows; ${extra[0] ?? 'nothing'} instead of ${lost[0] ?? 'nothing'}`
}
