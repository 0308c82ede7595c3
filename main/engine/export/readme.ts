/** The text files beside every export: README.md and SHA256SUMS. */
import type { Artefact } from '../../contract/shapes/artefact.ts'
import { rankingWords, type Ranking } from './ranking.ts'

/** Pairs that must have as many rows as ids. */
export const ROWS_OF = { 'user_vectors.npy': 'user_ids.json', 'item_vectors.npy': 'item_ids.json' } as const

/**
 * The text of README.md in an export; `{scores}` in its words are NumPy's scores of all items for the first user.
 * @param card what makes it a model card
 */
export function readme(
  format: string,
  words: readonly string[],
  files: readonly Artefact[],
  ranking: Ranking | null,
  card: { readonly metadata: readonly string[]; readonly sections: readonly string[] } = { metadata: [], sections: [] },
): string {
  const rows = files.map(({ path, bytes }) => `| ${path} | ${bytes.toLocaleString('en')} |`)
  return [
    ...card.metadata,
    `# Pylon export: ${format}`,
    '',
    ...words.map((line) => line.replace('{scores}', ranking?.numpy ?? '')),
    ...(ranking === null ? [] : ['', ...rankingWords(ranking)]),
    ...card.sections,
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
