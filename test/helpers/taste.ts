/** Many items in few circles of taste, as a file of interactions. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param size events of each user, each with an item of their own; all items are met where users × events is some times their number */
export function writeTaste(folder: string, { users, items, events }: { users: number; items: number; events: number }): string {
  mkdirSync(folder, { recursive: true })
  const rows = Array.from({ length: users * events }, (_, n) => {
    const [user, i] = [Math.floor(n / events), n % events]
    return `u${user},i${(n * 7 + (user % 5) * 11) % items},${1_700_000_000 + i * 3600 + user}`
  })
  const path = join(folder, 'events.csv')
  writeFileSync(path, `user,item,time\n${rows.join('\n')}\n`)
  return path
}
