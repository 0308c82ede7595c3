/** What a call is as a line of the command line, for people who would rather write it into a script. The way back is main/cli. */
import { z } from 'zod'
import { joinNames } from './import-options.ts'
import { shellWord } from './shell-word.ts'
import { verbs, type VerbDefinition, type VerbName } from './verbs.ts'

/** `maxLength` → `--max-length` */
export function flagName(property: string): string {
  return `--${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/**
 * A line for a POSIX shell; what equals its default is left out, and so are secrets, which the command line takes from its environment. Null where the verb has no word on the command line, or a
 * value of the input cannot be said there.
 * @param home the workspace it is said of
 */
export function commandLine(verb: VerbName, input: Readonly<Record<string, unknown>>, home: string): string | null {
  const { cli, positional, input: schema }: VerbDefinition = verbs[verb]
  if (cli === undefined) return null
  const words: string[] = []
  const flags: string[] = []
  for (const [property, value] of Object.entries(input)) {
    if (SECRETS.includes(property)) continue
    const of = schema.shape[property] as z.ZodType | undefined
    if (of === undefined) return null
    const { inner, fallback } = withoutDefault(of)
    if (value === undefined || JSON.stringify(value) === JSON.stringify(fallback)) continue
    const texts = textsOf(value, inner)
    if (texts === null) return null
    if (texts === true) flags.push(flagName(property))
    else if (property === positional && texts.every((text) => text !== '' && !text.startsWith('-'))) words.push(...texts)
    else flags.push(...texts.map((text) => `${flagName(property)}=${Array.isArray(value) ? element(text) : text}`))
  }
  return ['pylon', ...cli.split(' '), ...[...words, ...flags, `--home=${home}`].map(shellWord)].join(' ')
}

/** Never written where it may be copied, shown or kept. */
const SECRETS: readonly string[] = ['token']

/** Each as a word of a shell; true: a flag alone; null: there is no way to say it. */
function textsOf(value: unknown, schema: z.ZodType): string[] | true | null {
  if (value === true) return true
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (Array.isArray(value)) {
    const texts = value.map((each) => (typeof each === 'string' || typeof each === 'number' ? String(each) : ''))
    return texts.length > 0 && !texts.includes('') ? texts : null
  }
  return schema instanceof z.ZodUnknown && typeof value === 'object' && value !== null ? [JSON.stringify(value)] : null
}

/** The command line parts a list at its commas, but for elements with an equals sign. */
const element = (text: string): string => (text.includes('=') ? text : joinNames([text]))

function withoutDefault(schema: z.ZodType): { inner: z.ZodType; fallback: unknown } {
  if (schema instanceof z.ZodDefault) return { ...withoutDefault(schema.unwrap() as z.ZodType), fallback: schema.def.defaultValue }
  if (schema instanceof z.ZodOptional) return withoutDefault(schema.unwrap() as z.ZodType)
  return { inner: schema, fallback: undefined }
}
