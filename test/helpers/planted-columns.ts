/**
 * A market whose taste hangs on two columns of its items: `taste` stands alone, `genre` has a copy, `noise` says nothing. 360 users like one
 * taste and one genre each, 150 items, 14 events a user in the order of time.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../../main/engine/training/random.ts'

export function writePlantedMarket(folder: string): { interactions: string; items: string } {
  mkdirSync(folder, { recursive: true })
  const rng = random(7, 'search')
  const [users, items, events] = [360, 150, 14]
  const tasteOf = (item: number): number => item % 6
  const genreOf = (item: number): number => Math.floor(item / 6) % 5
  const all = Array.from({ length: items }, (_, i) => i)
  const rows = Array.from({ length: users }, (_, user) => {
    const [taste, genre] = [user % 6, Math.floor(user / 6) % 5]
    return Array.from({ length: events }, (_, at) => {
      const among = all.filter(
        (item) => (rng.uniform() < 0.03 || tasteOf(item) === taste) && (rng.uniform() < 0.03 || genreOf(item) === genre),
      )
      const item = among[rng.below(among.length)] ?? rng.below(items)
      return `u${user},i${item},${1_700_000_000 + at * 3600 + user}`
    })
  })
  const columns = all.map((i) => `i${i},t${tasteOf(i)},g${genreOf(i)},c${genreOf(i)},n${rng.below(6)}`)
  const place = { interactions: join(folder, 'events.csv'), items: join(folder, 'items.csv') }
  writeFileSync(place.interactions, `user,item,time\n${rows.flat().join('\n')}\n`)
  writeFileSync(place.items, `item,taste,genre,copy,noise\n${columns.join('\n')}\n`)
  return place
}
