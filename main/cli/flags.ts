/** A verb's input schema as flags of the command line: each property is one, named in kebab case, its help the property's description. */
import { z } from 'zod'
import { flagName } from '../contract/command-line.ts'
import { badInput } from '../contract/errors.ts'
import { splitNames } from '../contract/import-options.ts'

/** What a property takes on the command line. */
export type FlagKind = 'boolean' | 'text' | 'number' | 'texts' | 'numbers'

export interface Flag {
  readonly property: string
  /** `--max-length` */
  readonly name: string
  readonly kind: FlagKind
  /** `<file>`, `<a|b>`; empty for a boolean */
  readonly value: string
  readonly help: string
  readonly required: boolean
}

/** The flags of an input, in the order of its properties. */
export function flagsOf(input: z.ZodObject): Flag[] {
  return Object.entries(input.shape).map(([property, schema]) => flagOf(property, schema as z.ZodType))
}

/** A default as it would be typed. */
function shown(fallback: unknown): string {
  if (Array.isArray(fallback)) return fallback.join(',')
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
}

function flagOf(property: string, schema: z.ZodType): Flag {
  const { inner, fallback, optional } = unwrap(schema)
  const kind = kindOf(inner)
  const description = schema.description ?? inner.description ?? ''
  const repeatable = kind === 'texts' || kind === 'numbers'
  const isNews = fallback !== undefined && fallback !== false && !(Array.isArray(fallback) && fallback.length === 0)
  const notes = [description, isNews ? `(default: ${shown(fallback)})` : ''].filter((note) => note !== '')
  return {
    property,
    name: flagName(property),
    kind,
    value:
      kind === 'boolean'
        ? ''
        : inner instanceof z.ZodEnum
          ? // a list longer than this is told elsewhere
            inner.options.length > 12
            ? `<${property.toLowerCase()}>`
            : `<${inner.options.join('|')}>`
          : kind === 'number'
            ? '<n>'
            : kind === 'numbers'
              ? '<n,…>'
              : `<${property.toLowerCase()}${repeatable ? ',…' : ''}>`,
    help: notes.join(' '),
    required: !optional && fallback === undefined,
  }
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: unknown; optional: boolean } {
  if (schema instanceof z.ZodDefault) return { ...unwrap(schema.unwrap() as z.ZodType), fallback: schema.def.defaultValue }
  if (schema instanceof z.ZodOptional) return { ...unwrap(schema.unwrap() as z.ZodType), optional: true }
  return { inner: schema, fallback: undefined, optional: false }
}

function kindOf(schema: z.ZodType): FlagKind {
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodArray) return kindOf(schema.element as z.ZodType) === 'number' ? 'numbers' : 'texts'
  return 'text'
}

/**
 * A flag's text as its value; lists repeat or have commas, and an element that has one stands in double quotes. One with an `=` is kept
 * whole, as commas in it belong to its value.
 * @throws PylonError bad-input naming the flag
 */
export function readValue(flag: Pick<Flag, 'kind' | 'name'>, text: string, before: unknown): unknown {
  switch (flag.kind) {
    case 'boolean':
      return true
    case 'text':
      return text
    case 'number':
      return toNumber(flag.name, text)
    case 'texts':
      return [...((before as string[] | undefined) ?? []), ...(text.includes('=') ? [text] : splitNames(text))]
    case 'numbers':
      return [
        ...((before as number[] | undefined) ?? []),
        ...text
          .split(',')
          .filter((part) => part.trim() !== '')
          .map((part) => toNumber(flag.name, part)),
      ]
  }
}

function toNumber(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw badInput(`"${text}" is no number.`, name)
  return value
}
