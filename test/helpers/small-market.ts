/**
 * A small data set with taste in it, as files: 80 users in four circles, 60 items, 20 events each, half of them from
 * the circle's own 15 items.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param events types of the interactions, in turn; default: the files say none */
export function writeSmallMarket(
  folder: string,
  { events = [] }: { events?: readonly string[] } = {},
): { interactions: string; items: string } {
  mkdirSync(folder, { recursive: true })
  const rows = Array.from({ length: 1600 }, (_, n) => {
    const [user, i] = [Math.floor(n / 20), n % 20]
    const item = i % 2 === 0 ? (user % 4) * 15 + ((i * 7 + user) % 15) : (i * 13 + user * 5) % 60
    const event = events.length === 0 ? '' : `,${events[n % events.length]!}`
    return `u${user},i${item},${1_700_000_000 + i * 3600 + user}${event}`
  })
  const items = Array.from({ length: 60 }, (_, i) => `i${i},Item number ${i},g${Math.floor(i / 15)},${10 + i}`)
  const place = { interactions: join(folder, 'events.csv'), items: join(folder, 'items.csv') }
  writeFileSync(place.interactions, `user,item,time${events.length === 0 ? '' : ',event'}\n${rows.join('\n')}\n`)
  writeFileSync(place.items, `item,title,genre,price\n${items.join('\n')}\n`)
  return place
}
