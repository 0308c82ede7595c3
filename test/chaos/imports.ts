/**
 * Thousands of files of interactions, written as programs write them or with their bytes bent: each is imported as what it says, which is known
 * beforehand or read by a slow reader of another make, or is refused with its place.
 */
import { join, resolve } from 'node:path'
import type { Part } from './part.ts'
import { inWorkers } from './workers.ts'

const WORKER = resolve(import.meta.dirname, 'imports/worker.ts')
const OUTCOME = /^(accepted|refused) (\w+)$/

export const imports: Part = async (options) => {
  const failures: string[] = []
  const counts = new Map<string, { accepted: number; refused: number }>()
  const heard = (line: string): boolean => {
    const [, outcome, format] = OUTCOME.exec(line) ?? []
    if (format === undefined) return false
    const count = counts.get(format) ?? { accepted: 0, refused: 0 }
    count[outcome as keyof typeof count]++
    counts.set(format, count)
    return true
  }
  // two at a time: an import of a small file mostly waits for the disk
  const half = Math.ceil(options.count / 2)
  const ranges = [
    { from: options.from, count: half, folder: join(options.folder, 'first') },
    { from: options.from + half, count: options.count - half, folder: join(options.folder, 'second') },
  ]
  const done = await Promise.all(
    ranges.map(({ from, count, folder }) =>
      inWorkers({ ...options, from }, count, { worker: WORKER, folders: [folder], what: 'files', heard }, failures),
    ),
  )
  const notes = [...counts].map(
    ([format, { accepted, refused }]) => `${format}: ${accepted} imported as the oracle reads them, ${refused} refused`,
  )
  return { done: `${done[0]! + done[1]!} files`, failures, notes }
}
