/** A feature made of a column by its kind, as a person would begin with it; the engine's automatic ones also look at the data. */
import type { Column } from '@contract/shapes/dataset.ts'

export function featureFor(column: Column, columns: readonly Column[]): Record<string, unknown> {
  const name = featureName(column.name)
  switch (column.kind) {
    case 'tags':
      return { kind: 'tags', name, column: column.name, dim: 16 }
    case 'number':
      return { kind: 'number', name, column: column.name }
    case 'text':
      return { kind: 'text', name, column: column.name, dim: 32 }
    case 'time':
      return { kind: 'time', name, column: column.name, parts: ['age'] }
    case 'vector':
      return { kind: 'vector', name, column: column.name }
    case 'latitude': {
      const longitude = columns.find(({ kind }) => kind === 'longitude')?.name ?? ''
      return { kind: 'geo', name: 'place', latitude: column.name, longitude }
    }
    default:
      return { kind: 'category', name, column: column.name, dim: 8 }
  }
}

/** A feature's name: letters, digits, _ and -. */
export const featureName = (column: string): string => column.replace(/[^a-z0-9_-]+/gi, '-').replace(/^[^a-z0-9]+|-+$/gi, '') || 'feature'
