/** The form's logic over the contract's own schema: every spec the schema allows has a place in the tree, and comes out as it went in. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { specSchema } from '@contract/shapes/spec.ts'
import { startHistory, recordChange, redo, undo } from '@/pages/new-run/spec/undo-history.ts'
import { shownFieldOf, problemsByField, problemsUnder } from '@/pages/new-run/spec/problems.ts'
import { longestSuffixEntry } from '@/pages/new-run/form/spec-texts.ts'
import { describeRecipe, recipeNames } from '../../main/engine/towers/recipes.ts'
import { cardLines } from '@/locales/zh/recipe-cards.ts'
import { sentences } from '@/locales/zh/engine/all.ts'
import { recipeTexts } from '@/locales/zh/recipes.ts'
import { specTexts } from '@/locales/zh/spec.ts'
import { isPlain } from '@contract/plain.ts'
import { nodeAt, specTree, type NodeOf, type Path, type SpecNode } from '@/pages/new-run/spec/tree.ts'
import {
  completedSpec,
  firstValue,
  formatPath,
  isSameValue,
  parsePath,
  valueAt,
  withValue,
  withVariant,
} from '@/pages/new-run/spec/values.ts'

const tree = specTree() as NodeOf<'variants'>

/** Values of a node as the tree describes it. Texts and words are plain: patterns are the schema's affair. */
function valuesOf(node: SpecNode, depth = 0): fc.Arbitrary<unknown> {
  const inner = ((): fc.Arbitrary<unknown> => {
    switch (node.kind) {
      case 'constant':
        return fc.constant(node.value)
      case 'flag':
        return fc.boolean()
      case 'number': {
        const [low, high] = [node.minimum ?? -1000, node.maximum ?? 1e6]
        if (node.integer)
          return fc.integer({ min: Math.ceil(low) + Number(node.exclusive), max: Math.max(Math.ceil(low) + 1, Math.floor(high) - 1) })
        return fc.double({ min: low + (node.exclusive ? 1e-9 : 0), max: high - 1e-9, noNaN: true })
      }
      case 'text':
        return fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
      case 'choice':
        return fc.constantFrom(...node.options)
      case 'group':
        return groupOf(node, depth)
      case 'variants':
        return fc.oneof(
          ...node.options.map(({ value, group }) => groupOf(group, depth).map((fields) => ({ [node.key]: value, ...(fields as object) }))),
        )
      case 'list':
        return fc.array(valuesOf(node.item, depth + 1), {
          minLength: node.least,
          maxLength: Math.min(node.most ?? 3, Math.max(node.least, 3)),
        })
      case 'tuple':
        return fc.tuple(...node.items.map((item) => valuesOf(item, depth + 1)))
      case 'record':
        return fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), valuesOf(node.value, depth + 1), { maxKeys: 2 })
      case 'either':
        return fc.oneof(fc.constant(node.word), valuesOf(node.other, depth + 1))
      case 'anything':
        return fc.constant(null)
    }
  })()
  return node.nullable ? fc.oneof(fc.constant(null), inner) : inner
}
function groupOf({ fields }: NodeOf<'group'>, depth: number): fc.Arbitrary<unknown> {
  const optional = fields.filter(({ node }) => node.fallback !== undefined).map(({ key }) => key)
  const model = Object.fromEntries(fields.map(({ key, node }) => [key, valuesOf(node, depth + 1)]))
  return fc.record(model, { requiredKeys: Object.keys(model).filter((key) => !optional.includes(key)) })
}
const specs = valuesOf(tree)

/** Every leaf of a value with its path. */
function leaves(value: unknown, path: Path = []): [Path, unknown][] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, i) => leaves(item, [...path, i]))
  if (isPlain(value) && Object.keys(value).length > 0) return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
  return [[path, value]]
}

test('the tree has every model, and no place of it is beyond a form', () => {
  expect(tree.kind).toBe('variants')
  expect(tree.options.map(({ value }) => value)).toContain('two-tower')
  const unknown: string[] = []
  const walk = (node: SpecNode, path: string): void => {
    if (node.kind === 'anything') unknown.push(path)
    if (node.kind === 'group') for (const field of node.fields) walk(field.node, `${path}.${field.key}`)
    if (node.kind === 'variants') for (const option of node.options) walk(option.group, `${path}.${option.value}`)
    if (node.kind === 'list') walk(node.item, `${path}[]`)
    if (node.kind === 'tuple') node.items.forEach((item, i) => walk(item, `${path}[${i}]`))
    if (node.kind === 'record') walk(node.value, `${path}.*`)
    if (node.kind === 'either') walk(node.other, path)
  }
  walk(tree, '')
  expect(unknown).toEqual([])
})

test('each value of a spec has its node, and writing the leaves one by one makes the spec again', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      let rebuilt: unknown
      for (const [path, leaf] of leaves(spec)) {
        expect(nodeAt(tree, spec, path), formatPath(path)).not.toBeNull()
        rebuilt = withValue(rebuilt, path, leaf)
      }
      expect(isSameValue(rebuilt, spec)).toBe(true)
      expect(isSameValue(JSON.parse(JSON.stringify(rebuilt)), spec)).toBe(true)
    }),
    // the example: JSON knows no −0
    { numRuns: 150, examples: [[{ model: 'two-tower', loss: { kind: 'ccl', margin: -0 } }]] },
  )
})

test('a write changes its place and nothing else, and keeps what it was given', () => {
  fc.assert(
    fc.property(specs, fc.nat(), fc.integer(), (spec, at, value) => {
      const all = leaves(spec)
      const [path] = all[at % all.length]!
      const before = JSON.stringify(spec)
      const after = withValue(spec, path, value)
      expect(valueAt(after, path)).toBe(value)
      expect(JSON.stringify(spec)).toBe(before)
      expect(isSameValue(withValue(after, path, valueAt(spec, path)), spec)).toBe(true)
      expect(leaves(after).filter(([other]) => formatPath(other) !== formatPath(path))).toEqual(
        leaves(spec).filter(([other]) => formatPath(other) !== formatPath(path)),
      )
    }),
    { numRuns: 100 },
  )
})

test('defaults filled in by the form are those the contract fills in', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const parsed = specSchema.safeParse(spec)
      // what the tree cannot know (patterns, refinements) may be refused; the defaults of what is accepted must agree
      fc.pre(parsed.success)
      expect(isSameValue(completedSpec(tree, spec), parsed.data)).toBe(true)
    }),
    { numRuns: 150 },
  )
  expect(isSameValue(completedSpec(tree, { model: 'two-tower' }), specSchema.parse({}))).toBe(true)
})

test('what is added first fits the schema, whichever loss or model it is', () => {
  for (const { value } of tree.options) {
    const parsed = specSchema.safeParse(withVariant(tree, {}, value))
    expect(parsed.error?.issues ?? [], value).toEqual([])
  }
  const loss = nodeAt(tree, {}, ['loss']) as NodeOf<'variants'>
  for (const { value } of loss.options)
    expect(specSchema.safeParse({ loss: withVariant(loss, undefined, value) }).error?.issues ?? [], value).toEqual([])
})

test('changing the kind keeps what both kinds know', () => {
  const loss = nodeAt(tree, {}, ['loss']) as NodeOf<'variants'>
  expect(withVariant(loss, { kind: 'bpr', negatives: 7, shared: false }, 'ccl')).toMatchObject({ kind: 'ccl', negatives: 7, shared: false })
  expect(withVariant(loss, { kind: 'bpr', negatives: 7 }, 'in-batch-softmax')).toEqual({ kind: 'in-batch-softmax' })
})

test('paths and places are each other', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.stringMatching(/^[a-z][a-zA-Z]{0,6}$/), fc.nat(20))), (keys) => {
      const path: Path = ['user', ...keys]
      expect(parsePath(formatPath(path))).toEqual(path)
    }),
  )
})

test('problems stand at the field that shows them', () => {
  const spec = { model: 'two-tower', user: { features: [{ kind: 'id', dim: 4 }], hidden: [8, -1] }, loss: { kind: 'bpr' } }
  const problems = [
    { place: 'user.features[0].dim', message: 'too wide' },
    { place: 'user.hidden[1]', message: 'too small' },
    { place: 'loss.margin', message: 'is no key here' },
    { place: '', message: 'as a whole' },
  ]
  expect(Object.fromEntries(problemsByField(tree, spec, problems))).toEqual({
    'user.features[0].dim': ['too wide'],
    'user.hidden': ['user.hidden[1]: too small'],
    loss: ['loss.margin: is no key here'],
    '': ['as a whole'],
  })
  expect(shownFieldOf(tree, spec, ['user', 'features', 0, 'nonsense'])).toEqual(['user', 'features', 0])
  expect(problemsUnder(problems, ['user'])).toBe(2)
})

test('undo takes back whole thoughts, redo brings them again', () => {
  let history = startHistory('a')
  history = recordChange(history, 'ab', 'name', 0)
  history = recordChange(history, 'abc', 'name', 300)
  history = recordChange(history, 'abcd', 'epochs', 400)
  expect(undo(history).now).toBe('abc')
  expect(undo(undo(history)).now).toBe('a')
  expect(undo(undo(undo(history))).now).toBe('a')
  expect(redo(redo(undo(undo(history)))).now).toBe('abcd')
  expect(redo(recordChange(undo(history), 'x', 'name', 9000)).now).toBe('x')
})

test('a first value exists for every node', () => {
  const walk = (node: SpecNode): void => {
    const value = firstValue(node)
    expect(value === undefined).toBe(false)
    if (node.kind === 'variants') for (const { group } of node.options) for (const field of group.fields) walk(field.node)
    if (node.kind === 'group') for (const field of node.fields) walk(field.node)
  }
  walk(tree)
})

test('the Chinese table speaks of every field and variant, and of nothing else', () => {
  const names = new Set<string>(['model', 'userTower', 'itemTower'])
  const words = new Set<string>()
  const walk = (node: SpecNode, name: string): void => {
    if (name !== '' && node.kind !== 'constant') names.add(name)
    const within = (key: string): string => (name === '' ? key : `${name}.${key}`)
    if (node.kind === 'group')
      for (const field of node.fields) walk(field.node, within(['user', 'item'].includes(field.key) ? 'tower' : field.key))
    if (node.kind === 'variants')
      for (const { value, group } of node.options) {
        names.add(name === '' ? `model.${value}` : within(value))
        walk(group, name === '' ? '' : within(value))
      }
    if (node.kind === 'choice') for (const option of node.options) words.add(within(option))
    if (node.kind === 'list') walk(node.item, name)
    if (node.kind === 'record') walk(node.value, name)
    if (node.kind === 'either') walk(node.other, name)
  }
  walk(tree, '')
  const speaksOf = (key: string): boolean => [...names, ...words].some((name) => name === key || name.endsWith(`.${key}`))
  expect(Object.keys(specTexts).filter((key) => !speaksOf(key))).toEqual([])
  expect([...names].filter((name) => (longestSuffixEntry(specTexts, name)?.[1] ?? '') === '')).toEqual([])
})

test('every recipe, and whatever one needs, has its words in Chinese', () => {
  const recipes = recipeNames().map((name) => describeRecipe(name, null))
  expect(Object.keys(recipeTexts).toSorted()).toEqual(recipeNames().toSorted())
  const needs = recipes.flatMap((recipe) => recipe.needs.flatMap(({ what, remedy }) => [what, remedy]))
  expect(needs.filter((text) => !(text in sentences))).toEqual([])
  const lines = new Set(recipes.flatMap(({ card: { claims, ingredients, changes } }) => [...claims, ...ingredients, ...changes]))
  expect(Object.keys(cardLines).toSorted()).toEqual([...lines].toSorted())
  // figures are those of the engine
  const figures = (text: string): string[] => (text.match(/\d+(\.\d+)?/g) ?? []).toSorted()
  for (const [line, words] of Object.entries(cardLines)) expect(figures(words), line).toEqual(figures(line))
})
