/**
 * Values to rows of an embedding table. A frozen vocabulary gives row 0 to everything unknown and rows 1 … to its values by falling
 * training count, ties by code point, so the same data gives the same rows on every machine. A huge set of values is hashed instead:
 * then no value is unknown, and rare ones share a row by chance.
 */
import { hashRow } from './murmur.ts'

/** `values[i]` has row i + 1; or rows 1 .. buckets by hash. JSON-safe. */
export type Vocabulary = { readonly values: readonly string[] } | { readonly buckets: number }

export interface VocabularyOptions {
  /** values that occur less often are unknown; not for hashed ones, whose counts are not kept */
  readonly minCount: number
  /** null: a vocabulary */
  readonly hashBuckets: number | null
}

/** Freezes the values of a training part with their counts. */
export function fitVocabulary(counts: ReadonlyMap<string, number>, { minCount, hashBuckets }: VocabularyOptions): Vocabulary {
  if (hashBuckets !== null) return { buckets: hashBuckets }
  const kept = [...counts].filter(([, count]) => count >= minCount)
  kept.sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))
  return { values: kept.map(([value]) => value) }
}

/** Rows of the table a vocabulary needs, the unknown bucket included. */
export function vocabularyRows(vocabulary: Vocabulary): number {
  return 1 + ('buckets' in vocabulary ? vocabulary.buckets : vocabulary.values.length)
}

const maps = new WeakMap<Vocabulary, ReadonlyMap<string, number>>()

/** The function from value to row; 0 for unknown. The map behind it is made once a vocabulary: O(values), then O(1) a lookup. */
export function rowLookup(vocabulary: Vocabulary): (value: string) => number {
  if ('buckets' in vocabulary) return (value) => hashRow(value, vocabulary.buckets)
  const map = maps.get(vocabulary) ?? new Map(vocabulary.values.map((value, i) => [value, i + 1]))
  maps.set(vocabulary, map)
  return (value) => map.get(value) ?? 0
}

/** Order by code point, which is also the order of the UTF-8 bytes; `<` on strings orders by UTF-16 unit and differs past U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    const [high, other] = [isSurrogate(x), isSurrogate(y)]
    return high === other ? x - y : high ? 1 : -1
  }
  return a.length - b.length
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000
