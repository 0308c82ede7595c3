/**
 * Known layouts of folders, a row a format: how to recognise one, and which files with which columns it is made of. What a format
 * says about columns are defaults that `--map` and `--kinds` still override. MovieLens' `tags.csv` is left out on purpose: a tag is
 * an act of a user at a time, and as a property of the movie it would carry test-time acts into training.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { badInput, notFound } from '../../contract/errors.ts'
import type { ColumnKind } from '../../contract/shapes/dataset.ts'
import type { ImportInput } from '../../contract/verbs.ts'
import { layoutOf } from './dialect.ts'
import { isGzip } from './encoding.ts'
import { wordsOf, type RoleMap } from './roles.ts'
import { readerOf, type Source } from './sources.ts'

export type FormatName = Exclude<ImportInput['format'], 'auto'>

/** Files and what is known of them. */
export interface ImportPlan {
  readonly format: string
  readonly interactions: Source
  readonly test?: Source
  readonly users?: Source
  readonly items?: Source
  /** true where rows are in order of time though there is no time column */
  readonly sequence: boolean
  readonly map: RoleMap
  readonly kinds: Readonly<Record<string, ColumnKind>>
}

interface Format {
  /** names of the files that make the layout, each group with its alternatives; empty: never found by looking */
  readonly needs: readonly (readonly string[])[]
  plan(path: string, input: ImportInput): ImportPlan
}

const GENRES = wordsOf(
  `unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance Sci-Fi
  Thriller War Western`,
)
const YEAR = `TRY_CAST(regexp_extract(title, '\\(([0-9]{4})\\)\\s*$', 1) AS DOUBLE) AS "year"`
const NO_GENRES = `nullif(genres, '(no genres listed)') AS genres`
const MOVIE_KINDS = {
  title: 'text',
  genres: 'tags',
  year: 'number',
  age: 'number',
  gender: 'category',
  occupation: 'category',
  zip: 'category',
} as const
const RATINGS = ['user', 'item', 'rating', 'timestamp']
const plain = { quote: '', header: 'no' } as const

/** Figures about a listing's past: reviews that a split holds out are counted in them. */
const AFTER_THE_FACT =
  /^(number_of_reviews.*|reviews_per_month|(first|last)_review|review_scores_.*|last_scraped|scrape_id|calendar_.*|(has_)?availability.*|estimated_.*)$/

const FORMATS = {
  movielens: {
    needs: [
      ['ratings.csv', 'u.data', 'ratings.dat'],
      ['movies.csv', 'u.item', 'movies.dat'],
    ],
    plan: (folder) => movielens(folder),
  },
  airbnb: {
    needs: [
      ['listings.csv', 'listings.csv.gz'],
      ['reviews.csv', 'reviews.csv.gz'],
    ],
    plan: (folder) => ({
      format: 'airbnb',
      interactions: { path: oneOf(folder, 'reviews.csv', 'reviews.csv.gz'), header: 'yes' },
      items: { path: oneOf(folder, 'listings.csv', 'listings.csv.gz'), header: 'yes' },
      sequence: false,
      map: { user: 'reviewer_id', item: 'listing_id', time: 'date', itemId: 'id', title: 'name' },
      kinds: {},
    }),
  },
  lightgcn: {
    needs: [['train.txt'], ['test.txt']],
    plan: (folder) => ({
      format: 'lightgcn',
      interactions: { path: oneOf(folder, 'train.txt'), reader: 'sequence' },
      test: { path: oneOf(folder, 'test.txt'), reader: 'sequence' },
      sequence: false,
      map: {},
      kinds: {},
    }),
  },
  sequence: {
    needs: [],
    plan: (path, input) => ({
      ...tablePlan('sequence', path, input),
      interactions: { path, reader: 'sequence', encoding: input.encoding },
      sequence: true,
    }),
  },
  table: { needs: [], plan: (path, input) => tablePlan('table', path, input) },
} satisfies Record<FormatName, Format>

/** What the input asks for, with formats recognised. @throws PylonError not-found, bad-input */
export async function planImport(input: ImportInput): Promise<ImportPlan> {
  const path = input.path ?? input.interactions
  if (path === undefined) throw badInput('Say what to import: --path FOLDER, --interactions FILE or --sample.', '--path')
  if (input.path !== undefined && input.interactions !== undefined) throw badInput('Pass --path or --interactions, not both.', '--path')
  const file = path.replace(/#[^#/]*$/, '')
  if (!existsSync(path) && !existsSync(file)) throw notFound('There is no such file or folder.', path)
  const folder = existsSync(path) && statSync(path).isDirectory()
  const format = input.format === 'auto' ? (folder ? recognise(path) : await recogniseFile(path, input)) : input.format
  const { needs } = FORMATS[format] as Format
  if (folder && needs.length === 0)
    throw badInput(`The format "${format}" reads one file; this is a folder. Pass the file with --interactions.`, path)
  if (!folder && needs.length > 0) throw badInput(`The format "${format}" is a folder of files; pass the folder with --path.`, path)
  const plan = (FORMATS[format] as Format).plan(path, input)
  const sourceOf = (given: string | undefined, planned: Source | undefined): Source | undefined =>
    given === undefined ? planned : fileSource(given, input)
  const [test, users, items] = [sourceOf(input.test, plan.test), sourceOf(input.users, plan.users), sourceOf(input.items, plan.items)]
  return { ...plan, ...(test && { test }), ...(users && { users }), ...(items && { items }) }
}

/** Kinds that a format fixes for columns of any name. */
export function formatKind(format: string, column: string): ColumnKind | null {
  return format === 'airbnb' && AFTER_THE_FACT.test(column) ? 'ignore' : null
}

function fileSource(path: string, input: ImportInput): Source {
  return { path, header: input.header, encoding: input.encoding }
}

function tablePlan(format: string, path: string, input: ImportInput): ImportPlan {
  return {
    format,
    interactions: fileSource(path, input),
    ...(input.test !== undefined && { test: fileSource(input.test, input) }),
    sequence: false,
    map: {},
    kinds: {},
  }
}

/** The layout that files of these names make, or null. */
export function layoutFromNames(files: readonly string[]): FormatName | null {
  const found = (Object.entries(FORMATS) as [FormatName, Format][]).find(
    ([, { needs }]) => needs.length > 0 && needs.every((names) => names.some((n) => files.includes(n))),
  )
  return found?.[0] ?? null
}

function recognise(folder: string): FormatName {
  const found = layoutFromNames(readdirSync(folder))
  if (found !== null) return found
  const layouts = (Object.entries(FORMATS) as [FormatName, Format][])
    .filter(([, f]) => f.needs.length > 0)
    .map(([name, { needs }]) => `${name} (${needs.map((n) => n[0]).join(' and ')})`)
  throw badInput(`No known layout: looked for ${layouts.join(', ')}. Name the files with --interactions, --users and --items.`, folder)
}

/** A text file of lines with a varying number of blank-separated words is a sequence; anything else a table. */
async function recogniseFile(path: string, input: ImportInput): Promise<FormatName> {
  if (readerOf(path) !== 'delimited' || isGzip(path) || !existsSync(path) || input.map !== undefined) return 'table'
  const layout = await layoutOf(path, { delimiter: ' ', quote: '', header: 'no' })
  const asTable = await layoutOf(path, { header: input.header })
  return layout.ragged && asTable.names.length < 2 ? 'sequence' : 'table'
}

function oneOf(folder: string, ...names: string[]): string {
  const found = names.find((n) => existsSync(join(folder, n)))
  if (found === undefined) throw notFound(`There is no ${names[0]} in this folder.`, folder)
  return join(folder, found)
}

function movielens(folder: string): ImportPlan {
  const ratings = oneOf(folder, 'ratings.csv', 'u.data', 'ratings.dat')
  const common = { format: 'movielens', sequence: false, map: { title: 'title' }, kinds: MOVIE_KINDS }
  const optional = (key: 'users' | 'items', name: string, source: Omit<Source, 'path'>): Partial<ImportPlan> =>
    existsSync(join(folder, name)) ? { [key]: { path: join(folder, name), ...source } } : {}
  switch (basename(ratings)) {
    case 'ratings.csv':
      return {
        ...common,
        interactions: { path: ratings, header: 'yes' },
        ...optional('items', 'movies.csv', { header: 'yes', select: `movieId, title, ${YEAR}, ${NO_GENRES}` }),
        map: { ...common.map, user: 'userId', item: 'movieId', time: 'timestamp', weight: 'rating', itemId: 'movieId' },
      }
    case 'u.data': {
      const names = ['id', 'title', 'release_date', 'video_release_date', 'url', ...GENRES]
      const flags = GENRES.slice(1).map((g) => `CASE WHEN "${g}" = '1' THEN '${g.replaceAll("'", "''")}' END`)
      return {
        ...common,
        interactions: { path: ratings, delimiter: '\t', names: RATINGS, ...plain },
        ...optional('items', 'u.item', {
          delimiter: '|',
          names,
          ...plain,
          select: `id, title, ${YEAR}, list_filter([${flags.join(', ')}], lambda g: g IS NOT NULL) AS genres`,
        }),
        ...optional('users', 'u.user', { delimiter: '|', names: ['id', 'age', 'gender', 'occupation', 'zip'], ...plain }),
      }
    }
    default:
      return {
        ...common,
        interactions: { path: ratings, delimiter: '::', names: RATINGS, ...plain },
        ...optional('items', 'movies.dat', {
          delimiter: '::',
          names: ['id', 'title', 'genres'],
          ...plain,
          select: `id, title, ${YEAR}, ${NO_GENRES}`,
        }),
        ...optional('users', 'users.dat', { delimiter: '::', names: ['id', 'gender', 'age', 'occupation', 'zip'], ...plain }),
      }
  }
}
