/**
 * Completions of a spec's JSON from the schema's tree: keys with what they do, values with their words, the dataset's
 * columns and events.
 */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import { suggestions } from '../spec/suggestions.ts'
import { isPlain } from '@contract/plain.ts'
import { nodeAt, type Path, specTree, type SpecNode, variantOf } from '../spec/tree.ts'
import { withDefaults, firstValue, valueAt } from '../spec/values.ts'
import { cursorAt, tolerantValue } from './json-ranges.ts'

/** A completion source over the text as typed. `manifest` is asked at every completion. */
export function specCompletions(manifest: () => DatasetManifest | null) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const cursor = cursorAt(state, pos)
    if (cursor === null || (!explicit && cursor.from === cursor.to)) return null
    const value = tolerantValue(state)
    const options = cursor.what === 'key' ? keysFor(value, cursor.path) : valuesFor(value, cursor.path, manifest())
    const quoted = state.sliceDoc(cursor.from, cursor.to).startsWith('"')
    const after = state.sliceDoc(cursor.to, cursor.to + 20)
    return {
      from: cursor.from,
      to: cursor.to,
      // names are matched with and without their quotes
      options: options.map((option) => ({
        ...option,
        apply: cursor.what === 'key' && !/^\s*:/.test(after) ? `${option.label}: ${option.next}` : option.label,
      })),
      ...(quoted || cursor.from < cursor.to ? {} : { filter: false }),
      validFor: /^"?[\w-]*"?$/,
    }
  }
}

export type SpecCompletion = Completion & { readonly next: string }

/** Keys an object may still get. */
export function keysFor(value: unknown, path: Path): SpecCompletion[] {
  const node = nodeAt(specTree(), value, path)
  const here = valueAt(value, path)
  const there = isPlain(here) ? Object.keys(here) : []
  const fields = node === null ? [] : fieldsOf(node, here)
  return fields
    .filter(({ key }) => !there.includes(key))
    .map(({ key, node: field }) => ({
      label: JSON.stringify(key),
      type: 'property',
      detail: detailOf(field),
      info: field.description,
      next: JSON.stringify(field.fallback === undefined ? firstValue(field) : withDefaults(field, undefined)),
    }))
}

/** Values that a place may have, where they can be listed. */
export function valuesFor(value: unknown, path: Path, manifest: DatasetManifest | null): SpecCompletion[] {
  const node = nodeAt(specTree(), value, path)
  if (node === null) return []
  const list = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
  const offered = suggestions(list, manifest) ?? []
  const entry = (one: unknown, info = ''): SpecCompletion => ({ label: JSON.stringify(one), type: 'constant', info, next: '' })
  return [
    ...wordsOf(node).map(({ word, info }) => entry(word, info)),
    ...(node.kind === 'text' ? offered.map((one) => entry(one)) : []),
    ...(node.nullable ? [entry(null)] : []),
  ]
}

function fieldsOf(node: SpecNode, value: unknown): { key: string; node: SpecNode }[] {
  switch (node.kind) {
    case 'group':
      return [...node.fields]
    case 'variants': {
      const kinds: SpecNode = {
        kind: 'choice',
        options: node.options.map((option) => option.value),
        description: '',
        fallback: undefined,
        nullable: false,
      }
      return [{ key: node.key, node: kinds }, ...variantOf(node, value).group.fields]
    }
    case 'either':
      return fieldsOf(node.other, value)
    default:
      return []
  }
}

function wordsOf(node: SpecNode): { word: unknown; info: string }[] {
  switch (node.kind) {
    case 'constant':
      return [{ word: node.value, info: node.description }]
    case 'flag':
      return [true, false].map((word) => ({ word, info: node.description }))
    case 'choice':
      return node.options.map((word) => ({ word, info: node.description }))
    case 'variants':
      return node.options.map(({ value, description }) => ({ word: { [node.key]: value }, info: description }))
    case 'either':
      return [{ word: node.word, info: node.description }, ...wordsOf(node.other)]
    default:
      return node.fallback === undefined || node.fallback === null ? [] : [{ word: node.fallback, info: node.description }]
  }
}

function detailOf(node: SpecNode): string {
  const range = node.kind === 'number' ? [node.minimum, node.maximum].map((bound) => bound ?? '').join('…') : ''
  const kind = node.kind === 'choice' ? node.options.join(' | ') : node.kind
  return [kind.length > 40 ? node.kind : kind, range === '…' ? '' : range, node.fallback === undefined ? '*' : '']
    .filter((part) => part !== '')
    .join(' ')
}
