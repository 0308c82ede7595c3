/** The text files beside every export: README.md and SHA256SUMS. */
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { rankingWords, type Ranking } from './ranking.ts'

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
