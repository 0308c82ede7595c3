/** Small shops with nothing amiss, into which leaks are planted: users of two tastes, items with a title, a text, a price and a category. */

/** A row of interactions: user, item, seconds. */
export interface Row {
  readonly user: number
  readonly item: number
  readonly time: number
  readonly extra: Record<string, string>
}

export type Table = Record<string, string>[]

export interface Shop {
  /** by user, then time */
  rows: Row[]
  users: Table
  items: Table
  /** rows of a test file; null: none */
  test: Row[] | null
}

/** In [0, 1). */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) / 2 ** 24
  }
}

const WORDS =
  'amber birch cedar delta ember fjord grove heron iris juniper kelp lotus maple north ocean pearl quartz river stone tulip'.split(' ')
const CITIES = ['Oslo', 'Lima', 'Cairo', 'Perth', 'Quito']
const pick = <T>(list: readonly T[], chance: number): T => list[Math.floor(chance * list.length)]!

export const userId = (u: number): string => `u${u}`
export const itemId = (i: number): string => `i${i}`

export function shop({ users = 300, items = 150, events = 12, seed = 7 } = {}): Shop {
  const next = dice(seed)
  const title = (): string => Array.from({ length: 3 }, () => pick(WORDS, next())).join(' ')
  const shopItems = Array.from({ length: items }, (_, i) => ({
    item_id: itemId(i),
    title: title(),
    text: `${title()} ${title()} ${title()}`,
    category: i % 2 === 0 ? 'home' : 'garden',
    price: (10 + next() * 90).toFixed(2),
    stars: String(1 + Math.floor(next() * 5)),
  }))
  const shopUsers = Array.from({ length: users }, (_, u) => ({
    user_id: userId(u),
    city: pick(CITIES, next()),
    age: String(18 + Math.floor(next() * 60)),
    note: `likes ${pick(WORDS, next())} and ${pick(WORDS, next())}`,
  }))
  const rows: Row[] = []
  for (let u = 0; u < users; u++) {
    const seen = new Set<number>()
    let time = 1_600_000_000 + Math.floor(next() * 20_000_000)
    while (seen.size < events) {
      // popular ones more often, and mostly of one taste
      const drawn = Math.floor(next() ** 2 * items)
      const item = next() < 0.8 ? drawn - (drawn % 2) + (u % 2) : drawn
      if (item >= items || seen.has(item)) continue
      seen.add(item)
      time += 1 + Math.floor(next() ** 4 * 400_000)
      rows.push({ user: u, item, time, extra: {} })
    }
  }
  return { rows, users: shopUsers, items: shopItems, test: null }
}

export const historyOf = ({ rows }: Shop, user: number): Row[] => rows.filter((row) => row.user === user)

/** The last row of each user, which leave-last holds out. */
export const heldOut = (from: Shop): Map<number, Row> => new Map(from.rows.map((row) => [row.user, row]))

/** Rows of an item that leave-last holds out. */
export function testCounts(from: Shop): number[] {
  const counts = from.items.map(() => 0)
  for (const { item } of heldOut(from).values()) counts[item]!++
  return counts
}

const cell = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

export function csv(rows: Table): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))].map((row) => `${row.map(cell).join(',')}\n`).join('')
}

const interactions = (rows: readonly Row[]): string =>
  csv(rows.map(({ user, item, time, extra }) => ({ user_id: userId(user), item_id: itemId(item), timestamp: String(time), ...extra })))

/** The files, and what an import is given. */
export function filesOf({ rows, users, items, test }: Shop): { files: Record<string, string>; input: Record<string, string> } {
  const files: Record<string, string> = { 'log.csv': interactions(rows), 'users.csv': csv(users), 'items.csv': csv(items) }
  if (test !== null) files['test.csv'] = interactions(test)
  return {
    files,
    input: { interactions: 'log.csv', users: 'users.csv', items: 'items.csv', ...(test !== null && { test: 'test.csv' }) },
  }
}
