/**
 * Inputs that name a file or folder, marked in their schemas: whoever has the schema and a value of it finds every path in it, at any
 * depth, with what it is for. The engine asks its guard of each; so what is checked is the very value that is used.
 */
import { z } from 'zod'

/**
 * What a path is for: `read` data; a `table`, read too, where `FILE.sqlite#TABLE` names one of several; `write` something new; `code`,
 * which is run with the rights of the user.
 */
export type PathAccess = 'read' | 'table' | 'write' | 'code'

interface Mark {
  readonly access: PathAccess
  /** a text that begins so holds a path behind it, and any other text none */
  readonly prefix?: string
}
const marks = z.registry<Mark>()

const marked = (access: PathAccess): z.ZodString =>
  z
    .string()
    .min(1)
    .refine((path) => !path.includes('\0'), 'a path has no NUL in it')
    .register(marks, { access })

export const readPath = (): z.ZodString => marked('read')
export const tablePath = (): z.ZodString => marked('table')
export const writePath = (): z.ZodString => marked('write')
export const codePath = (): z.ZodString => marked('code')
/** Texts of `schema`, of which those that begin with `prefix` name a path behind it. */
export const pathBehind = (prefix: string, access: PathAccess, schema: z.ZodString): z.ZodString =>
  schema.register(marks, { access, prefix })

/** A path as it was found in a value. */
export interface FoundPath {
  readonly path: string
  readonly access: PathAccess
  /** where: `files[1]`, `match.module.path` */
  readonly place: string
}

type Visit = (found: FoundPath) => string

/**
 * A parsed value of `schema` with each marked path replaced by what `visit` makes of it; the very same value where that
 * changes nothing.
 */
export function mapPaths<T>(schema: z.ZodType, value: T, visit: Visit): T {
  return walk(schema, value, [], visit) as T
}

/**
 * Where a schema has a path, with what it is for: `path: read`, `files.*: read`.
 * @throws TypeError for a kind of schema that {@link mapPaths} does not look into
 */
export function pathsOf(schema: z.ZodType): string[] {
  const found = new Set<string>()
  const look = (at: z.core.$ZodType, place: readonly string[]): void => {
    const access = marks.get(at)?.access
    if (access !== undefined) found.add(`${place.join('.')}: ${access}`)
    else for (const [key, inner] of partsOf(at)) look(inner, key === null ? place : [...place, key])
  }
  look(schema, [])
  return [...found]
}

function walk(schema: z.core.$ZodType, value: unknown, place: readonly PropertyKey[], visit: Visit): unknown {
  if (!holdsPaths(schema)) return value
  const mark = marks.get(schema)
  if (mark !== undefined) return typeof value === 'string' ? visitMarked(mark, value, z.core.toDotPath(place), visit) : value
  let result = value
  for (const [key, inner] of partsOf(schema)) {
    if (key === null) result = walk(inner, result, place, visit)
    else if (typeof result === 'object' && result !== null) result = walkEntries(result, key, inner, place, visit)
  }
  return result
}

function visitMarked({ access, prefix = '' }: Mark, value: string, place: string, visit: Visit): string {
  return value.startsWith(prefix) ? prefix + visit({ path: value.slice(prefix.length), access, place }) : value
}

const holdsPathsCache = new WeakMap<z.core.$ZodType, boolean>()

/** Whether there is a path in it at any depth: a list of 100,000 runs need not be gone through for none. */
function holdsPaths(schema: z.core.$ZodType): boolean {
  const holds = holdsPathsCache.get(schema) ?? (marks.get(schema) !== undefined || partsOf(schema).some(([, inner]) => holdsPaths(inner)))
  holdsPathsCache.set(schema, holds)
  return holds
}

/** {@link walk} of one entry of an object or a list, or of each. */
function walkEntries(of: object, key: string, schema: z.core.$ZodType, place: readonly PropertyKey[], visit: Visit): object {
  let result = of as Record<string, unknown>
  for (const entryKey of key === EACH ? Object.keys(of) : Object.hasOwn(of, key) ? [key] : []) {
    const entry = walk(schema, result[entryKey], [...place, Array.isArray(of) ? Number(entryKey) : entryKey], visit)
    if (entry === result[entryKey]) continue
    if (result === of) result = (Array.isArray(of) ? [...(of as unknown[])] : { ...of }) as Record<string, unknown>
    result[entryKey] = entry
  }
  return result
}

/** Stands for every entry of a list or a record. */
const EACH = '*'

/**
 * The schemas a schema is made of: those of the same value (`null`), of each entry, or of a key. A value may be of any option of a union,
 * so it is looked at as all of them.
 */
function partsOf(schema: z.core.$ZodType): readonly (readonly [key: string | null, schema: z.core.$ZodType])[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return [[null, def.innerType]]
    case 'pipe':
      return [
        [null, def.in],
        [null, def.out],
      ]
    case 'union':
      return def.options.map((option) => [null, option] as const)
    case 'array':
      return [[EACH, def.element]]
    case 'tuple':
      return [...def.items, ...(def.rest === null ? [] : [def.rest])].map((item) => [EACH, item] as const)
    case 'record':
      return [[EACH, def.valueType]]
    case 'object':
      return Object.entries(def.shape)
    case 'string':
    case 'number':
    case 'boolean':
    case 'literal':
    case 'enum':
    case 'null':
    case 'unknown':
    case 'transform':
      return []
    default:
      throw new TypeError(`A schema of type ${def.type} is not looked into for paths.`)
  }
}
