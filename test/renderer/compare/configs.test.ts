/** Configs as they are read: sections of one run, axes over several. */
import { expect, test } from 'vitest'
import { orderAxes, configAxis } from '@/pages/compare/parallel.ts'
import { shortText } from '@contract/short-text.ts'
import { sectionsOf } from '@/features/run/config-sections.ts'
import { definedPoints } from '@/charts/series.ts'

test('a spec is told as sections: nested values by path, lists of objects a line each', () => {
  const spec = {
    model: 'two-tower',
    recipe: null,
    user: { hidden: [64, 32], features: [{ kind: 'history', name: 'history', dim: 8, events: [], encoder: { kind: 'gru', layers: 2 } }] },
    training: { tables: { kind: 'adam', learningRate: 0.01 } },
  }
  expect(sectionsOf(spec)).toEqual([
    {
      key: '',
      facts: [
        { path: 'model', value: 'two-tower' },
        { path: 'recipe', value: '–' },
      ],
      lists: [],
    },
    {
      key: 'user',
      facts: [{ path: 'hidden', value: '64, 32' }],
      lists: [{ path: 'features', lines: [{ kind: 'history', name: 'history', rest: 'dim 8 · encoder gru (layers 2)' }] }],
    },
    {
      key: 'training',
      facts: [
        { path: 'tables.kind', value: 'adam' },
        { path: 'tables.learningRate', value: '0.01' },
      ],
      lists: [],
    },
  ])
  expect([[], [1, [2]], { a: 1 }, undefined].map(shortText)).toEqual(['[]', '[1,[2]]', '{"a":1}', '–'])
})

test('an axis is a scale for numbers, log where they are far apart, and categories for the rest; none where nothing differs', () => {
  const axis = (values: unknown[]) => configAxis({ path: 'x', values }, [0, 1, 2])
  expect(axis([0.1, 0.001, 0.01])).toEqual({ name: 'x', categories: null, log: true, values: [0.1, 0.001, 0.01] })
  expect(axis([1, 2, undefined])).toEqual({ name: 'x', categories: null, log: false, values: [1, 2, null] })
  expect(axis([0, 100, 1])).toMatchObject({ log: false })
  expect(axis(['b', [1, 2], 'b'])).toEqual({ name: 'x', categories: ['1, 2', 'b'], log: false, values: ['b', '1, 2', 'b'] })
  expect([axis([1, 1, 1]), axis([1, undefined, 1])]).toEqual([null, null])
  const named = (name: string, values: (number | null)[]) => ({ name, categories: null, log: false, values })
  expect(
    orderAxes([named('a[0].x', [1, 2]), named('b', [1, null]), named('recipe', [1, 2]), named('c', [1, 2])]).map(({ name }) => name),
  ).toEqual(['c', 'recipe', 'a[0].x', 'b'])
})

test('a curve is drawn through the epochs that were evaluated', () => {
  expect(definedPoints([1, 2, 3], [0.5, NaN, 0.7])).toEqual({ x: [1, 3], y: [0.5, 0.7] })
})
