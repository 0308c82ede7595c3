/**
 * Whether a test part that was handed in is of other items than the rest: then what is chosen on the validation part is chosen for other
 * items too.
 */
import { PART_CODE } from '../../../contract/shapes/dataset.ts'
import type { Finding } from '../../../contract/shapes/finding.ts'

/** The most popular items are those that together have this share of all interactions. */
const HEAD = 0.1
/** Shares that differ by less than a quarter, or by fewer standard errors, are left alone. */
const [LEAST_RATIO, LEAST_ERRORS] = [1.25, 5]

/**
 * Of a split that was given, the share that the most popular items have in the test part beside the one they have in the validation
 * part. They are ranked by the interactions of all parts, so that a test part drawn at random has no more of them than another.
 * @param item [interactions] @param part [interactions] PART_CODE
 */
export function popularityShift(items: number, item: Int32Array, part: Uint8Array): Finding[] {
  const counts = new Int32Array(items)
  for (const i of item) counts[i]!++
  const ranked = Int32Array.from(counts, (_, i) => i).sort((a, b) => counts[b]! - counts[a]!)
  const isHead = new Uint8Array(items)
  let [n, held] = [0, 0]
  while (n < items && held < HEAD * item.length) {
    isHead[ranked[n]!] = 1
    held += counts[ranked[n++]!]!
  }
  const shareOf = (code: number): { readonly total: number; readonly share: number } => {
    let [total, head] = [0, 0]
    for (let k = 0; k < part.length; k++) {
      if (part[k] !== code) continue
      total++
      head += isHead[item[k]!]!
    }
    return { total, share: head / Math.max(1, total) }
  }
  const [test, validation] = [shareOf(PART_CODE.test), shareOf(PART_CODE.validation)]
  if (test.total === 0 || validation.total === 0) return []
  const pooled = (test.share * test.total + validation.share * validation.total) / (test.total + validation.total)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / test.total + 1 / validation.total))
  const [low, high] = [Math.min(test.share, validation.share), Math.max(test.share, validation.share)]
  if (high < LEAST_RATIO * low || high - low <= LEAST_ERRORS * error) return []
  return [{ code: 'test-popularity', values: { n, share: test.share, validationShare: validation.share } }]
}
