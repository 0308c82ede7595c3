/**
 * What `npm start` remembers from one time to the next: that it has offered Electron. A file of this
 * checkout's, as the offer is for what is installed in it: a folder named as the workspace is not touched before it is opened.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))

const fileIn = (folder: string): string => join(folder, 'pylon-start.json')

export function wasOffered(folder: string = CACHE): boolean {
  try {
    return (JSON.parse(readFileSync(fileIn(folder), 'utf8')) as { electronOffered?: unknown }).electronOffered === true
  } catch {
    return false
  }
}

export function rememberOffer(folder: string = CACHE): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileIn(folder), `${JSON.stringify({ electronOffered: true })}\n`)
}
