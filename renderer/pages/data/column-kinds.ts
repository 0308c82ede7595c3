/** The kinds of metadata columns, in the order they are offered. */
import type { ColumnKind } from '@contract/shapes/dataset.ts'

export const KINDS = [
  'category',
  'tags',
  'number',
  'text',
  'time',
  'latitude',
  'longitude',
  'vector',
  'id',
  'ignore',
] as const satisfies readonly ColumnKind[]
