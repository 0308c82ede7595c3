/** How much more often something is seen than by chance, and texts that name something. */

/** Hits of `of` trials, and of `drawn` trials with what belongs together drawn at random. */
export interface Seen {
  readonly hits: number
  readonly of: number
  readonly drawnHits: number
  readonly drawn: number
}

export const shareOf = ({ hits, of }: Seen): number => (of === 0 ? 0 : hits / of)
export const chanceOf = ({ drawnHits, drawn }: Seen): number => (drawn === 0 ? 0 : drawnHits / drawn)

/** A share of 2 % at least: a smaller leak moves no metric that is told to two digits. */
const LEAST_SHARE = 0.02
const LEAST_HITS = 5
/** Six standard deviations: below one false alarm in 10^8 columns that know nothing. */
const LEAST_DEVIATIONS = 6
/** A column of taste (a city, a favourite genre) goes with items by odds of two or three; a copy by hundreds. */
const LEAST_ODDS = 6

/** Whether so much can be neither chance nor taste. */
export function isBeyondChance(seen: Seen): boolean {
  const { hits, of } = seen
  const [share, chance] = [shareOf(seen), (seen.drawnHits + 0.5) / (seen.drawn + 1)]
  if (hits < LEAST_HITS || share < LEAST_SHARE) return false
  const deviations = (hits - of * chance) / Math.sqrt(of * chance * (1 - chance) + 0.25)
  const odds = (p: number): number => p / Math.max(1e-9, 1 - p)
  return deviations >= LEAST_DEVIATIONS && odds(share) >= LEAST_ODDS * odds(chance)
}

/** Text without case, and floating numbers of whole value without their point. */
export const normalText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(\d)\.0+(?![\d])/g, '$1')

const IN_WORD = /[\p{L}\p{N}]/u

/** Whether a text holds a name as words of its own; both are normal. A name in a script without blanks may stand in a word. */
export function mentions(text: string, name: string): boolean {
  if (name === '') return false
  const startsInWord = IN_WORD.test(name[0]!) && name.charCodeAt(0) < 0x2e80
  const endsInWord = IN_WORD.test(name.at(-1)!) && name.charCodeAt(name.length - 1) < 0x2e80
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length
    const isFree = (inWord: boolean, neighbour: string | undefined): boolean =>
      !inWord || neighbour === undefined || !IN_WORD.test(neighbour)
    if (isFree(startsInWord, text[at - 1]) && isFree(endsInWord, text[end])) return true
  }
  return false
}
