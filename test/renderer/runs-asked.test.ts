/** The page of runs asks once for its table, however many columns are wanted in one go: with 10,000 runs an answer takes a quarter of a second. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import RunsPage from '@/pages/runs/RunsPage.vue'
import { useRuns } from '@/stores/runs.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)
const texts = (...values: string[]): object => ({ values, codes: Int32Array.of(values.length - 1) })
const columns = {
  run: ['r1'],
  ...Object.fromEntries(['name', 'dataset', 'model', 'recipe', 'family'].map((name) => [name, texts('x')])),
  ...Object.fromEntries(['loss', 'folder', 'note', 'tags', 'protocol', 'search'].map((name) => [name, texts()])),
  state: texts('finished'),
  ...Object.fromEntries(['createdAt', 'seed', 'best', 'seconds', 'examplesPerSecond'].map((name) => [name, Float64Array.of(1)])),
  ...Object.fromEntries(['epochs', 'bestEpoch'].map((name) => [name, Int32Array.of(1)])),
  pinned: Uint8Array.of(0),
}
const answers = {
  'runs.table': ({ metrics, spec }: { metrics: string[]; spec: string[] }) => ({
    columns: {
      ...columns,
      metrics: Object.fromEntries(metrics.map((name) => [name, Float64Array.of(0.5)])),
      spec: Object.fromEntries(spec.map((path) => [path, texts('1')])),
    },
    protocols: [],
  }),
  'runs.fields': () => ({ metrics: ['recall@20', 'ndcg@20', 'mrr@20'], spec: ['recipe', 'training.epochs'], tags: [], folders: [] }),
  'views.list': () => ({ views: [] }),
  'runs.list': () => ({ runs: [] }),
  'jobs.list': () => ({ jobs: [] }),
}

test('once at the start, and once for what is wanted together', async () => {
  const { asked } = await show(RunsPage, { answers })
  expect(asked('runs.table')).toEqual([{ metrics: ['recall@20', 'ndcg@20'], spec: [], best: 'ndcg@20' }])
  const runs = useRuns()
  runs.want({ metrics: ['ndcg@20'] })
  runs.want({ metrics: ['mrr@20'] })
  runs.want({ spec: ['training.epochs'] })
  await flushPromises()
  expect(asked('runs.table').slice(1)).toEqual([
    { metrics: ['recall@20', 'ndcg@20', 'mrr@20'], spec: ['training.epochs'], best: 'ndcg@20' },
  ])
})
