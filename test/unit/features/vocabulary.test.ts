import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareCodePoints, fitVocabulary, rowLookup, vocabularyRows } from '../../../main/engine/features/vocabulary.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('a', 'b', '\u{1f600}', '\ufffd', 'constructor', '__proto__', ''),
)

test('values by falling count, ties by code point, rare ones unknown', () => {
  const counts = new Map([
    ['rare', 1],
    ['b', 2],
    ['a', 2],
    ['top', 9],
    ['\u{1f600}', 2],
    ['\ufffd', 2],
  ])
  const vocabulary = fitVocabulary(counts, { minCount: 2, hashBuckets: null })
  expect(vocabulary).toEqual({ values: ['top', 'a', 'b', '\ufffd', '\u{1f600}'] })
  expect(['top', 'a', 'rare', 'never', 'constructor'].map(rowLookup(vocabulary))).toEqual([1, 2, 0, 0, 0])
  expect(vocabularyRows(vocabulary)).toBe(6)
})

test('the order of code points is that of UTF-8 bytes', () => {
  fc.assert(fc.property(anyText, anyText, (a, b) => Math.sign(compareCodePoints(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b))))
})

test('every value has the row of its rank, whatever order the counts came in, also after JSON', () => {
  const counted = fc.uniqueArray(fc.tuple(anyText, fc.integer({ min: 1, max: 4 })), { selector: ([value]) => value })
  fc.assert(
    fc.property(counted, fc.integer({ min: 1, max: 3 }), (counts, minCount) => {
      const vocabulary = fitVocabulary(new Map(counts), { minCount, hashBuckets: null })
      expect(vocabulary).toEqual(fitVocabulary(new Map(counts.toReversed()), { minCount, hashBuckets: null }))
      const row = rowLookup(JSON.parse(JSON.stringify(vocabulary)) as typeof vocabulary)
      const kept = counts.filter(([, count]) => count >= minCount)
      expect(kept.map(([value]) => row(value)).sort((a, b) => a - b)).toEqual(kept.map((_, i) => i + 1))
      for (const [a, m] of kept) for (const [b, n] of kept) if (m > n) expect(row(a)).toBeLessThan(row(b))
      for (const [value, count] of counts) if (count < minCount) expect(row(value)).toBe(0)
    }),
  )
})

test('hashed values are never unknown and need no vocabulary', () => {
  const vocabulary = fitVocabulary(new Map([['x', 1]]), { minCount: 1, hashBuckets: 7 })
  expect([vocabulary, vocabularyRows(vocabulary)]).toEqual([{ buckets: 7 }, 8])
  fc.assert(fc.property(anyText, (value) => rowLookup(vocabulary)(value) >= 1 && rowLookup(vocabulary)(value) <= 7))
})
