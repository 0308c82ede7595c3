/**
 * Imports that are made again: the options of an import as a recipe, kept in its dataset, and the options of another that follows it with other
 * files, or with further ones.
 */
import { existsSync, statSync } from 'node:fs'
import { badInput } from '../../contract/errors.ts'
import { joinDescribing, joinPairs } from '../../contract/import-options.ts'
import type { DatasetManifest, KindsBefore } from '../../contract/shapes/dataset.ts'
import type { Finding } from '../../contract/shapes/finding.ts'
import type { FileInspection, InspectedFile } from '../../contract/shapes/inspection.ts'
import { importInput, type ImportInput } from '../../contract/verbs/datasets.ts'
import { splitTable } from '../files/path-guard.ts'
import type { ImportContext } from './import-context.ts'

import { parseMap, type InteractionColumns } from './roles.ts'

/** What is of one import alone. */
const OWN = ['name', 'replace', 'sample', 'like'] as const
const SOURCES = ['path', 'interactions', 'users', 'items', 'test', 'also'] as const

/** Options of columns of the interactions that describe a side. */
const DESCRIBING = { user: 'userColumns', item: 'itemColumns' } as const

type Options = Readonly<Record<string, unknown>>

const usual: Options = importInput.partial({ name: true }).parse({})
const isUsual = (option: string, value: unknown): boolean => JSON.stringify(value) === JSON.stringify(usual[option])

/** The options that an import was given, with the columns that it found for itself; null for what was generated. */
export function recipeOf(
  { options, plan, idColumns }: ImportContext,
  columns: InteractionColumns,
  described: Readonly<Record<'user' | 'item', readonly string[] | null>>,
): Options | null {
  if (options.sample) return null
  const known = new Set(Object.keys(importInput.shape))
  const given = Object.entries(options).filter(
    ([option, value]) => known.has(option) && !OWN.some((own) => own === option) && value !== undefined && !isUsual(option, value),
  )
  const of = (side: 'user' | 'item'): Options => (described[side] === null ? {} : { [DESCRIBING[side]]: joinDescribing(described[side]) })
  const found = plan.format === 'table' ? { map: mapOf({ ...columns, ...idColumns }, options), ...of('item'), ...of('user') } : {}
  return { ...Object.fromEntries(given), format: plan.format, ...found }
}

function mapOf(columns: Readonly<Record<string, string | null | undefined>>, { map, positiveWeight, also }: ImportInput): string {
  // an event that a rating or a file's name makes is no column
  const made = positiveWeight !== undefined || also !== undefined ? ['event'] : []
  const found = Object.entries(columns).flatMap(([role, column]) =>
    column === undefined || made.includes(role) ? [] : [[role, column ?? 'none'] as const],
  )
  return joinPairs(Object.entries({ ...Object.fromEntries(found), ...parseMap(map) }))
}

/**
 * The options of an import like that of a dataset: what is said anew stands, the rest is as it was.
 * @throws PylonError bad-input where the dataset has no recipe, or `append` lacks a file that it was imported from as it was
 */
export function optionsLike<T extends Partial<ImportInput>>(input: T, { name, recipe, source }: DatasetManifest): T {
  if (recipe === undefined)
    throw badInput(
      `Dataset ${name} does not say how it was imported: it was generated, carried by a bundle, or made by an older version.`,
      '--like',
    )
  const options: Options = input
  const said: Options = Object.fromEntries(
    Object.entries(options).filter(([option, value]) => value !== undefined && !isUsual(option, value)),
  )
  const elsewhere = SOURCES.some((option) => said[option] !== undefined)
  const append = input.append ?? []
  if (elsewhere && append.length > 0) throw badInput('Append to the files of the dataset, or import others: give one of them.', '--append')
  if (!elsewhere && append.length === 0) throw badInput('Say which files: --append FILE, or --path for others.', '--like')
  if (!elsewhere)
    for (const { path, bytes } of source.files) {
      const [file] = splitTable(path)
      if (!existsSync(file) || (!path.includes('#') && statSync(file).size !== bytes))
        throw badInput(
          `${path}, from which ${name} was imported, is ${existsSync(file) ? 'another by now' : 'not there any more'}: put it back, or import all files anew with --path.`,
          '--append',
        )
    }
  const kept = Object.fromEntries(
    Object.entries({ ...recipe, ...describingLike(recipe, said) }).filter(
      ([option]) => !elsewhere || ![...SOURCES, 'append'].some((own) => own === option),
    ),
  )
  const earlier = Array.isArray(recipe['append']) ? (recipe['append'] as string[]) : []
  return { ...input, ...kept, ...said, ...(!elsewhere && { append: [...earlier, ...append] }), like: name }
}

/** Columns describe whom they did: of older datasets nobody, and nobody who has a table now. */
function describingLike(recipe: Options, said: Options): Options {
  if (recipe['format'] !== 'table') return {}
  const of = (side: 'user' | 'item'): unknown => (said[`${side}s`] === undefined ? (recipe[DESCRIBING[side]] ?? 'none') : 'none')
  return { userColumns: of('user'), itemColumns: of('item') }
}

/** The kinds that the columns of a dataset have. */
export function kindsOf({ userColumns, itemColumns }: DatasetManifest): KindsBefore {
  const of = (columns: DatasetManifest['itemColumns']): KindsBefore['item'] =>
    Object.fromEntries(columns.map(({ name, kind }) => [name, kind]))
  return { user: of(userColumns), item: of(itemColumns) }
}

/** What an import like that of a dataset would make of other files: what is added, and columns that are missing or new. */
export function againFindings({ files, counts, findings }: FileInspection, before: DatasetManifest, isAppended: boolean): Finding[] {
  const again: Finding[] = []
  const { profile, preparation } = before
  if (isAppended && counts !== null) {
    const first = preparation?.[0]
    const had = (what: 'interactions' | 'users' | 'items', kept: number): number =>
      first === undefined ? kept : first.left[what] + first.removed[what]
    again.push({
      code: 'again-added',
      values: {
        dataset: before.name,
        n: counts.interactions - had('interactions', before.interactions),
        users: counts.users - had('users', profile.users - profile.usersWithoutInteractions),
        items: counts.items - had('items', profile.items - profile.itemsWithoutInteractions),
      },
    })
  }
  for (const [role, side, columns] of [
    ['users', 'user', before.userColumns],
    ['items', 'item', before.itemColumns],
  ] as const) {
    const table = files.find((candidate) => candidate.role === role)
    const file = table ?? files.find((candidate) => candidate.role === 'interactions' && candidate.also !== true)
    const isOf = ({ role: own, describes }: InspectedFile['columns'][number]): boolean =>
      table === undefined ? describes === side : own !== 'userId' && own !== 'itemId'
    const names = file?.columns.filter(isOf).map(({ name }) => name) ?? []
    const missing = columns.filter(({ name }) => !names.includes(name)).map(({ name }) => name)
    const added = columns.length === 0 ? [] : names.filter((name) => !columns.some((column) => column.name === name))
    const values = { dataset: before.name, file: file?.shown ?? role }
    if (missing.length > 0) again.push({ code: 'again-columns-missing', values: { ...values, columns: missing.join(', ') } })
    if (added.length > 0) again.push({ code: 'again-columns-new', values: { ...values, columns: added.join(', ') } })
  }
  return [...again, ...findings]
}
