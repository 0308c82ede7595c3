/** Positions in a JSON text: from a path to its range and back, tolerant of a text that is being typed. */
import { syntaxTree } from '@codemirror/language'
import type { EditorState, Text } from '@codemirror/state'
import type { Path } from '../spec/tree.ts'

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>

export interface Range {
  readonly from: number
  readonly to: number
}

/** The value of what has been typed so far: what is broken is left out. */
export function tolerantValue(state: EditorState): unknown {
  const root = syntaxTree(state).topNode.firstChild
  return root === null ? undefined : valueOf(root, state.doc)
}

function valueOf(node: SyntaxNode, doc: Text): unknown {
  switch (node.name) {
    case 'Object':
      return Object.fromEntries(
        node.getChildren('Property').flatMap((property) => {
          const key = keyOf(property, doc)
          const value = valueIn(property)
          return key === null || value === null ? [] : [[key, valueOf(value, doc)]]
        }),
      )
    case 'Array':
      return elements(node).map((element) => valueOf(element, doc))
    case 'String':
    case 'Number':
    case 'True':
    case 'False':
    case 'Null':
      return parsed(doc.sliceString(node.from, node.to))
    default:
      return undefined
  }
}

/** Where a value lies; its property's name where it is of an object; the nearest place above where it does not exist. */
export function rangeOf(state: EditorState, path: Path): Range {
  let node = syntaxTree(state).topNode.firstChild
  let range: Range = { from: 0, to: node === null ? 0 : Math.min(node.to, node.from + 1) }
  for (const key of path) {
    if (node === null) break
    if (typeof key === 'number') {
      const element: SyntaxNode | undefined = node.name === 'Array' ? elements(node)[key] : undefined
      if (element === undefined) break
      node = element
      range = node.name === 'Object' || node.name === 'Array' ? { from: node.from, to: node.from + 1 } : node
    } else {
      const property: SyntaxNode | undefined = node.getChildren('Property').find((each) => keyOf(each, state.doc) === key)
      if (property === undefined) break
      range = property.getChild('PropertyName') ?? property
      node = valueIn(property)
    }
  }
  return { from: range.from, to: range.to }
}

/** What is being typed at a position: a key of the object at `path`, or the value at `path`. */
export interface Cursor {
  readonly what: 'key' | 'value'
  readonly path: Path
  /** the part that a completion replaces */
  readonly from: number
  readonly to: number
}

/** null where nothing can be completed. */
export function cursorAt(state: EditorState, position: number): Cursor | null {
  const at = syntaxTree(state).resolveInner(position, -1)
  const { doc } = state
  if (at.name === 'PropertyName') return { what: 'key', path: pathTo(at.parent?.parent ?? null, doc), from: at.from, to: at.to }
  const { parent } = at
  if (parent?.name === 'Array' && isScalar(at)) return { what: 'value', path: pathTo(at, doc), from: at.from, to: at.to }
  const property = within(at, 'Property')
  if (property !== null && isScalar(at)) return { what: 'value', path: pathTo(property, doc), from: at.from, to: at.to }
  const typed = /[\w"-]*$/.exec(doc.sliceString(Math.max(0, position - 60), position))?.[0] ?? ''
  const from = position - typed.length
  const before = lastMark(doc, from)
  if (before === ':' && property !== null) return { what: 'value', path: pathTo(property, doc), from, to: position }
  const holder = within(at, 'Object', 'Array')
  if (holder?.name === 'Array') {
    const index = elements(holder).filter((element) => element.to <= from).length
    return before === '[' || before === ',' ? { what: 'value', path: [...pathTo(holder, doc), index], from, to: position } : null
  }
  if (holder?.name === 'Object' && (before === '{' || before === ',')) return { what: 'key', path: pathTo(holder, doc), from, to: position }
  return null
}

/** The path of an object, list, property or element. */
function pathTo(node: SyntaxNode | null, doc: Text): Path {
  const path: (string | number)[] = []
  for (let at = node; at !== null; at = at.parent) {
    if (at.name === 'Property') {
      const key = keyOf(at, doc)
      if (key !== null) path.unshift(key)
    } else if (at.parent?.name === 'Array' && !at.type.isError) {
      const { from } = at
      path.unshift(elements(at.parent).findIndex((element) => element.from === from))
    }
  }
  return path
}

const VALUES = ['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']
const isScalar = ({ name }: SyntaxNode): boolean => ['String', 'Number', 'True', 'False', 'Null'].includes(name)
const elements = (list: SyntaxNode): SyntaxNode[] => VALUES.flatMap((name) => list.getChildren(name)).sort((a, b) => a.from - b.from)

function valueIn(property: SyntaxNode): SyntaxNode | null {
  for (const name of VALUES) {
    const found = property.getChild(name)
    if (found !== null) return found
  }
  return null
}

function keyOf(property: SyntaxNode, doc: Text): string | null {
  const name = property.getChild('PropertyName')
  const value = name === null ? undefined : parsed(doc.sliceString(name.from, name.to))
  return typeof value === 'string' ? value : null
}

function within(node: SyntaxNode, ...names: string[]): SyntaxNode | null {
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) if (names.includes(at.name)) return at
  return null
}

/** The last character before a position that is no blank. */
function lastMark(doc: Text, position: number): string {
  return /(\S)\s*$/.exec(doc.sliceString(Math.max(0, position - 400), position))?.[1] ?? ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
