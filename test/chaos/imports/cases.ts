/**
 * A file of interactions by its number: a table of known values, written in one of the many ways that programs write it, with at most one
 * fault; or one in a plain form whose bytes are bent, read by the slow oracle. What must come out is known before anything is imported.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { ImportInput } from '../../../main/contract/verbs.ts'
import { joinPairs } from '../../../main/contract/import-options.ts'
import { mutated } from '../mutate.ts'
import { Chance } from '../part.ts'
import { epochSeconds, isoInstant, readDelimited, readJsonObjects, Unreadable, type Meant } from './oracle.ts'
import { quoted, writeText } from './texts.ts'
import { writeTyped, type Writers } from './typed.ts'
import {
  EVENTS,
  ID_KINDS,
  KNOWN_NAMES,
  ODD_NAMES,
  OTHER_CELLS,
  QUOTED_ID_KINDS,
  shuffled,
  TIME_KINDS,
  WEIGHT_KINDS,
  type Row,
  type TimeKind,
  type WeightKind,
} from './values.ts'

export type Input = Partial<Omit<ImportInput, 'name'>>

export interface Case {
  readonly file: string
  readonly bytes: Buffer
  /** flags, the file left out */
  readonly input: Input
  /** what must come out; a text: why it must be refused; null: whatever comes, it is no bug */
  readonly expected: readonly Row[] | string | null
  /** how it was made */
  readonly told: string
}

/** A table as it is written: cells by column, null where one is missing. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: number
}

export interface Column {
  readonly role: keyof typeof KNOWN_NAMES | null
  readonly name: string
  readonly cells: (string | null)[]
  /** milliseconds of a time, the numbers of weights: for what has types */
  readonly numbers: readonly number[]
}

export interface Fault {
  readonly name: string
  /** what becomes of the rows, by the flags that are given */
  readonly outcome: 'refused' | 'left out' | 'kept'
  readonly row: number
  readonly input: Input
}

export const FORMATS = ['csv', 'jsonl', 'parquet', 'sqlite', 'arrow'] as const
export type Format = (typeof FORMATS)[number]

/** The case of a number: formats take turns, every third file has its bytes bent. */
export async function caseOf(seed: number, number: number, writers: Writers): Promise<Case> {
  const chance = new Chance(seed, number)
  const format = FORMATS[number % FORMATS.length]!
  return Math.floor(number / FORMATS.length) % 3 === 2 ? bentCase(format, chance, writers) : writtenCase(format, chance, writers)
}

// ---- tables

interface Made {
  readonly table: Table
  readonly rows: Row[]
  readonly input: Input
  readonly told: string[]
  readonly timeKind: TimeKind | null
  readonly weightKind: WeightKind | null
}

const START = Date.UTC(2019, 0, 1)

/** @param plain whether only values are made that a bent text's oracle knows */
function tableOf(chance: Chance, format: Format, plain: boolean): Made {
  const rows = chance.below(30) === 0 ? 2049 + chance.below(300) : 4 + chance.below(40)
  const idKinds = plain ? ID_KINDS.slice(0, 8) : chance.below(4) === 0 && format !== 'arrow' ? QUOTED_ID_KINDS : ID_KINDS
  const [userKind, itemKind] = [chance.pick(idKinds), chance.pick(idKinds)]
  const plainTime = chance.below(2) === 0 ? 'seconds' : 'ISO with Z'
  const timeKind = plain ? TIME_KINDS.find(({ name }) => name === plainTime)! : chance.below(4) > 0 ? chance.pick(TIME_KINDS) : null
  const weightKind = plain ? (chance.below(2) === 0 ? WEIGHT_KINDS[1]! : null) : chance.below(2) === 0 ? chance.pick(WEIGHT_KINDS) : null
  const hasEvents = !plain && chance.below(3) === 0
  const step = timeKind?.step ?? 1
  const seconds = plain || step > 1000 ? Math.max(step, 1000) : step
  const times = Array.from({ length: rows }, (_, k) => START + k * 7_300_000 + seconds * chance.below(1000)).map(
    (ms) => ms - (ms % seconds),
  )
  // days behind the twelfth tell the order of day and month, whichever cell is wrong
  if (timeKind?.days === true) [times[0], times[1]] = [Date.UTC(2019, 4, 25), Date.UTC(2019, 4, 26)]
  const users = Array.from({ length: rows }, () => userKind.id(chance.below(Math.max(2, rows / 4))))
  const items = Array.from({ length: rows }, () => itemKind.id(chance.below(Math.max(3, rows / 2))))
  const weights = Array.from({ length: rows }, () => chance.below(10_000))
  const events = Array.from({ length: rows }, (_, k) => EVENTS[k < 2 ? k : chance.below(EVENTS.length)]!)
  const odd = chance.below(3) === 0
  const free = shuffled(ODD_NAMES, chance)
  const nameOf = (role: keyof typeof KNOWN_NAMES): string => (odd ? free.pop()! : chance.pick(KNOWN_NAMES[role]))
  const columns: Column[] = [
    { role: 'user', name: nameOf('user'), cells: [...users], numbers: [] },
    { role: 'item', name: nameOf('item'), cells: [...items], numbers: [] },
  ]
  if (timeKind !== null) columns.push({ role: 'time', name: nameOf('time'), cells: times.map((ms) => timeKind.text(ms)), numbers: times })
  if (weightKind !== null)
    columns.push({
      role: 'weight',
      name: nameOf('weight'),
      cells: weights.map((k) => weightKind.text(k)),
      numbers: weights.map((k) => weightKind.value(k)),
    })
  if (hasEvents) columns.push({ role: 'event', name: nameOf('event'), cells: [...events], numbers: [] })
  // values of a column that is nothing may look like a role's
  const guessed = !odd && !plain && chance.below(2) === 0
  for (let left = guessed && columns.length < 5 ? 0 : chance.below(3); left > 0; left--) {
    const cells = chance.pick(OTHER_CELLS)
    columns.push({ role: null, name: free.pop()!, cells: Array.from({ length: rows }, (_, k) => cells(k)), numbers: [] })
  }
  const roles = (['user', 'item', 'time', 'weight', 'event'] as const).map((role): [string, string] => [
    role,
    columns.find((column) => column.role === role)?.name ?? 'none',
  ])
  return {
    table: { columns: shuffled(columns, chance), rows },
    // floating ones are the whole numbers they are
    rows: users.map((user, k) => ({
      user: userKind.name === 'whole floats' ? user.slice(0, -2) : user,
      item: itemKind.name === 'whole floats' ? items[k]!.slice(0, -2) : items[k]!,
      time: timeKind === null ? null : (times[k]! - (times[k]! % step)) / 1000,
      weight: weightKind === null ? null : weightKind.value(weights[k]!),
      event: hasEvents ? events[k]! : null,
    })),
    input: { ...(!guessed && { map: joinPairs(roles) }), ...(weightKind?.decimal !== undefined && { decimal: weightKind.decimal }) },
    told: [
      `${rows} rows`,
      `users: ${userKind.name}`,
      `items: ${itemKind.name}`,
      `time: ${timeKind?.name ?? 'none'}`,
      `weight: ${weightKind?.name ?? 'none'}`,
      odd ? 'odd names' : guessed ? 'roles guessed' : '',
    ],
    timeKind,
    weightKind,
  }
}

// ---- faults

const cellOf = (table: Table, role: Column['role'], row: number, cell: string | null): boolean => {
  const column = table.columns.find((found) => found.role === role)
  if (column !== undefined) column.cells[row] = cell
  return column !== undefined
}

/** One cell that is wrong, and what the flags make of it. @returns null where the table has no such column */
function faulty(made: Made, chance: Chance): Fault | null {
  const row = chance.below(made.table.rows)
  const skip = chance.below(2) === 0
  const side = chance.pick(['user', 'item'] as const)
  const skipped: Pick<Fault, 'outcome' | 'row' | 'input'> = {
    row,
    outcome: skip ? 'left out' : 'refused',
    input: skip ? { badRows: 'skip' } : {},
  }
  switch (chance.below(5)) {
    case 0: {
      const word = chance.pick(['', null, 'NULL', 'nan', '\\N', 'None', ' ', 'NA'])
      cellOf(made.table, side, row, word)
      const missingIds = chance.pick(['fail', 'drop', 'keep'] as const)
      const isEmpty = word === null || word.trim() === ''
      const outcome = missingIds === 'drop' ? 'left out' : missingIds === 'keep' && !isEmpty ? 'kept' : 'refused'
      if (outcome === 'kept') made.rows[row] = { ...made.rows[row]!, [side]: word }
      return { name: `${side} id ${JSON.stringify(word)}, ${missingIds}`, outcome, row, input: { missingIds } }
    }
    case 1: {
      const cell = chance.pick(['', 'inf', '-Infinity', 'NaN', 'n/a', 'x', '1.2.3', '--5', null])
      return cellOf(made.table, 'weight', row, cell) ? { name: `weight ${JSON.stringify(cell)}`, ...skipped } : null
    }
    case 2: {
      const cell = chance.pick(['', 'yesterday', '2024-02-30', '31/31/2024', '99:99', 'NaN', 'inf', '1e400', null])
      return cellOf(made.table, 'time', row, cell) ? { name: `time ${JSON.stringify(cell)}`, ...skipped } : null
    }
    case 3: {
      const unit = { seconds: '1546300800000', milliseconds: '1546300800', microseconds: '1546300800000' }[made.timeKind?.name ?? '']
      return unit !== undefined && cellOf(made.table, 'time', row, unit) ? { name: 'mixed epochs', ...skipped } : null
    }
    default:
      return null
  }
}

function afterFault(rows: readonly Row[], fault: Fault | null): Case['expected'] {
  if (fault === null || fault.outcome === 'kept') return rows
  return fault.outcome === 'refused' ? fault.name : rows.filter((_, k) => k !== fault.row)
}

// ---- cases

async function writtenCase(format: Format, chance: Chance, writers: Writers): Promise<Case> {
  const made = tableOf(chance, format, false)
  const fault = chance.below(3) === 0 ? faulty(made, chance) : null
  const text = format === 'csv' || format === 'jsonl'
  const written = text
    ? writeText(format, made.table, made.rows, chance)
    : await writeTyped(format, { table: made.table, rows: made.rows, fault: fault !== null, hasZone: false }, chance, writers)
  const packing = text ? chance.below(8) : 2
  const bytes = packing === 0 ? gzipSync(written.bytes) : packing === 1 ? zstdCompressSync(written.bytes) : written.bytes
  const rows = written.rows
  const map = written.map ?? made.input.map
  return {
    file: `events.${format === 'arrow' ? 'feather' : format}${packing === 0 ? '.gz' : packing === 1 ? '.zst' : ''}`,
    bytes,
    // a file that is wrong as a whole is refused, which leaving rows out would hide
    input: { ...made.input, ...(written.refused === undefined && fault?.input), ...written.input, ...(map !== undefined && { map }) },
    expected: written.refused ?? afterFault(rows, fault),
    told: [format, ...made.told, ...written.told, fault === null ? '' : `fault: ${fault.name} in row ${fault.row + 1}`]
      .filter((part) => part !== '')
      .join('; '),
  }
}

async function bentCase(format: Format, chance: Chance, writers: Writers): Promise<Case> {
  const made = tableOf(chance, format, true)
  const file = `events.${format === 'arrow' ? 'feather' : format}`
  if (format === 'parquet' || format === 'sqlite' || format === 'arrow') {
    const written = await writeTyped(format, { table: made.table, rows: made.rows, fault: false, hasZone: false }, chance, writers)
    // a file that lacks its end is none of these, whatever is left; what else is bent no reader can tell
    const cut = chance.below(4) === 0 && format !== 'arrow'
    const bytes = cut ? written.bytes.subarray(0, chance.below(written.bytes.length)) : mutated(written.bytes, chance)
    return { file, bytes, input: made.input, expected: cut ? 'cut off' : null, told: [format, cut ? 'cut off' : 'bent'].join('; ') }
  }
  const nameOf = (role: Column['role']): string | null => made.table.columns.find((column) => column.role === role)?.name ?? null
  const delimiter = chance.pick([',', ';', '\t', '|'])
  const meant: Meant = {
    delimiter,
    quote: '"',
    columns: { user: nameOf('user')!, item: nameOf('item')!, time: nameOf('time'), weight: nameOf('weight') },
    time: made.timeKind?.name === 'seconds' ? epochSeconds : isoInstant,
  }
  const bytes = mutated(plainText(format, made.table, delimiter), chance)
  const form = made.timeKind?.name === 'seconds' ? 'seconds' : 'ISO date with offset'
  const said: Input = {
    ...made.input,
    encoding: 'utf-8',
    dateFormat: form,
    decimal: 'point',
    ...(format === 'csv' && { header: 'yes', delimiter, quote: '"', comment: 'none' }),
  }
  return { file, bytes, input: said, expected: oracleOf(format, bytes, meant), told: [format, 'bent', ...made.told].join('; ') }
}

function oracleOf(format: 'csv' | 'jsonl', bytes: Buffer, meant: Meant): Case['expected'] {
  try {
    return format === 'csv' ? readDelimited(bytes, meant) : readJsonObjects(bytes, meant)
  } catch (error) {
    if (error instanceof Unreadable) return error.message
    throw error
  }
}

/** The plainest writing there is. */
function plainText(format: 'csv' | 'jsonl', { columns, rows }: Table, delimiter: string): Buffer {
  const lines = Array.from({ length: rows }, (_, k) =>
    format === 'csv'
      ? columns.map(({ cells }) => quoted(cells[k]!, delimiter, false)).join(delimiter)
      : JSON.stringify(Object.fromEntries(columns.map(({ name, cells }) => [name, cells[k]!]))),
  )
  const header = format === 'csv' ? [columns.map(({ name }) => quoted(name, delimiter, false)).join(delimiter)] : []
  return Buffer.from(`${[...header, ...lines].join('\n')}\n`)
}
