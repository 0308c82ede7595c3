/** What YAML would read as something else in the metadata of a model card; test/interop/hub_card.py reads whole ones by huggingface_hub. */
import { expect, test } from 'vitest'
import type { RunDetail } from '../../../main/contract/shapes/run.ts'
import { hubMetadata } from '../../../main/engine/export/hub-card.ts'

test('small numbers stay numbers, names stay texts, and nothing measured has no model-index', () => {
  const run = {
    name: 'yes: "first"',
    dataset: '2024-01-01',
    model: 'two-tower',
    recipe: null,
    metrics: { 'ndcg@5': Number.NaN, 'recall@5': 1e-7 },
    protocol: { hash: 'abc', part: 'test', datasetChecksum: '12e5' },
  } as unknown as RunDetail
  const lines = hubMetadata('onnx', run)
  expect(lines).toContain('      value: 1.0e-7')
  expect(lines).toContain(String.raw`- name: "yes: \"first\""`)
  expect(lines).toContain('      type: "2024-01-01"')
  expect(lines).toContain('      revision: "12e5"')
  expect(lines.join('\n')).not.toContain('ndcg')
  expect(hubMetadata('onnx', { ...run, metrics: {} }).join('\n')).not.toContain('model-index')
})
