/** How numbers and times are written, where a person says so: `--decimal`, `--date-format`; and what to say where nothing tells. */
import { badData, badInput, type PylonError } from '../../contract/errors.ts'
import { splitPairs } from '../../contract/import-options.ts'
import type { DecimalMark, NumberForm } from '../dataset/cells/numbers.ts'
import type { TimeForm } from '../dataset/cells/time-form.ts'
import { TIME_WORDS, timeFormsSaid } from '../dataset/cells/times.ts'
import type { Duck } from '../dataset/duck.ts'
import { explainedBy, type Relation } from './relation.ts'

/** Forms of times by column, and those of all others. */
export interface DateFormats {
  readonly all: readonly TimeForm[] | null
  readonly byColumn: ReadonlyMap<string, readonly TimeForm[]>
}

/** `dmy`, or `dmy,born=YYYY-MM`. @throws PylonError bad-input */
export function parseDateFormats(typed: string | undefined): DateFormats {
  const byColumn = new Map<string, readonly TimeForm[]>()
  let all: readonly TimeForm[] | null = null
  // a form may hold a comma, a list of columns not
  const whole = typed === undefined ? null : timeFormsSaid(typed)
  if (whole !== null) return { all: whole, byColumn }
  for (const { text, pair } of splitPairs(typed ?? '')) {
    const forms = timeFormsSaid(pair?.[1] ?? text)
    if (forms === null) throw badInput(`"${pair?.[1] ?? text}" is no form of times that is known; say ${TIME_WORDS}.`, '--date-format')
    if (pair === null) all = forms
    else byColumn.set(pair[0].toLowerCase(), forms)
  }
  return { all, byColumn }
}

export const dateFormatOf = ({ all, byColumn }: DateFormats, column: string): readonly TimeForm[] | null =>
  byColumn.get(column.toLowerCase()) ?? all

export const decimalSaid = (decimal: DecimalMark | 'auto'): DecimalMark | null => (decimal === 'auto' ? null : decimal)

/** @param cell one that two forms read differently */
export function doubtfulNumber(place: string, cell: string, form: NumberForm): string {
  return `${place}: "${cell}" is taken as ${form.parse(cell)}, as no cell tells what its comma parts; --decimal comma reads decimals behind it.`
}

/** A column of times, and where its cells are. */
export interface TimeCells {
  readonly relation: Relation
  readonly column: string
  /** SQL of a cell as text, and of its row from 0 */
  readonly cell: string
  readonly row: string
  readonly from: string
  readonly samples: readonly string[]
}

/**
 * What to say of a column that two forms read as well as each other, in different ways: rows that only one of them reads are named.
 * @param forms that read as many cells as each other
 */
export async function undecidedTimes(duck: Duck, cells: TimeCells, forms: readonly TimeForm[]): Promise<PylonError> {
  const { relation, column, samples } = cells
  const [one, two] = forms
  const named = (form: TimeForm): string => form.name.replace(/^date as |^epoch /, '')
  const first = await firstOnly(duck, cells, one!, two!)
  const second = await firstOnly(duck, cells, two!, one!)
  if (first !== null && second !== null) {
    const [earlier, later] = first.row < second.row ? [first, second] : [second, first]
    const [form, other] = earlier === first ? [one!, two!] : [two!, one!]
    return badData(
      `This column is written in two ways: "${earlier.cell}" is ${named(form)} alone, "${later.cell}" (${relation.place(later.row)}) ${named(other)} alone. Write it in one, or say which with --date-format: rows of the other are then refused, or left out with --bad-rows skip.`,
      relation.place(earlier.row, column),
    )
  }
  const place = `${relation.shown} column "${column}"`
  const cell = samples.find((sample) => one!.parse(sample) !== two!.parse(sample)) ?? samples[0]!
  const readings = forms.map((form) => `${new Date(form.parse(cell)! * 1000).toISOString().slice(0, 10)} as ${named(form)}`)
  const [what, say] = /^epoch/.test(one!.name)
    ? ['what its numbers count', forms.map(named).join(' or ')]
    : ['day from month', 'dmy, mdy or ymd']
  return badData(`Nothing in this column tells ${what}: "${cell}" is ${readings.join(' and ')}. Say it with --date-format ${say}.`, place)
}

/** The first cell that one form reads and another does not; null where there is none. */
async function firstOnly(
  duck: Duck,
  { relation, cell, row, from }: TimeCells,
  form: TimeForm,
  other: TimeForm,
): Promise<{ row: number; cell: string } | null> {
  const found = await duck
    .one(
      `SELECT min(n) AS n, arg_min(cell, n) AS cell FROM (SELECT ${row} AS n, ${cell} AS cell, ${form.sql(cell)} AS a, ${other.sql(cell)} AS b FROM ${from}) WHERE a IS NOT NULL AND b IS NULL`,
    )
    .catch(explainedBy(relation))
  return found['n'] === null ? null : { row: Number(found['n']), cell: String(found['cell']) }
}
