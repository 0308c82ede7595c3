/** `--set path=value`: single values of a config replaced, by path. The result is checked by the schema afterwards, as a whole. */
import type { z } from 'zod'
import { PylonError } from '../../contract/errors.ts'
import { dotPath, keysAt } from './schema-error.ts'

type Tree = Record<string | number, unknown>

/** .5 and +.5, which JSON does not know */
const NUMBER_WITHOUT_ZERO = /^[+-]?\.\d+(e[+-]?\d+)?$/i

/**
 * A copy of `config` with each `path=value` applied; a value is JSON, or else text. Setting a `kind` drops the keys that the new kind does
 * not have, and comes before the other overrides.
 * @throws PylonError bad-input for what is no `path=value`, or a path through a value
 */
export function applyOverrides(schema: z.ZodType, config: object, sets: readonly string[]): object {
  const root = structuredClone(config) as Tree
  const parsed = sets.map(parse)
  const isKind = ({ path }: { path: (string | number)[] }): boolean => path.at(-1) === 'kind'
  for (const { path, value } of [...parsed.filter(isKind), ...parsed.filter((set) => !isKind(set))]) {
    const parent = reach(root, path)
    const key = path.at(-1)!
    parent[key] = value
    if (key !== 'kind') continue
    const valid = keysAt(schema, root, path.slice(0, -1))
    for (const other of Object.keys(parent)) if (other !== 'kind' && !valid.includes(other)) Reflect.deleteProperty(parent, other)
  }
  return root
}

function parse(set: string): { path: (string | number)[]; value: unknown } {
  const equals = set.indexOf('=')
  if (equals < 1) throw new PylonError('bad-input', `"${set}" is no path=value: write --set training.epochs=5.`)
  const name = set.slice(0, equals).trim()
  const path = name
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
  if (path.length === 0 || path.some((key) => key === '__proto__')) throw new PylonError('bad-input', `"${name}" is no config path.`)
  const text = set.slice(equals + 1)
  if (NUMBER_WITHOUT_ZERO.test(text)) return { path, value: Number(text) }
  try {
    return { path, value: JSON.parse(text) as unknown }
  } catch {
    return { path, value: text }
  }
}

/** The object or list that holds the last key of `path`; missing objects on the way are made. */
function reach(root: Tree, path: readonly (string | number)[]): Tree {
  let at = root
  for (const [i, key] of path.entries()) {
    if (Array.isArray(at) && (typeof key !== 'number' || key > at.length)) {
      const size = at.length
      throw new PylonError('bad-input', `is no place in that list: it has the places 0 to ${size - 1}.`, dotPath(path.slice(0, i + 1)))
    }
    if (i === path.length - 1) return at
    const next = (at[key] ??= {})
    if (typeof next !== 'object')
      throw new PylonError(
        'bad-input',
        `is ${JSON.stringify(next)}: it has no parts to set; set it as a whole.`,
        dotPath(path.slice(0, i + 1)),
      )
    at = next as Tree
  }
  return at
}
