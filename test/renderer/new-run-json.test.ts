/** The JSON view's logic on real editor states: what is completed where, and where problems are shown. `|` is the cursor. */
import { CompletionContext } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { ensureSyntaxTree } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { memoryDataset } from '../helpers/dataset.ts'
import { specCompletions } from '@/pages/new-run/json/completion.ts'
import { rangeOf, tolerantValue } from '@/pages/new-run/json/json-ranges.ts'
import { parsePath } from '@/pages/new-run/spec/values.ts'

const { manifest } = memoryDataset({
  interactions: [
    { user: 'u', item: 'a', time: 1, event: 'view' },
    { user: 'u', item: 'b', time: 2, event: 'click' },
  ],
  items: [{ id: 'a', city: 'Oslo', price: 3 }],
})

function stateOf(doc: string): EditorState {
  const state = EditorState.create({ doc, extensions: [json()] })
  ensureSyntaxTree(state, doc.length, 1000)
  return state
}
function complete(text: string): { labels: string[]; replaced: string; applied: string } {
  const position = text.indexOf('|')
  const state = stateOf(text.replace('|', ''))
  const result = specCompletions(() => manifest)(new CompletionContext(state, position, true))
  const [first] = result?.options ?? []
  return {
    labels: (result?.options ?? []).map(({ label }) => label),
    replaced: result === null ? '' : state.sliceDoc(result.from, result.to ?? position),
    applied: typeof first?.apply === 'string' ? first.apply : '',
  }
}

test('keys of an object are offered, but those that are there', () => {
  expect(complete('{"model": "two-tower", |}').labels).toContain('"loss"')
  expect(complete('{"model": "two-tower", "lo|"}')).toMatchObject({
    replaced: '"lo"',
    labels: expect.arrayContaining(['"loss"', '"training"']) as string[],
  })
  expect(complete('{\n  "l|"\n  "model": "two-tower"\n}')).toMatchObject({
    replaced: '"l"',
    labels: expect.arrayContaining(['"loss"']) as string[],
  })
  expect(complete('{"user": {"hidden": [3], |}}').labels).toEqual(expect.not.arrayContaining(['"hidden"', '"loss"']))
  expect(complete('{"user": {|}}').labels).toContain('"hidden"')
})

test('a key comes with its default, unless a value follows', () => {
  expect(complete('{"training": {"patien|"}}').labels).not.toContain('"patience"')
  expect(complete('{"evaluation": {"s|"}}')).toMatchObject({ applied: '"k": [5,10,20,50]' })
  expect(complete('{"evaluation": {"k|": [1]}}').applied).toBe('"seen"')
})

test('keys are those of the kind that is written', () => {
  const { labels } = complete('{"loss": {"kind": "ccl", |}}')
  expect(labels).toContain('"margin"')
  expect(labels).not.toContain('"logQ"')
  expect(complete('{"model": "ease", |}').labels).toContain('"lambda"')
})

test('values are words, columns of the side, event types', () => {
  expect(complete('{"loss": {"kind": "|"}}').labels).toContain('"bpr"')
  expect(complete('{"user": {"activation": |}}').labels).toContain('"gelu"')
  expect(complete('{"item": {"features": [{"kind": "category", "column": "|"}]}}').labels).toEqual(['"city"', '"price"'])
  expect(complete('{"training": {"events": ["|"]}}').labels).toEqual(['"click"', '"view"'])
  expect(complete('{"user": {"layerNorm": |}}').labels).toEqual(['true', 'false'])
  expect(complete('{"nonsense": {"deep": |}}').labels).toEqual([])
})

test('problems are shown at their value, or the nearest place above', () => {
  const state = stateOf('{"user": {"hidden": [0, 64], "outptu": 3}}')
  const at = (place: string): string => {
    const { from, to } = rangeOf(state, parsePath(place))
    return state.sliceDoc(from, to)
  }
  expect(at('user.hidden[0]')).toBe('0')
  expect(at('user.outptu')).toBe('"outptu"')
  expect(at('user.features')).toBe('"user"')
  expect(at('loss.kind')).toBe('{')
})

test('what is typed so far has a value', () => {
  expect(tolerantValue(stateOf('{"a": 1, "b": {"c": [true, "x"'))).toEqual({ a: 1, b: { c: [true, 'x'] } })
  expect(tolerantValue(stateOf(''))).toBeUndefined()
})
