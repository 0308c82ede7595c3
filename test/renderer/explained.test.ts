/** Terms have their explanation where they stand, in both languages: fields of a new run, metrics wherever a column is one. */
import { afterEach, expect, test } from 'vitest'
import { computed, shallowRef, type Component } from 'vue'
import { METRIC_KINDS, SLICE_NAMES } from '@contract/metrics.ts'
import type { SpecProblem } from '@contract/verbs.ts'
import { metricHint } from '@/composables/metric-words.ts'
import { language, LANGUAGES, type Language } from '@/composables/texts.ts'
import { formKey } from '@/pages/new-run/form/form-context.ts'
import SpecNode from '@/pages/new-run/form/SpecNode.vue'
import { useSpecTexts } from '@/pages/new-run/form/spec-texts.ts'
import RunSettings from '@/pages/new-run/RunSettings.vue'
import SpecForm from '@/pages/new-run/SpecForm.vue'
import { specTree, type NodeOf, type Path, type SpecNode as Node } from '@/pages/new-run/spec/tree.ts'
import { withValue } from '@/pages/new-run/spec/values.ts'
import { leave, show, type Mounted } from './mounted.ts'

const BOTH = Object.keys(LANGUAGES) as Language[]
afterEach(() => {
  language.value = 'en'
  leave()
})

test.each(BOTH)('every metric and slice is explained (%s)', (shown) => {
  language.value = shown
  for (const kind of Object.keys(METRIC_KINDS)) {
    const plain = metricHint(`${kind}@20`)
    expect(plain, kind).toMatch(/K = 20[.。] ?\S.{10,}/)
    // words of Chinese are Chinese
    if (shown === 'zh') expect(plain, kind).toMatch(/[一-鿿]{4}/)
    for (const slice of SLICE_NAMES) {
      const of = metricHint(`${slice}.${kind}@20`)
      expect([of.endsWith(plain), of.startsWith(`${slice}:`), of.startsWith(`${slice}：`)], of).toEqual([true, false, false])
    }
  }
  expect(metricHint('name')).toBe('')
})

test.each(BOTH)('every field and every variant of a spec says what it is (%s)', (shown) => {
  language.value = shown
  const texts = useSpecTexts()
  const mute: string[] = []
  const fieldsOf = ({ fields }: NodeOf<'group'>, name: string): void => {
    for (const { key, node } of fields) walk(node, [name, ['user', 'item'].includes(key) ? 'tower' : key].filter(Boolean).join('.'))
  }
  const walk = (node: Node, name: string): void => {
    // as it is shown, but for its default
    if (node.kind !== 'constant' && texts.hint(name, { ...node, fallback: undefined }) === '') mute.push(name)
    inner(node, name)
  }
  const inner = (node: Node, name: string): void => {
    if (node.kind === 'group') fieldsOf(node, name)
    if (node.kind === 'variants')
      for (const option of node.options) {
        if (texts.variant(name === '' ? 'model' : name, option)[1] === '') mute.push(`${name === '' ? 'model' : name}: ${option.value}`)
        fieldsOf(option.group, name === '' ? '' : `${name}.${option.value}`)
      }
    if (node.kind === 'either' || node.kind === 'list') inner(node.kind === 'list' ? node.item : node.other, name)
  }
  inner(specTree(), '')
  expect(mute).toEqual([])
})

/** The node of a model's field. */
function nodeOf(model: string, ...path: string[]): Node {
  let node: Node = specTree()
  for (const key of [model, ...path]) {
    if (node.kind === 'variants') node = node.options.find(({ value }) => value === key)!.group
    else node = (node as NodeOf<'group'>).fields.find((field) => field.key === key)!.node
  }
  return node
}
const hintOf = (...path: [string, ...string[]]): string => useSpecTexts().hint(path.slice(1).join('.'), nodeOf(...path))

test('a hint begins with a capital where it begins with a word, and a symbol or a code stays itself', () => {
  expect(hintOf('ials', 'regularisation')).toMatch(/^λ; row u/)
  expect(hintOf('ials', 'unobservedWeight')).toMatch(/^α₀: weight/)
  expect(hintOf('item-knn', 'shrinkage')).toMatch(/^s in cooccurrence/)
  expect(hintOf('two-tower', 'loss', 'bsl', 'positiveTemperature')).toMatch(/^τ1 of the positives/)
  expect(hintOf('ials', 'dim')).toMatch(/^Width of/)
  expect(hintOf('two-tower', 'training', 'warmStart')).toMatch(/^A finished run/)
  expect(useSpecTexts().hint('x', { ...nodeOf('ials', 'dim'), description: 'f16 halves' })).toBe('f16 halves.')
  language.value = 'zh'
  expect(hintOf('two-tower', 'index', 'scalar')).toMatch(/^f16 /)
})

test('a default is said in words: of an object its kind, of a list its members, of nothing nothing', () => {
  expect(hintOf('ials', 'dim')).not.toContain('Default')
  expect(hintOf('ials', 'events')).not.toContain('Default')
  expect(hintOf('two-tower', 'training', 'weights', 'events')).not.toContain('Default')
  expect(hintOf('two-tower', 'training', 'init')).toMatch(/Default: random\.$/)
  expect(hintOf('two-tower', 'evaluation', 'k')).toMatch(/Default: 5, 10, 20, 50\.$/)
  expect(hintOf('ials', 'frequencyScaling')).toMatch(/Default: 1\.$/)
})

test('an empty field that Pylon chooses a value for says so; another is off', () => {
  const { empty } = useSpecTexts()
  const spectral = ['two-tower', 'training', 'init', 'spectral'] as const
  const chosen = [
    ...['dim', 'regularisation', 'unobservedWeight', 'epochs'].map((key) => nodeOf('ials', key)),
    nodeOf('ease', 'lambda'),
    ...['neighbours', 'shrinkage'].map((key) => nodeOf('item-knn', key)),
    ...['rank', 'filter', 'gamma', 'shrinkage', 'coldScale'].map((key) => nodeOf(...spectral, key)),
  ]
  for (const node of chosen) expect(empty(node), node.description).toBe('chosen on validation')
  for (const key of ['clipNorm', 'earlyStopping', 'finalFitShare', 'ema'])
    expect(empty(nodeOf('two-tower', 'training', key)), key).toBe('off')
  expect(empty(nodeOf('ease', 'keep'))).toBe('off')
})

async function formOf(spec: object): Promise<Mounted> {
  const now = shallowRef<unknown>(spec)
  const form = {
    control: SpecNode as unknown as Component,
    spec: computed(() => now.value),
    manifest: computed(() => null),
    automatic: computed(() => null),
    problems: computed(() => new Map<string, SpecProblem[]>()),
    texts: useSpecTexts(),
    set: (path: Path, value: unknown) => (now.value = withValue(now.value, path, value)),
  }
  return show(SpecForm, { provide: { [formKey as symbol]: form } })
}
const unexplained = ({ shown }: Mounted): string[] =>
  shown
    .findAll('.field')
    .filter((field) => !field.find('button.hint').exists())
    .map((field) => field.find('label').text())

test.each(BOTH)('no field of the form of a new run is without its mark, whichever model, few settings or all (%s)', async (shown) => {
  language.value = shown
  for (const all of [false, true])
    for (const { value } of (specTree() as NodeOf<'variants'>).options) {
      localStorage.setItem('pylon.new-run.all', JSON.stringify(all))
      const page = await formOf({ model: value })
      expect(page.shown.findAll('.field').length, value).toBeGreaterThan(0)
      expect(unexplained(page), `${value} ${all}`).toEqual([])
    }
  const settings = { name: '', seeds: [1], seeded: true, tags: [], folder: '', placeholder: '' }
  const page = await show(RunSettings, {
    props: settings,
    answers: { 'runs.fields': () => ({ metrics: [], spec: [], tags: [], folders: [] }) },
  })
  expect([page.shown.findAll('.field').length, unexplained(page)]).toEqual([4, []])
})
