/** What `npm start` remembers from one time to the next: that it has offered Electron. A file beside the workspace's database. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const fileIn = (home: string): string => join(home, 'start.json')

export function wasOffered(home: string): boolean {
  try {
    return (JSON.parse(readFileSync(fileIn(home), 'utf8')) as { electronOffered?: unknown }).electronOffered === true
  } catch {
    return false
  }
}

export function rememberOffer(home: string): void {
  mkdirSync(home, { recursive: true })
  writeFileSync(fileIn(home), `${JSON.stringify({ electronOffered: true })}\n`)
}
