/** What the files of a bundle are called; `run/` and `dataset/` are folders as the workspace has them. */
export const BUNDLE_FILES = {
  manifest: 'bundle.json',
  schema: 'bundle.schema.json',
  checksums: 'SHA256SUMS',
  probes: 'probes.json',
  card: 'MODEL_CARD.md',
  licence: 'LICENCE.md',
} as const
