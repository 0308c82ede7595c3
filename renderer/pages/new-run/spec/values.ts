/**
 * Values of a spec: read and written by path, with defaults filled in from the tree. A write is a new value; nothing is
 * changed in place.
 */
import { isPlain } from '@contract/plain.ts'
import { withIdDropout } from '@contract/shapes/spec/id-dropout.ts'
import { type NodeOf, type Path, type SpecNode, variantOf } from './tree.ts'

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string | number, unknown>)[key]
  }
  return at
}

/** A copy with a value at a path; undefined takes the key away. Objects on the way are made. */
export function withValue(root: unknown, path: Path, value: unknown): unknown {
  if (path.length === 0) return value
  const [key, ...rest] = path as [string | number, ...(string | number)[]]
  if (typeof key === 'number') {
    const list = Array.isArray(root) ? [...(root as unknown[])] : []
    if (rest.length === 0 && value === undefined) list.splice(key, 1)
    else list[key] = withValue(list[key], rest, value)
    return list
  }
  const record = isPlain(root) ? { ...root } : {}
  if (rest.length === 0 && value === undefined) Reflect.deleteProperty(record, key)
  else record[key] = withValue(record[key], rest, value)
  return record
}

/** A spec with everything that has a default filled in, by what else it says too. */
export const completedSpec = (tree: SpecNode, spec: unknown): unknown => withDefaults(tree, isPlain(spec) ? withIdDropout(spec) : spec)

/** The value with everything that has a default filled in; what does not fit the tree stays as it is. */
export function withDefaults(node: SpecNode, value: unknown): unknown {
  const given = value === undefined ? node.fallback : value
  if (given === undefined || given === null) return given
  switch (node.kind) {
    case 'group':
      return isPlain(given) ? completedGroup(node, given) : given
    case 'variants': {
      if (!isPlain(given)) return given
      const variant = variantOf(node, given)
      return { [node.key]: variant.value, ...completedGroup(variant.group, given) }
    }
    case 'list':
      return Array.isArray(given) ? given.map((item) => withDefaults(node.item, item)) : given
    case 'tuple':
      return Array.isArray(given)
        ? given.map((item, i) => (node.items[i] === undefined ? item : withDefaults(node.items[i], item)) as unknown)
        : given
    case 'record':
      return isPlain(given)
        ? Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, withDefaults(node.value, inner)]))
        : given
    case 'either':
      return given === node.word ? given : withDefaults(node.other, given)
    default:
      return given
  }
}

function completedGroup({ fields }: NodeOf<'group'>, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...given }
  for (const { key, node } of fields) {
    const inner = withDefaults(node, given[key])
    if (inner !== undefined) filled[key] = inner
  }
  return filled
}

/** A first value for something that is added: its default, or the smallest that fits its kind. */
export function firstValue(node: SpecNode): unknown {
  if (node.fallback !== undefined && node.fallback !== null) return withDefaults(node, undefined)
  switch (node.kind) {
    case 'constant':
      return node.value
    case 'flag':
      return false
    case 'number':
      return firstNumber(node)
    case 'text':
      return ''
    case 'choice':
      return node.options[0]
    case 'group':
      return firstGroup(node)
    case 'variants': {
      const variant = node.options[0]!
      return { [node.key]: variant.value, ...firstGroup(variant.group) }
    }
    case 'list':
      return Array.from({ length: node.least }, () => firstValue(node.item))
    case 'tuple':
      return node.items.map(firstValue)
    case 'record':
      return {}
    case 'either':
      return node.word
    case 'anything':
      return null
  }
}

function firstNumber({ integer, minimum, maximum, exclusive }: NodeOf<'number'>): number {
  const low = minimum ?? 0
  const value = exclusive ? (integer ? low + 1 : maximum !== null && maximum <= low + 1 ? (low + maximum) / 2 : low + 1) : low
  return Math.min(value, maximum ?? value)
}

/** Keys that must be given get a first value; those with a default are left to it. */
function firstGroup({ fields }: NodeOf<'group'>): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap(({ key, node }) => (node.fallback === undefined ? [[key, firstValue(node)]] : [])))
}

/** The value of another variant: what both know by one name and can hold is kept. */
export function withVariant(node: NodeOf<'variants'>, value: unknown, wanted: string): unknown {
  const to = node.options.find((option) => option.value === wanted)
  if (to === undefined) return value
  const from = variantOf(node, value)
  const kept = isPlain(value)
    ? to.group.fields.filter(
        ({ key, node: field }) => key in value && sameShape(field, from.group.fields.find((each) => each.key === key)?.node),
      )
    : []
  const carried = Object.fromEntries(kept.map(({ key }) => [key, (value as Record<string, unknown>)[key]]))
  return { [node.key]: wanted, ...firstGroup(to.group), ...carried }
}

function sameShape(a: SpecNode, b: SpecNode | undefined): boolean {
  return b !== undefined && a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b)
}

/** Whether two values say the same. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSameValue(item, b[i]))
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSameValue(a[key], b[key]))
}

/** `user.features[2].dim` */
export function formatPath(path: Path): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')
}

/** The inverse of {@link formatPath}. */
export function parsePath(place: string): Path {
  return place
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
}
