/** What an export holds: for each format the files of a run that it takes, and the words that go with them. */
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { rankingWords, type Ranking } from './ranking.ts'

/** The formats that are the run's own files, and the words that go with them. */
export const COPIES = {
  vectors: {
    files: ['user_vectors.npy', 'user_ids.json', 'item_vectors.npy', 'item_ids.json', 'protocol.json', 'metrics.json'],
    readme: [
      'The vectors of one run of Pylon: row k of `user_vectors.npy` is the user whose id is entry k of `user_ids.json`, and so for items.',
      '',
      '    import json, numpy as np',
      '    users, items = np.load("user_vectors.npy"), np.load("item_vectors.npy")',
      '    ids = json.load(open("item_ids.json"))',
      '    best = [ids[k] for k in np.argsort(-({scores}), kind="stable")[:10]]',
      '',
      '`protocol.json` says on what and how `metrics.json` was measured: seen items are masked there, as they should be where the vectors serve.',
    ],
  },
  onnx: {
    files: ['user_tower.onnx', 'item_tower.onnx', 'weights.safetensors', 'encoders.json', 'spec.json', 'protocol.json', 'metrics.json'],
    readme: [
      'Both towers of one run of Pylon as ONNX models (opset 17), embedding tables included, for any ONNX runtime. Inputs, for `n` users or items:',
      '',
      '- `user.dense`, `item.dense` (and `user.context`): float32 [n, width], the dense features',
      '- for each bag of a table `NAME.rows`, int32 [n, any length], and `NAME.weights`, float32 of the same shape: padded with weight 0; the mean of m rows is m weights of 1/m',
      '',
      'The output `vectors` is float32 [n, dim].',
      '',
      '- `encoders.json`: how raw features become inputs: vocabularies, means, edges, hash seeds, and the layout by tower; row 0 of a table is "unknown"',
      '- `weights.safetensors`: the same tables and weights by name, as float32',
      '- `spec.json`: from which the run was trained; `protocol.json` and `metrics.json`: how it was measured, and how well it did',
    ],
  },
} as const satisfies Record<string, { files: readonly string[]; readme: readonly string[] }>

/** Pairs that must have as many rows as ids. */
export const ROWS_OF = { 'user_vectors.npy': 'user_ids.json', 'item_vectors.npy': 'item_ids.json' } as const

/** The text of README.md in an export; `{scores}` in its words are NumPy's scores of all items for the first user. */
export function readme(format: string, words: readonly string[], files: readonly Artefact[], ranking: Ranking | null): string {
  const rows = files.map(({ path, bytes }) => `| ${path} | ${bytes.toLocaleString('en')} |`)
  return [
    `# Pylon export: ${format}`,
    '',
    ...words.map((line) => line.replace('{scores}', ranking?.numpy ?? '')),
    ...(ranking === null ? [] : ['', ...rankingWords(ranking)]),
    '',
    '| file | bytes |',
    '|---|--:|',
    ...rows,
    '',
    'Check them with `sha256sum -c SHA256SUMS`.',
    '',
  ].join('\n')
}

/** The text of SHA256SUMS, as `sha256sum` reads it. */
export function checksums(files: readonly Artefact[]): string {
  return files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('')
}
