/**
 * A plain table of metrics: long (a row a point: run, step, metric, value) or wide (a column a metric). Cells are numbers as they stand; a
 * point that is there twice has no order in a table, so it is refused and not chosen from.
 */
import { basename } from 'node:path'
import { listNames } from '../../../contract/did-you-mean.ts'
import { badData, badInput } from '../../../contract/errors.ts'
import { splitPairs } from '../../../contract/import-options.ts'
import type { TrackedRunRead, TrackedSourceRead } from '../../../contract/shapes/tracked.ts'
import { scanFile, type Dialect } from '../delimited-records.ts'
import { CurveBuilder, builderOf, finishAll } from './curve-builder.ts'

/** What a column may be, and how tables call it. */
const ROLES = {
  run: ['run', 'run_id', 'run_uuid', 'run_name', 'name', 'trial', 'experiment'],
  step: ['step', 'epoch', 'iteration', 'iter', 'global_step', '_step'],
  metric: ['metric', 'key', 'tag'],
  value: ['value'],
} as const
type Role = keyof typeof ROLES
const NAMES = Object.keys(ROLES) as Role[]
/** Texts that say that there is no number, as a run that diverged writes them. */
const NO_NUMBER = new Map([...['nan', '-nan', 'none', 'null'].map((text) => [text, NaN] as const), ['inf', Infinity], ['-inf', -Infinity]])

interface Table {
  readonly path: string
  readonly dialect: Dialect
  readonly header: readonly string[]
  /** column of each role; -1: none */
  readonly at: Readonly<Record<Role, number>>
}

/** @param map `run=trial`: what columns are called that are not found by their names */
export function readCsv(path: string, map: readonly string[]): TrackedSourceRead {
  const table = openTable(path, map)
  const { metric, value } = table.at
  if (metric < 0 !== value < 0)
    throw badData(
      `The column of ${metric < 0 ? 'metrics’ names' : 'values'} is missing beside "${table.header[Math.max(metric, value)]}": name it (--map ${metric < 0 ? 'metric' : 'value'}=COLUMN).`,
      path,
    )
  const { runs, notes } = metric >= 0 ? readLong(table) : readWide(table)
  if (runs.length === 0) throw badData('The table has a header and no rows.', path)
  return { kind: 'csv', version: metric >= 0 ? 'table, a row a point' : 'table, a column a metric', runs, notes }
}

function openTable(path: string, map: readonly string[]): Table {
  let first = ''
  scanFile(path, { delimiter: '\x1f', quote: '' }, (record) => {
    first = record.text()
    return false
  })
  const delimiter = [',', '\t', ';'].reduce((best, sign) => (first.split(sign).length > first.split(best).length ? sign : best))
  const dialect = { delimiter, quote: '"' }
  let header: string[] = []
  scanFile(path, dialect, (record) => {
    header = record.cells().map((cell) => cell.replace(/^\uFEFF/, '').trim())
    return false
  })
  if (header.every((name) => name === '')) throw badData('The file is empty: its first line has to name the columns.', path)
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined) throw badData(`Two columns are called "${twice}": rename one.`, `${path}:1`)
  return { path, dialect, header, at: rolesOf(header, map, path) }
}

function rolesOf(header: readonly string[], map: readonly string[], path: string): Table['at'] {
  const asked = new Map<string, string>()
  for (const { text, pair } of map.flatMap(splitPairs)) {
    const [role, column] = pair ?? ['', '']
    if (!NAMES.includes(role as Role))
      throw badInput(`"${text}" names no role: ${NAMES.map((name) => `${name}=COLUMN`).join(', ')}.`, 'map')
    if (!header.includes(column)) throw badInput(`${path} has no column "${column}": it has ${listNames(header)}.`, 'map')
    asked.set(role, column)
  }
  const guess = (role: Role): number =>
    ROLES[role].map((name) => header.findIndex((each) => each.toLowerCase() === name)).find((i) => i >= 0 && !isAsked(i)) ?? -1
  const isAsked = (i: number): boolean => [...asked.values()].includes(header[i]!)
  return Object.fromEntries(NAMES.map((role) => [role, asked.has(role) ? header.indexOf(asked.get(role)!) : guess(role)])) as Record<
    Role,
    number
  >
}

/** Rows under the header. @throws PylonError bad-data where one has another number of cells */
function eachRow({ path, dialect, header }: Table, visit: (cells: readonly string[], line: number) => void): void {
  scanFile(path, dialect, (record) => {
    if (record.index === 0) return true
    const fault = record.fault ?? (record.fields === header.length ? null : `${record.fields} cells where the header has ${header.length}`)
    if (fault !== null) throw badData(`${fault}: correct the line.`, `${path}:${record.line}`)
    visit(record.cells(), record.line)
    return true
  })
}

/** Of each run its curves, and the line of each point. */
class Collected {
  readonly runs = new Map<string, Map<string, CurveBuilder>>()
  readonly #lines = new Map<CurveBuilder, Map<number, number>>()
  readonly #path: string
  /** cells that say that there is no number */
  unnumbered = 0

  constructor(path: string) {
    this.#path = path
  }

  add(run: string, metric: string, step: number, value: number, line: number): void {
    const builder = builderOf(this.of(run), metric)
    const lines = this.#lines.get(builder) ?? new Map<number, number>()
    this.#lines.set(builder, lines)
    const before = lines.get(step)
    if (before !== undefined)
      throw badData(
        `"${metric}" of run "${run}" stands twice at step ${step} (line ${before} too): leave one, or name the column of steps (--map step=COLUMN).`,
        `${this.#path}:${line}`,
      )
    lines.set(step, line)
    if (!Number.isFinite(value)) this.unnumbered++
    builder.add(step, value)
  }

  of(run: string): Map<string, CurveBuilder> {
    const found = this.runs.get(run) ?? new Map<string, CurveBuilder>()
    this.runs.set(run, found)
    return found
  }

  notes(): string[] {
    return this.unnumbered === 0
      ? []
      : [`${basename(this.#path)}: ${this.unnumbered} cells say that there is no number (nan, inf); curves have a gap there.`]
  }
}

function readLong(table: Table): { runs: TrackedRunRead[]; notes: string[] } {
  const { path, header, at } = table
  const collected = new Collected(path)
  eachRow(table, (cells, line) => {
    const metric = cells[at.metric]!.trim()
    if (metric === '')
      throw badData('The name of the metric is missing: correct the line.', `${path}:${line} column "${header[at.metric]}"`)
    const value = number(table, cells, at.value, line)
    if (value === null) throw badData('The value is missing: correct the line.', `${path}:${line} column "${header[at.value]}"`)
    collected.add(runOf(table, cells, line), metric, stepOf(table, cells, line), value, line)
  })
  return { runs: finished(path, collected.runs, new Map()), notes: collected.notes() }
}

function readWide(table: Table): { runs: TrackedRunRead[]; notes: string[] } {
  const { path, header, at } = table
  const others = header.flatMap((_, i) => (i === at.run || i === at.step ? [] : [i]))
  // a column with any text in it is a setting, not a metric
  const settings = new Set<number>()
  eachRow(table, (cells) => {
    for (const i of others) if (parse(cells[i]!) === undefined) settings.add(i)
  })
  const metrics = others.filter((i) => !settings.has(i))
  if (metrics.length === 0) throw badData('No column holds numbers alone, so there is no metric.', path)
  const collected = new Collected(path)
  const params = new Map<string, Record<string, string>>()
  eachRow(table, (cells, line) => {
    const [run, step] = [runOf(table, cells, line), stepOf(table, cells, line)]
    collected.of(run)
    for (const i of metrics) {
      const value = number(table, cells, i, line)
      if (value !== null) collected.add(run, header[i]!, step, value, line)
    }
    const texts = [...settings].filter((i) => cells[i]!.trim() !== '').map((i) => [header[i]!, cells[i]!.trim()] as const)
    params.set(run, { ...params.get(run), ...Object.fromEntries(texts) })
  })
  const names = [...settings].map((i) => header[i]!)
  const notes = names.length === 0 ? [] : [`${basename(path)}: ${names.join(', ')} hold texts and are taken as settings.`]
  return { runs: finished(path, collected.runs, params), notes: [...notes, ...collected.notes()] }
}

function finished(
  path: string,
  runs: ReadonlyMap<string, ReadonlyMap<string, CurveBuilder>>,
  params: ReadonlyMap<string, Readonly<Record<string, string>>>,
): TrackedRunRead[] {
  return [...runs].map(([name, builders]) => ({
    name,
    from: `${basename(path)}: ${name}`,
    experiment: null,
    status: null,
    params: params.get(name) ?? {},
    curves: finishAll(builders).curves,
  }))
}

function runOf({ path, header, at }: Table, cells: readonly string[], line: number): string {
  if (at.run < 0) return basename(path).replace(/\.[^.]*$/, '')
  const run = cells[at.run]!.trim()
  if (run === '') throw badData('The name of the run is missing: correct the line.', `${path}:${line} column "${header[at.run]}"`)
  return run
}

/** Without a column of steps all is of step 0. */
function stepOf(table: Table, cells: readonly string[], line: number): number {
  if (table.at.step < 0) return 0
  const step = number(table, cells, table.at.step, line)
  if (step !== null && Number.isFinite(step)) return step
  throw badData('The step is missing: correct the line.', `${table.path}:${line} column "${table.header[table.at.step]}"`)
}

/** Null of an empty cell. @throws PylonError bad-data where it is no number */
function number({ path, header }: Table, cells: readonly string[], at: number, line: number): number | null {
  const value = parse(cells[at]!)
  if (value === undefined) throw badData(`"${cells[at]!.slice(0, 40)}" is no number.`, `${path}:${line} column "${header[at]}"`)
  return value
}

/** Null of an empty cell, undefined of a text. */
function parse(cell: string): number | null | undefined {
  const text = cell.trim()
  if (text === '') return null
  const known = NO_NUMBER.get(text.toLowerCase())
  if (known !== undefined) return known
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined
}
