/**
 * Near-duplicates among items: the same text under two ids, but for case, signs, order or one word. Texts are compared by the sum of their
 * words' hashes, and by that sum less each word, so a catalogue costs one pass over its words. Templates ("Red shirt", "Blue shirt") make
 * many alike: what more than a few share is no duplicate, and short texts must agree in every other column.
 */
import { normalText } from './chance.ts'

export interface ItemText {
  /** title and texts */
  readonly text: string
  /** cells of other columns; null: missing */
  readonly others: readonly (string | null)[]
}

export interface Twins {
  /** a twin of each item; −1: none */
  readonly twin: Int32Array
  /** 1 where text and columns leave no doubt, 0 where only what users do tells a duplicate from a namesake */
  readonly sure: Uint8Array
}

/** Of one text. A copy is made once or a few times; a template more often. */
const MOST_OF_ONE = 6
/** Words from which on a text is hardly met twice by chance. */
const LONG = 5
/** Values of a column from which on being the same says something. */
const TELLING = 50

export function twinsOf(items: readonly ItemText[]): Twins {
  const twin = new Int32Array(items.length).fill(-1)
  const sure = new Uint8Array(items.length)
  const telling = tellingColumns(items)
  const words = items.map(({ text }) => normalText(text).match(/[\p{L}\p{N}]+/gu) ?? [])
  const pair = (a: number, b: number, same: boolean, copies = false): void => {
    const { agree, of, told } = agreement(items[a]!, items[b]!, telling)
    const long = words[a]!.length >= LONG
    const isSure = same ? (long || copies ? 2 * agree >= of : agree === of && told) : agree === of && (long || told)
    // one word more or less of a short text is another thing
    if (!same && !isSure) return
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      if (twin[from]! >= 0 && (sure[from] === 1 || !isSure)) continue
      twin[from] = to
      sure[from] = Number(isSure)
    }
  }
  const whole = new Map<number, number[]>()
  const sums = words.map((list, k) => {
    const sum = list.reduce((total, word) => total + hashOf(word), 0)
    if (list.length > 0) push(whole, sum, k)
    return sum
  })
  const copied = areCopies([...whole.values()].filter(([first]) => words[first!]!.length >= 3))
  for (const group of whole.values()) {
    const copies = copied && group.length === 2 && words[group[0]!]!.length >= 3
    forPairs(group, (a, b) => pair(a, b, true, copies))
  }
  const less = new Map<number, number[]>()
  for (const [k, list] of words.entries()) {
    if (list.length < 4 || (twin[k]! >= 0 && sure[k] === 1)) continue
    // numbers tell volumes, years and sizes apart: they are no words that change
    for (const word of new Set(list)) if (!/\p{N}/u.test(word)) push(less, sums[k]! - hashOf(word), k)
    push(less, sums[k]!, k)
  }
  for (const group of less.values()) forPairs(group, (a, b) => sums[a] !== sums[b] && pair(a, b, false))
  return { twin, sure }
}

/** Pairs from which on their number says something, and groups of three that chance would have had to make. */
const [SOME_PAIRS, SOME_THREES] = [20, 5]

/**
 * Whether items of one text are copies by their number: where chance makes the same text, in λ items in the mean, there are λ/2 pairs to a
 * single and λ/3 groups of three to a pair (Poisson, and more of them where texts differ in how common they are). Copies come in pairs alone,
 * among items that have none; where nearly every text stands there twice, that is how the catalogue is made.
 */
function areCopies(groups: readonly (readonly number[])[]): boolean {
  const of = (size: number): number => groups.filter(({ length }) => length === size).length
  const [singles, pairs] = [of(1), of(2)]
  const expected = (pairs * ((2 * pairs) / Math.max(1, singles))) / 3
  return pairs >= SOME_PAIRS && 4 * singles >= pairs && expected >= SOME_THREES && groups.length - singles - pairs < expected / 4
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else if (list.length <= MOST_OF_ONE) list.push(value)
}

function forPairs(group: readonly number[], visit: (a: number, b: number) => void): void {
  if (group.length < 2 || group.length > MOST_OF_ONE) return
  for (let a = 0; a < group.length; a++) for (let b = a + 1; b < group.length; b++) visit(group[a]!, group[b]!)
}

/** 40 bits: sums of thousands stay exact. */
function hashOf(word: string): number {
  let [a, b] = [2166136261, 5381]
  for (let i = 0; i < word.length; i++) {
    a = Math.imul(a ^ word.charCodeAt(i), 16777619)
    b = (Math.imul(b, 33) ^ word.charCodeAt(i)) | 0
  }
  return (a >>> 0) * 256 + (b & 255)
}

function tellingColumns(items: readonly ItemText[]): boolean[] {
  return (items[0]?.others ?? []).map((_, c) => new Set(items.map(({ others }) => others[c])).size >= TELLING)
}

/** Columns that both have, those of them that agree, and whether one of these has many values. */
function agreement(a: ItemText, b: ItemText, telling: readonly boolean[]): { agree: number; of: number; told: boolean } {
  let [agree, of, told] = [0, 0, false]
  for (const [c, cell] of a.others.entries()) {
    const other = b.others[c]
    if (cell === null || other === null || other === undefined) continue
    of++
    if (cell !== other) continue
    agree++
    told ||= telling[c]!
  }
  return { agree, of, told }
}
