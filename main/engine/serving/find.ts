/**
 * Finds entities by what a person types of their id or title. All names stand in one long text in the order of popularity, so a
 * question is a run of `indexOf` over it: 100,000 items take a few milliseconds. What is typed is compared without case and accents.
 */
import { setImmediate } from 'node:timers/promises'

/** How a match ranks; equal kinds go by popularity. */
const EXACT = 0
const START = 1
const WORD = 2
const WITHIN = 3
const KINDS = 4

/** Names folded before others may run. */
const SLICE = 4096

export interface Finder {
  /** entities that can be found */
  readonly count: number
  /**
   * The best matches, best first: the id itself, then a beginning of id or title, then of a word, then anywhere; popular ones first. All
   * words of the question must occur. A blank question gives the most popular.
   */
  find(question: string, limit: number): { readonly entities: Int32Array; readonly total: number }
}

/** Without case, accents and surrounding blanks; line breaks and tabs become blanks. */
export function foldText(text: string): string {
  const plain = isAscii(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '')
  return plain
    .toLowerCase()
    .replace(/[\t\n\r]/g, ' ')
    .trim()
}

/**
 * A finder over entities 0 .. ids.length - 1.
 * @param titles null where entities have none
 * @param order entities by falling popularity
 */
export async function createFinder(ids: readonly string[], titles: readonly (string | null)[] | null, order: Int32Array): Promise<Finder> {
  const lines: string[] = []
  // starts[r] is where the line of order[r] begins, titleAt[r] where its title does
  const starts = new Int32Array(order.length + 1)
  const titleAt = new Int32Array(order.length)
  let at = 1
  for (const [r, entity] of order.entries()) {
    if (r % SLICE === SLICE - 1) await setImmediate()
    const id = foldText(ids[entity]!)
    const line = `${id}\t${foldText(titles?.[entity] ?? '')}\n`
    starts[r] = at
    titleAt[r] = at + id.length + 1
    at += line.length
    lines.push(line)
  }
  starts[order.length] = at
  const text = `\n${lines.join('')}`
  const kindAt = matcher(text, starts, titleAt)

  return {
    count: order.length,
    find(question, limit) {
      const words = foldText(question)
        .split(/\s+/)
        .filter((word) => word !== '')
      if (words.length === 0) return { entities: order.slice(0, limit), total: order.length }
      const whole = words.join(' ')
      const [longest, ...others] = [...words].sort((a, b) => b.length - a.length) as [string, ...string[]]
      const found = Array.from({ length: KINDS }, (): number[] => [])
      let total = 0
      for (let r = 0, from = 0; ;) {
        const hit = text.indexOf(longest, from)
        if (hit < 0) break
        r = lineOf(starts, hit, r)
        const end = starts[r + 1]!
        if (others.every((word) => contains(text, word, starts[r]!, end))) {
          total++
          const wanted = others.length === 0 || contains(text, whole, starts[r]!, end) ? whole : longest
          const kind = kindAt(r, wanted, found[WORD]!.length < limit)
          if (found[kind]!.length < limit) found[kind]!.push(order[r]!)
        }
        from = end
      }
      return { entities: Int32Array.from(found.flat().slice(0, limit)), total }
    },
  }
}

/** The best way in which a text occurs in line r; that it begins a word is only looked for where it is asked for. */
function matcher(text: string, starts: Int32Array, titleAt: Int32Array): (r: number, wanted: string, words: boolean) => number {
  return (r, wanted, words) => {
    const [start, end] = [starts[r]!, starts[r + 1]!]
    if (text.startsWith(wanted, start)) return text[start + wanted.length] === '\t' ? EXACT : START
    if (text.startsWith(wanted, titleAt[r])) return START
    if (!words) return WITHIN
    for (let at = text.indexOf(wanted, start); at >= 0 && at < end; at = text.indexOf(wanted, at + 1)) if (startsWord(text, at)) return WORD
    return WITHIN
  }
}

const contains = (text: string, word: string, from: number, to: number): boolean => {
  // slicing keeps a rare word from being sought through the whole rest of the text
  return text.slice(from, to).includes(word)
}

const startsWord = (text: string, at: number): boolean => !/[\p{L}\p{N}]/u.test(text[at - 1]!)

/** The line that position `at` is in; at or after line `from`. Galloping, then halving: matches are met in order. */
function lineOf(starts: Int32Array, at: number, from: number): number {
  let step = 1
  let low = from
  while (low + step < starts.length - 1 && starts[low + step]! <= at) {
    low += step
    step *= 2
  }
  let high = Math.min(low + step, starts.length - 1)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

// eslint-disable-next-line no-control-regex -- the range is what ASCII is
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
