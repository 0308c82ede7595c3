/**
 * The schema of a run spec as a described tree, made from its JSON Schema: what a form draws itself from and an editor completes by.
 * So a new loss, feature or setting appears in both as soon as the contract has it.
 */
import { isPlain } from '@contract/plain.ts'
import { specJsonSchema } from '@contract/spec-json.ts'

/** Where something stands in a spec. */
export type Path = readonly (string | number)[]

interface Described {
  /** what it does, from the contract; empty where nothing is said */
  readonly description: string
  /** undefined: it must be given */
  readonly fallback: unknown
  /** null is a value of it, with a meaning of its own */
  readonly nullable: boolean
}

export type SpecNode = Described &
  (
    | { readonly kind: 'constant'; readonly value: unknown }
    | { readonly kind: 'flag' }
    | {
        readonly kind: 'number'
        readonly integer: boolean
        readonly minimum: number | null
        readonly maximum: number | null
        readonly exclusive: boolean
      }
    | { readonly kind: 'text' }
    | { readonly kind: 'choice'; readonly options: readonly string[] }
    | { readonly kind: 'group'; readonly fields: readonly SpecField[] }
    /** one of several groups, told apart by the constant `key` */
    | { readonly kind: 'variants'; readonly key: string; readonly options: readonly Variant[] }
    | { readonly kind: 'list'; readonly item: SpecNode; readonly least: number; readonly most: number | null }
    | { readonly kind: 'tuple'; readonly items: readonly SpecNode[] }
    /** any names, each with a value */
    | { readonly kind: 'record'; readonly value: SpecNode }
    /** a constant text, or something else: "auto" or a list */
    | { readonly kind: 'either'; readonly word: string; readonly other: SpecNode }
    | { readonly kind: 'anything' }
  )
export type NodeOf<K extends SpecNode['kind']> = Extract<SpecNode, { kind: K }>

export interface SpecField {
  readonly key: string
  readonly node: SpecNode
}

export interface Variant {
  readonly value: string
  readonly description: string
  readonly group: NodeOf<'group'>
}

type Json = Readonly<Record<string, unknown>>

let cachedTree: SpecNode | null = null

/** The tree of the run spec: variants by model. */
export function specTree(): SpecNode {
  return (cachedTree ??= treeOf(specJsonSchema()))
}

/** The tree of a JSON Schema as zod writes it (inlined, without references). */
export function treeOf(schema: Json): SpecNode {
  const described = {
    description: typeof schema['description'] === 'string' ? schema['description'] : '',
    fallback: schema['default'],
    nullable: false,
  }
  const alternatives = alternativesOf(schema)
  if (alternatives !== undefined) return { ...ofAlternatives(alternatives), ...without(described, alternatives) }
  return { ...ofType(schema), ...described }
}

function alternativesOf(schema: Json): readonly Json[] | undefined {
  const { type } = schema
  // `type: ["string", "null"]` is the short form of a nullable one
  if (Array.isArray(type)) return type.map((one: unknown) => ({ ...schema, type: one, default: undefined, description: undefined }))
  return (schema['oneOf'] ?? schema['anyOf']) as readonly Json[] | undefined
}

/** A description or a default of the whole; else those of the only alternative beside null. */
function without(described: Described, alternatives: readonly Json[]): Described {
  const [only, ...more] = alternatives.filter(({ type }) => type !== 'null')
  const inner = only !== undefined && more.length === 0 ? treeOf(only) : null
  return {
    description: described.description === '' ? (inner?.description ?? '') : described.description,
    fallback: described.fallback,
    nullable: alternatives.length > alternatives.filter(({ type }) => type !== 'null').length,
  }
}

function ofAlternatives(all: readonly Json[]): SpecNode {
  const alternatives = all.filter(({ type }) => type !== 'null')
  if (alternatives.length === 1) return treeOf(alternatives[0]!)
  const key = discriminator(alternatives)
  if (key !== null) {
    const options = alternatives.map((alternative): Variant => {
      const group = treeOf(alternative) as NodeOf<'group'>
      const constant = group.fields.find((field) => field.key === key)!.node as NodeOf<'constant'>
      return {
        value: String(constant.value),
        description: group.description,
        group: { ...group, fields: group.fields.filter((field) => field.key !== key) },
      }
    })
    return { ...plain, kind: 'variants', key, options }
  }
  const word = alternatives.find((alternative) => typeof alternative['const'] === 'string')
  const other = alternatives.find((alternative) => alternative !== word)
  if (alternatives.length === 2 && word !== undefined && other !== undefined)
    return { ...plain, kind: 'either', word: String(word['const']), other: treeOf(other) }
  return { ...plain, kind: 'anything' }
}

const plain: Described = { description: '', fallback: undefined, nullable: false }

/** The property that is another constant in each of several objects. */
function discriminator(alternatives: readonly Json[]): string | null {
  const properties = alternatives.map((alternative) => alternative['properties'] as Readonly<Record<string, Json>> | undefined)
  const [first, ...others] = properties
  if (first === undefined || others.includes(undefined)) return null
  const isConstant = (property: Json | undefined): boolean => property !== undefined && typeof property['const'] === 'string'
  return Object.keys(first).find((key) => properties.every((each) => isConstant(each?.[key]))) ?? null
}

function ofType(schema: Json): SpecNode {
  if ('const' in schema) return { ...plain, kind: 'constant', value: schema['const'] }
  if (Array.isArray(schema['enum'])) return { ...plain, kind: 'choice', options: schema['enum'].map(String) }
  switch (schema['type']) {
    case 'boolean':
      return { ...plain, kind: 'flag' }
    case 'string':
      return { ...plain, kind: 'text' }
    case 'integer':
    case 'number':
      return { ...plain, kind: 'number', integer: schema['type'] === 'integer', ...bounds(schema) }
    case 'array': {
      const tuple = schema['prefixItems'] as readonly Json[] | undefined
      if (tuple !== undefined) return { ...plain, kind: 'tuple', items: tuple.map(treeOf) }
      const most = schema['maxItems']
      return {
        ...plain,
        kind: 'list',
        item: treeOf((schema['items'] ?? {}) as Json),
        least: Number(schema['minItems'] ?? 0),
        most: typeof most === 'number' ? most : null,
      }
    }
    case 'object': {
      const properties = schema['properties'] as Readonly<Record<string, Json>> | undefined
      if (properties === undefined) return { ...plain, kind: 'record', value: treeOf((schema['additionalProperties'] ?? {}) as Json) }
      return { ...plain, kind: 'group', fields: Object.entries(properties).map(([key, property]) => ({ key, node: treeOf(property) })) }
    }
    default:
      return { ...plain, kind: 'anything' }
  }
}

function bounds(schema: Json): Pick<NodeOf<'number'>, 'minimum' | 'maximum' | 'exclusive'> {
  const number = (key: string): number | null => {
    const value = schema[key]
    // what is only the end of exact integers says nothing
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
  }
  const above = number('exclusiveMinimum')
  return { minimum: above ?? number('minimum'), maximum: number('exclusiveMaximum') ?? number('maximum'), exclusive: above !== null }
}

/** What stands at a path, its variants decided by the value; null where the schema knows no such place. */
export function nodeAt(tree: SpecNode, value: unknown, path: Path): SpecNode | null {
  if (path.length === 0) return tree
  const [key, ...rest] = path as [string | number, ...(string | number)[]]
  const inner = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined
  switch (tree.kind) {
    case 'group': {
      const field = tree.fields.find((each) => each.key === key)
      return field === undefined ? null : nodeAt(field.node, inner, rest)
    }
    case 'variants': {
      if (key === tree.key)
        return rest.length === 0 ? { ...plain, kind: 'choice', options: tree.options.map((option) => option.value) } : null
      return nodeAt(variantOf(tree, value).group, value, path)
    }
    case 'list':
      return typeof key === 'number' ? nodeAt(tree.item, inner, rest) : null
    case 'tuple': {
      const item = typeof key === 'number' ? tree.items[key] : undefined
      return item === undefined ? null : nodeAt(item, inner, rest)
    }
    case 'record':
      return nodeAt(tree.value, inner, rest)
    case 'either':
      return nodeAt(tree.other, value, path)
    default:
      return null
  }
}

/** The variant a value is of; the default's, or the first, where it does not say. */
export function variantOf(node: NodeOf<'variants'>, value: unknown): Variant {
  const said = isPlain(value) ? value[node.key] : undefined
  const wanted = said ?? (isPlain(node.fallback) ? node.fallback[node.key] : undefined)
  return node.options.find((option) => option.value === wanted) ?? node.options[0]!
}
