/**
 * The options of an import that are lists of pairs, `user=COL,item=COL`: written by pages, read by the engine. A part that holds a
 * comma, an equals sign or a quote is written in double quotes, with quotes within doubled, so that every column name survives.
 */

import { fromShellWord, shellWord } from './shell-word.ts'

/** Encodings of text; gb18030 is GBK and GB2312 too. */
export const ENCODINGS = [
  'auto',
  'utf-8',
  'latin-1',
  'utf-16',
  'gb18030',
  'big5',
  'shift-jis',
  'euc-jp',
  'euc-kr',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-874',
  'iso-8859-2',
  'iso-8859-15',
  'koi8-r',
] as const

/** One part of a list: as written, and as a pair, null where it is none. */
export interface PairPart {
  readonly text: string
  readonly pair: [string, string] | null
}

const LEFT = /\s*("(?:[^"]|"")*"|[^=,"][^=,]*|)\s*/y
/** the first = divides a pair */
const RIGHT = /\s*("(?:[^"]|"")*"|[^,"][^,]*|)\s*/y

/** Splits a list into its parts; empty parts are skipped. */
export function splitPairs(list: string): PairPart[] {
  const parts: PairPart[] = []
  let at = 0
  const atom = (form: RegExp): string => {
    form.lastIndex = at
    const match = form.exec(list)
    if (match !== null) at = form.lastIndex
    return unquote((match?.[1] ?? '').trim())
  }
  while (at < list.length) {
    const start = at
    const left = atom(LEFT)
    const hasEquals = list[at] === '='
    if (hasEquals) at++
    const right = hasEquals ? atom(RIGHT) : ''
    const clean = at >= list.length || list[at] === ','
    // what follows a quoted part up to the next comma makes it no pair
    if (!clean) at = nextComma(list, at)
    const text = list.slice(start, at).trim()
    at++
    if (text !== '') parts.push({ text, pair: clean && left !== '' && right !== '' ? [left, right] : null })
  }
  return parts
}

/** The inverse of {@link splitPairs}. */
export function joinPairs(pairs: Iterable<readonly [string, string]>): string {
  return [...pairs].map(([left, right]) => `${quote(left)}=${quote(right)}`).join(',')
}

/** Names in a list, `buy,"add, twice"`. */
export const splitNames = (list: string): string[] => splitPairs(list).map(({ text }) => unquote(text))

/** The inverse of {@link splitNames}. */
export const joinNames = (names: readonly string[]): string => names.map(quote).join(',')

/** Columns that describe somebody, as `--item-columns` takes them: no column is said too, and one may be called as that is said. */
export const joinDescribing = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.length === 1 && /^(none|auto)$/i.test(names[0]!.trim()) ? `"${names[0]!}"` : joinNames(names)

/** The inverse of {@link joinDescribing}. */
export const splitDescribing = (list: string): string[] => (/^\s*none\s*$/i.test(list) ? [] : [...new Set(splitNames(list))])

/** An option with a pair, as it is offered to be typed: `--map 'item="what, thing"'`. */
export const pairOption = (option: string, left: string, right: string): string => `--${option} ${shellWord(joinPairs([[left, right]]))}`

/** An option with a name, as it is offered to be typed. */
export const nameOption = (option: string, name: string): string => `--${option} ${shellWord(joinNames([name]))}`

/** An option with several names, in quotes: their comma parts no sentence. */
export const namesOption = (option: string, names: readonly string[]): string =>
  names.length === 1 ? nameOption(option, names[0]!) : `--${option} '${joinNames(names).replaceAll("'", `'\\''`)}'`

/** The names of an option that a text offers; null where it offers none. */
export function offeredNames(option: string, text: string): string[] | null {
  const word = new RegExp(`--${option} ('(?:[^']|'\\\\'')*'|\\S+)`).exec(text)?.[1]
  return word === undefined ? null : splitNames(fromShellWord(word))
}

/** What a sign of text files is: of all files, and of some by their names. */
export interface FileSigns {
  /** null: found out */
  readonly all: string | null
  readonly files: readonly (readonly [file: string, sign: string])[]
}

/** Signs that mean something in a list themselves, by the words for them. */
const SIGN_WORDS: Readonly<Record<string, string>> = { ',': 'comma', '=': 'equals', '"': 'double' }

/** `;` of all files, `items.csv=tab` of one, or both: `;,items.csv=tab`. */
export function parseSigns(typed: string): FileSigns {
  const parts = typed.length < 3 ? [] : splitPairs(typed)
  const files = parts.flatMap(({ pair }) => (pair === null ? [] : [pair]))
  return files.length === 0 ? { all: typed, files } : { all: parts.find(({ pair }) => pair === null)?.text ?? null, files }
}

/** The inverse of {@link parseSigns}; undefined where nothing is said. */
export function joinSigns({ all, files }: FileSigns): string | undefined {
  if (files.length === 0) return all ?? undefined
  const word = (sign: string): string => SIGN_WORDS[sign] ?? sign
  return [...(all === null ? [] : [word(all)]), joinPairs(files.map(([file, sign]) => [file, word(sign)]))].join(',')
}

function nextComma(list: string, from: number): number {
  const comma = list.indexOf(',', from)
  return comma < 0 ? list.length : comma
}

function quote(part: string): string {
  return /[,="]/.test(part) || part !== part.trim() ? `"${part.replaceAll('"', '""')}"` : part
}

function unquote(part: string): string {
  return /^".*"$/s.test(part) && part.length >= 2 ? part.slice(1, -1).replaceAll('""', '"') : part
}
