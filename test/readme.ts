/**
 * The README's tables of verbs, made of the contract, and of export formats (`formats.ts`). `node test/readme.ts --write` puts them in their
 * places; a test checks that they are there.
 * Also what the README tells people to type, for the test that types it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { flagsOf, type Flag } from '../main/cli/flags.ts'
import { verbs, type VerbDefinition } from '../main/contract/verbs.ts'
import { formatTable } from './formats.ts'

const ROOT = join(import.meta.dirname, '..')
const PATH = join(ROOT, 'README.md')
const TABLES = [
  { name: 'verbs', place: /(<!-- verbs: .* -->\n)[^]*(<!-- \/verbs -->)/, table: verbTable },
  { name: 'formats', place: /(<!-- formats: .* -->\n)[^]*(<!-- \/formats -->)/, table: formatTable },
] as const

/** The README as it stands. */
export function readReadme(): string {
  return readFileSync(PATH, 'utf8')
}

/** The Chinese one: its commands are the same, its reference is the English one. */
export function readChineseReadme(): string {
  return readFileSync(join(ROOT, 'README.zh-CN.md'), 'utf8')
}

/** Every line of the shell blocks, without its comment. */
export function shellLines(readme: string): string[] {
  const blocks = [...readme.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, text]) => text!.split('\n'))
  return blocks.map((line) => line.replace(/\s+#.*$/, '')).filter((line) => line !== '')
}

/** The names after `npm run`, anywhere in the text. */
export function scriptsOf(readme: string): string[] {
  return [...new Set([...readme.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!))]
}

/** Pictures and files that are linked to, as paths from the README's folder. */
export function linksOf(readme: string): string[] {
  return [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!)
}

/** The README with its tables as the code has them, formatted. */
export async function withTables(readme: string): Promise<string> {
  let text = readme
  for (const { name, place, table } of TABLES) {
    if (!place.test(text)) throw new Error(`README.md has no place for the ${name}: <!-- ${name}: … --> and <!-- /${name} -->`)
    text = text.replace(place, (_, start: string, end: string) => `${start}\n${table()}\n\n${end}`)
  }
  return format(text, { ...(await resolveConfig(PATH)), parser: 'markdown' })
}

/** The arguments of every `pylon …` line in the README's shell blocks, in order. */
export function commandsOf(readme: string): string[][] {
  const blocks = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, text]) => text!)
  const lines = blocks.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('pylon '))
  return lines.map((line) => words(line).slice(1))
}

/** The README's JSON block: the config file its commands speak of. */
export function configOf(readme: string): string {
  return /```json\n([^]*?)```/.exec(readme)![1]!
}

/** Shell words: bare or in quotes; a `#` starts a comment. */
function words(line: string): string[] {
  const found: string[] = []
  for (const [, single, double, bare] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)) {
    if (bare?.startsWith('#') === true) break
    found.push(single ?? double ?? bare!)
  }
  return found
}

function verbTable(): string {
  const rows = (Object.values(verbs) as VerbDefinition[])
    .filter(({ cli }) => cli !== undefined)
    .map((verb) => `| \`${usage(verb)}\` | ${verb.summary} |`)
  return ['| verb | |', '|---|---|', ...rows].join('\n')
}

/** What a flag takes; a long list of choices by its name, `--help` has them. */
const short = ({ property, value }: Flag): string => (value.length > 40 ? `<${property}>` : value)

/** The verb with what it cannot do without. */
function usage(verb: VerbDefinition): string {
  const needed = flagsOf(verb.input).filter((flag) => flag.required || flag.property === verb.positional)
  return [
    verb.cli,
    ...needed.map((flag) => (flag.property === verb.positional ? flag.property.toUpperCase() : `${flag.name} ${short(flag)}`)),
  ]
    .join(' ')
    .replaceAll('|', '\\|')
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(PATH, await withTables(readReadme()))
