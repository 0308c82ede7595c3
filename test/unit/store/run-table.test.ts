/** Runs as columns, held to what the summaries of the same runs say. */
import { expect, test } from 'vitest'
import type { DictionaryColumn } from '../../../main/contract/shapes/run-table.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { makeManyRuns } from '../../helpers/many-runs.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const QUESTION = { metrics: [], best: 'ndcg@20', spec: [] } as const
const text = ({ values, codes }: DictionaryColumn, i: number): string | null => values[codes[i]!] ?? null

async function withRuns(count: number, body: (store: Store, ids: string[]) => void): Promise<void> {
  await withWorkspace((home) => {
    const ids = makeManyRuns(home, { runs: count, epochs: 4 })
    const store = new Store(home)
    try {
      body(store, ids)
    } finally {
      store.close()
    }
  })
}

test('summaries read together are those read one by one', () =>
  withRuns(60, (store, ids) => {
    store.runs.setTags(ids[5]!, ['b', 'a'])
    const rows = store.runs.list()
    expect(rows.map(({ id }) => id)).toEqual(ids)
    expect(JSON.stringify(store.results.summaries(rows))).toBe(JSON.stringify(rows.map((row) => store.results.summary(row))))
    expect(store.results.summaries([])).toEqual([])
  }))

test('columns say what summaries say, at the first reading and from memory', () =>
  withRuns(60, (store, ids) => {
    store.runs.setTags(ids[5]!, ['b', 'a'])
    for (let reading = 0; reading < 2; reading++) {
      const columns = store.table.columns({
        ...QUESTION,
        metrics: ['recall@20', 'cold.map@5', 'none@1'],
        spec: ['training.batchSize', 'loss', 'no.such'],
      })
      expect(columns.run).toEqual(ids)
      for (const [i, id] of ids.entries()) {
        const row = store.runs.resolve(id)
        const summary = store.results.summary(row)
        const { epochsLog, notes } = store.results.detail(row, '')
        const known = epochsLog.map(({ epoch, validation }) => ({ epoch, value: validation['ndcg@20']! }))
        const best = known.find(({ epoch }) => epoch === summary.bestEpoch) ?? known.reduce((a, b) => (b.value > a.value ? b : a))
        expect({
          name: text(columns.name, i),
          dataset: text(columns.dataset, i),
          state: text(columns.state, i),
          protocol: text(columns.protocol, i),
          loss: text(columns.loss, i),
          note: text(columns.note, i) ?? '',
          tags: JSON.parse(text(columns.tags, i) ?? '[]') as unknown,
          createdAt: columns.createdAt[i],
          seed: columns.seed[i],
          epochs: columns.epochs[i],
          best: [columns.bestEpoch[i], columns.best[i]],
          seconds: columns.seconds[i],
          recall: columns.metrics['recall@20']![i],
          cold: columns.metrics['cold.map@5']![i],
          none: columns.metrics['none@1']![i],
          batchSize: text(columns.spec['training.batchSize']!, i),
          lossSpec: JSON.parse(text(columns.spec['loss']!, i)!) as unknown,
          noSuch: text(columns.spec['no.such']!, i),
        }).toEqual({
          name: summary.name,
          dataset: summary.dataset,
          state: summary.state,
          protocol: summary.protocolHash,
          loss: row.spec.model === 'two-tower' ? row.spec.loss.kind : null,
          note: notes,
          tags: summary.tags,
          createdAt: Date.parse(summary.createdAt) / 1000,
          seed: summary.seed,
          epochs: summary.epochs,
          best: [best.epoch, best.value],
          seconds: summary.seconds,
          recall: summary.metrics['recall@20'] ?? NaN,
          cold: summary.metrics['cold.map@5'] ?? NaN,
          none: NaN,
          batchSize: row.spec.model === 'two-tower' ? String(row.spec.training.batchSize) : null,
          lossSpec: row.spec.model === 'two-tower' ? row.spec.loss : null,
          noSuch: null,
        })
      }
    }
  }))

test('some runs are asked for by id, one dataset by name, families by their specs without the seed', () =>
  withRuns(12, (store, ids) => {
    expect(store.table.columns({ ...QUESTION, runs: [ids[7]!, 'unknown', ids[2]!] }).run).toEqual([ids[2], ids[7]])
    const { dataset, family } = store.table.columns(QUESTION)
    const market = ids.filter((_, i) => text(dataset, i) === 'market')
    expect(store.table.columns({ ...QUESTION, dataset: 'market' }).run).toEqual(market)
    // three seeds a family, one after another
    expect(ids.map((_, i) => family.codes.indexOf(family.codes[i]!))).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9])
  }))

test('one baseline a protocol; fields tell what there is; what is edited is read back', () =>
  withRuns(12, (store, ids) => {
    const pinned = (): string[] => {
      const { run, pinned: flags } = store.table.columns(QUESTION)
      return run.filter((_, i) => flags[i] === 1)
    }
    const { protocol } = store.table.columns(QUESTION)
    const [a, b] = ids.map((id, i) => ({ id, hash: text(protocol, i) })).filter(({ hash }) => hash !== null && hash === text(protocol, 0))
    store.table.pin(a!.id, true)
    store.table.pin(b!.id, true)
    expect(pinned()).toEqual([b!.id])
    store.table.pin(b!.id, false)
    expect(pinned()).toEqual([])

    store.table.setFolder(ids[0]!, 'x/y')
    store.table.rename(ids[0]!, 'renamed')
    store.table.addTag(ids[0]!, 'new')
    store.table.addTag(ids[0]!, 'new')
    const { metrics, spec, tags, folders } = store.table.fields()
    expect(metrics.slice(0, 2)).toEqual(['recall@5', 'recall@10'])
    expect(spec).toEqual(expect.arrayContaining(['evaluation.k', 'loss.kind', 'training.batchSize', 'user.hidden']))
    expect(spec.filter((path) => path.includes('['))).toEqual([])
    expect(tags).toContain('new')
    expect(folders).toContain('x/y')
    const columns = store.table.columns({ ...QUESTION, runs: [ids[0]!] })
    expect([text(columns.name, 0), text(columns.folder, 0)]).toEqual(['renamed', 'x/y'])
    store.table.removeTag(ids[0]!, 'new')
    expect(store.runs.tags(ids[0]!)).not.toContain('new')
  }))

test('settings are kept, and what cannot be read counts as not set', () =>
  withRuns(1, (store) => {
    expect(store.settings.all()).toEqual({ threads: null, executor: 'onnxruntime', epochVectorsMb: 500, updates: false })
    store.settings.set({ threads: 3, executor: 'tensorflow' })
    expect(store.settings.all()).toEqual({ threads: 3, executor: 'tensorflow', epochVectorsMb: 500, updates: false })
    store.settings.set({ threads: undefined })
    expect(store.settings.all()).toEqual({ threads: 3, executor: 'tensorflow', epochVectorsMb: 500, updates: false })
    store.database.run('UPDATE settings SET value = ?', '"many"')
    store.database.run('INSERT INTO settings (name, value) VALUES (?, ?)', 'later', 'true')
    expect(store.settings.all()).toEqual({ threads: null, executor: 'onnxruntime', epochVectorsMb: 500, updates: false })
  }))
