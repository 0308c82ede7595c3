/**
 * Names for the groups of a map: those of its items that were laid out, in groups by k-means, each called by the words of titles and the values of columns that are
 * frequent in it and rarer elsewhere. A group that nothing tells from the others has no name.
 */
import type { ColumnValues } from '../../dataset/dataset.ts'
import { kMeans } from '../../evaluation/clusters.ts'
import { random } from '../../training/random.ts'
import type { Catalogue } from '../catalogue.ts'

export interface Label {
  readonly x: number
  readonly y: number
  readonly text: string
  /** of the group */
  readonly items: number
}

/** Columns with more values than this name items, no groups. */
const MOST_VALUES = 300
const ROUNDS = 25
/** A term is of a group's at least, and so many times as frequent in it as among all items. */
const LEAST_SHARE = 0.15
const LEAST_LIFT = 1.5
const TERMS = 2

/**
 * @param items those that groups are made of
 * @param places [items × 2]
 * @param all how many there are on the map, of which those are a sample
 */
export async function clusterLabels(
  catalogue: Catalogue,
  items: Int32Array,
  places: Float32Array,
  all: number,
  seed: number,
): Promise<Label[]> {
  const n = items.length
  const terms = await termsOf(catalogue, items)
  const groups = groupsOf(places, Math.max(4, Math.min(24, Math.round(Math.sqrt(n) / 6))), seed)
  const everywhere = countTerms(terms, [...terms.of.keys()])
  const named = groups.flatMap((members): Label[] => {
    const text = nameOf(members, terms, everywhere)
    return text === null
      ? []
      : [{ text, items: Math.round((members.length * all) / n), x: middle(places, members, 0), y: middle(places, members, 1) }]
  })
  const largest = named.toSorted((a, b) => b.items - a.items)
  return largest.filter(({ text }, i) => largest.findIndex((other) => other.text === text) === i)
}

/** What is said of each item, in small letters, each term once; and how a term is written. */
interface Terms {
  readonly of: readonly (readonly string[])[]
  readonly written: ReadonlyMap<string, string>
}

function nameOf(members: readonly number[], terms: Terms, everywhere: ReadonlyMap<string, number>): string | null {
  const scored = [...countTerms(terms, members)].flatMap(([term, count]) => {
    const [share, overall] = [count / members.length, everywhere.get(term)! / terms.of.length]
    return share < LEAST_SHARE || share < LEAST_LIFT * overall ? [] : [{ term, score: share * Math.log(share / overall) }]
  })
  const best = scored.toSorted((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1))
  const taken: string[] = []
  for (const { term } of best) {
    if (taken.length === TERMS) break
    // "Garden" says nothing beside "Garden District"
    if (!taken.some((other) => other.includes(term) || term.includes(other))) taken.push(term)
  }
  return taken.length === 0 ? null : taken.map((term) => terms.written.get(term)!).join(' · ')
}

/** Words of titles, values of columns of few values. */
async function termsOf(catalogue: Catalogue, items: Int32Array): Promise<Terms> {
  const { itemColumns } = catalogue.dataset.manifest
  const titleOf = await catalogue.titles('item')
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
  const columns: ColumnValues[] = []
  for (const { name, kind, distinct } of itemColumns)
    if (['category', 'tags'].includes(kind) && distinct <= MOST_VALUES) columns.push(await catalogue.column('item', name))
  const written = new Map<string, string>()
  const of = Array.from(items, (item) => {
    const found = new Set<string>()
    const add = (term: string): void => {
      const small = term.toLowerCase()
      found.add(small)
      if (!written.has(small)) written.set(small, term)
    }
    for (const column of columns) {
      const value = column.storage === 'text' || column.storage === 'list' ? column.values[item] : null
      for (const each of Array.isArray(value) ? value : [value]) if (typeof each === 'string') add(each)
    }
    for (const { segment, isWordLike } of segmenter.segment(titleOf(item) ?? '')) if (isWordLike === true && isName(segment)) add(segment)
    return [...found]
  })
  return { of, written }
}

/** Numbers and single letters name nothing, nor do the small words of Latin scripts. */
const isName = (word: string): boolean => /\p{L}{2}/u.test(word) && !/^\p{Script=Latin}{1,3}$/u.test(word)

function countTerms({ of }: Terms, items: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) for (const term of of[item]!) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}

/** k-means in the plane from seeds far apart (k-means++); groups by falling size, none empty. */
function groupsOf(places: Float32Array, k: number, seed: number): number[][] {
  const { owner, sizes } = kMeans(places, 2, farApart(places, k, seed), 'euclidean', ROUNDS)
  const groups = Array.from(sizes, (): number[] => [])
  for (const [i, group] of owner.entries()) groups[group]!.push(i)
  return groups.filter((members) => members.length > 0).sort((a, b) => b.length - a.length)
}

/** [k × 2], or fewer where there are no more points: each drawn by the square of its distance to those before. */
function farApart(places: Float32Array, k: number, seed: number): Float32Array {
  const n = places.length / 2
  const draws = random(seed, 'clusters')
  const centres = new Float32Array(2 * Math.min(k, n))
  const nearest = new Float64Array(n).fill(Infinity)
  let next = draws.below(n)
  for (let c = 0; c < centres.length; c += 2) {
    const [x, y] = [places[2 * next]!, places[2 * next + 1]!]
    centres.set([x, y], c)
    let total = 0
    for (let i = 0; i < n; i++) total += nearest[i] = Math.min(nearest[i]!, (places[2 * i]! - x) ** 2 + (places[2 * i + 1]! - y) ** 2)
    let left = draws.uniform() * total
    for (let i = 0; i < n && left >= 0; i++) {
      left -= nearest[i]!
      next = i
    }
  }
  return centres
}

function middle(places: Float32Array, members: readonly number[], axis: number): number {
  const values = members.map((i) => places[2 * i + axis]!).sort((a, b) => a - b)
  return values[values.length >> 1]!
}
