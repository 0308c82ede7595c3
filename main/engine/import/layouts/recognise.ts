/**
 * Which public layout some tables are in, by what is in them. Every table that a layout needs must be there; of several layouts that fit, the
 * one that explains most columns is taken.
 */
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { FileRole } from '../../../contract/shapes/inspection.ts'
import { LAYOUT_NAMES, type LayoutName } from '../../../contract/layouts.ts'
import { splitTable } from '../../files/path-guard.ts'
import { headOf } from '../containers/kinds.ts'
import { openTable } from '../parts.ts'
import type { SourceContext } from '../relation.ts'
import { unpackSource } from '../sources.ts'
import { globOf, isParts, partsOf } from '../tables.ts'
import type { Layout, LayoutTable, Reading, TableLook } from './layout.ts'
import { hasCells, headerOf } from './match.ts'
import { LAYOUTS } from './table.ts'

const HEAD = 256 * 1024
const MAX_LINES = 200

/** A table that is there, and what a person says it is. */
export interface GivenTable {
  readonly path: string
  readonly role: FileRole | null
}

export interface FoundTable {
  /** a pattern where several tables are one */
  readonly path: string
  readonly paths: readonly string[]
  readonly reading: Reading
}

export interface FoundLayout {
  readonly name: LayoutName
  readonly tables: Readonly<Partial<Record<FileRole, FoundTable>>>
  /** tables that are written as its interactions are, of which one is taken */
  readonly alike: readonly string[]
}

/** What a table looks like, from its first bytes where it is text. */
export async function* lookAt(path: string, context: SourceContext): Stage<TableLook> {
  const file = isParts(path) ? partsOf(path, context.guard).find((part) => statSync(part.path).size > 0)?.path : path
  const { plain } = yield* unpackSource(file ?? path, context)
  const bytes = isParts(path)
    ? partsOf(path, context.guard).reduce((sum, part) => sum + statSync(part.path).size, 0)
    : statSync(splitTable(path)[0]).size
  if (plain.content === 'text') return { path, bytes, lines: headLines(plain.path), columns: [] }
  if (plain.content === 'json') {
    const columns = jsonKeys(headLines(plain.path))
    if (columns !== null) return { path, bytes, lines: [], columns }
  }
  const relation = yield* openTable({ path }, context)
  return { path, bytes: relation.file.bytes, lines: [], columns: relation.columns.map(({ name }) => name) }
}

function headLines(path: string): string[] {
  const head = headOf(path, HEAD)
  const lines = decode(head).split(/\r?\n/)
  // the last line may be cut
  if (head.length === HEAD) lines.pop()
  return lines.filter((line) => line.trim() !== '').slice(0, MAX_LINES)
}

function decode(bytes: Buffer): string {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(wide).decode(bytes).replace(/^\uFEFF/, '')
}

/** The keys of JSON Lines; null where the lines are none. */
function jsonKeys(lines: readonly string[]): string[] | null {
  const keys = new Set<string>()
  for (const line of lines.slice(0, 50)) {
    try {
      const value = JSON.parse(line) as unknown
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
      for (const key of Object.keys(value)) keys.add(key)
    } catch {
      return null
    }
  }
  return keys.size === 0 ? null : [...keys]
}

type Given = GivenTable & { readonly look: TableLook }

/** The layout that tables are in, or null. @param only the layout that a person named */
export function recogniseLayout(
  given: readonly Given[],
  input: { readonly split: string | undefined },
  only?: LayoutName,
): FoundLayout | null {
  const found = LAYOUT_NAMES.filter((name) => only === undefined || name === only || name.startsWith(`${only}-`)).flatMap((name) => {
    const fit = fitOf(LAYOUTS[name], given, input)
    return fit === null ? [] : [{ name, ...fit }]
  })
  return found.toSorted((a, b) => b.score - a.score)[0] ?? null
}

function fitOf(
  layout: Layout,
  given: readonly Given[],
  input: { readonly split: string | undefined },
): { readonly score: number; readonly tables: FoundLayout['tables']; readonly alike: readonly string[] } | null {
  const tables: Partial<Record<FileRole, FoundTable>> = {}
  const used = new Set<string>()
  let score = 0
  let alike: string[] = []
  for (const table of layout.tables) {
    const fits = given
      .flatMap((candidate) => {
        if (used.has(candidate.path) || (candidate.role !== null && candidate.role !== table.role)) return []
        const reading = readingOf(table, candidate.look, input)
        return reading === null ? [] : [{ candidate, reading, called: table.called?.test(basename(candidate.path)) === true }]
      })
      .toSorted(
        (a, b) =>
          Number(b.candidate.role !== null) - Number(a.candidate.role !== null) ||
          Number(b.called) - Number(a.called) ||
          b.candidate.look.bytes - a.candidate.look.bytes,
      )
    const [best] = fits
    if (best === undefined) {
      if (table.optional === true) continue
      return null
    }
    const paths = (table.many === true ? fits : [best]).map(({ candidate }) => candidate.path)
    for (const path of paths) used.add(path)
    tables[table.role] = together(paths, best.reading)
    if (table.role === 'interactions') alike = fits.map(({ candidate }) => candidate.path)
    score += weightOf(table)
  }
  // held-out interactions that a person names are written as the others
  const held = given.find(({ role, path }) => role === 'test' && !used.has(path))
  const reading = held === undefined ? null : interactionsReading(layout, held.look, input)
  if (tables.test === undefined && reading !== null) tables.test = { path: held!.path, paths: [held!.path], reading }
  return { score, tables, alike: alike.filter((path) => !used.has(path)) }
}

/** Several tables as one: files by a pattern, entries of an archive, which no pattern can name, one after the other. */
function together(paths: readonly string[], reading: Reading): FoundTable {
  const [first, ...others] = paths
  if (others.length === 0) return { path: first!, paths, reading }
  if (paths.every((path) => splitTable(path)[1] === undefined)) return { path: globOf(paths), paths, reading }
  const { query: _, kinds: __, ...plain } = reading
  return { path: first!, paths, reading: { ...reading, more: others.map((path) => ({ ...plain, path })) } }
}

/** How a table is read that is written as a layout's interactions; null where it is not. */
export function interactionsReading(layout: Layout, look: TableLook, input: { readonly split: string | undefined }): Reading | null {
  const table = layout.tables.find(({ role }) => role === 'interactions')
  return table === undefined ? null : readingOf(table, look, input)
}

const weightOf = ({ columns, cells }: LayoutTable): number => columns?.length ?? cells?.length ?? 2

function readingOf(table: LayoutTable, look: TableLook, input: { readonly split: string | undefined }): Reading | null {
  const reading = typeof table.reading === 'function' ? table.reading(input) : (table.reading ?? {})
  const found =
    table.match !== undefined ? table.match(look) : table.cells !== undefined ? (hasCells(table, look) ? {} : null) : headerOf(table, look)
  return found === null ? null : { ...found, ...reading }
}
