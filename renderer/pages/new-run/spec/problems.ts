/** Problems of a spec at the fields they belong to. One whose place no field shows stands at the nearest field above it. */
import type { SpecProblem } from '@contract/verbs.ts'
import { nodeAt, type Path, type SpecNode } from './tree.ts'
import { parsePath, formatPath } from './values.ts'

/** Messages by the place of the field that shows them; under `''` those of the spec as a whole. */
export function problemsByField(tree: SpecNode, value: unknown, problems: readonly SpecProblem[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { place, message } of problems) {
    const field = shownFieldOf(tree, value, parsePath(place))
    const shown = formatPath(field)
    const text = formatPath(parsePath(place)) === shown || message.startsWith(place) ? message : `${place}: ${message}`
    found.set(shown, [...(found.get(shown) ?? []), text])
  }
  return found
}

/** The longest part of a path that the tree knows. Elements of plain lists are shown by their list. */
export function shownFieldOf(tree: SpecNode, value: unknown, path: Path): Path {
  for (let length = path.length; length > 0; length--) {
    const head = path.slice(0, length)
    if (nodeAt(tree, value, head) === null) continue
    const parent = nodeAt(tree, value, head.slice(0, -1))
    const isElement = typeof head.at(-1) === 'number' && (parent?.kind === 'list' || parent?.kind === 'either' || parent?.kind === 'tuple')
    const node = nodeAt(tree, value, head)
    if (isElement && node?.kind !== 'group' && node?.kind !== 'variants') continue
    return head
  }
  return []
}

/** How many problems lie at or under a path. */
export function problemsUnder(problems: readonly SpecProblem[], path: Path): number {
  const prefix = formatPath(path)
  return problems.filter(({ place }) => place === prefix || (place.startsWith(prefix) && ['.', '['].includes(place[prefix.length]!))).length
}
