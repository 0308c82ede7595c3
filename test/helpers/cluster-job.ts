/** What a job for a cluster has told by now: its metrics.jsonl. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface EpochLine {
  readonly epoch: number
  readonly loss: number
  /** of rows of tables and their gradients, all workers */
  readonly tableBytesPerStep: number
}

/** '' before it has begun. */
export function toldBy(folder: string): string {
  const file = join(folder, 'metrics.jsonl')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export function linesOf(folder: string): number {
  return toldBy(folder).split('\n').length
}

export function hasCheckpoint(folder: string): boolean {
  return existsSync(join(folder, 'checkpoints/latest.json'))
}

/** The last line of each epoch, as those after a checkpoint are told again. */
export function epochsOf(folder: string): EpochLine[] {
  const lines = toldBy(folder)
    .split('\n')
    .flatMap((line) => (line.includes('"epoch", "epoch"') ? [JSON.parse(line) as EpochLine] : []))
  return [...new Map(lines.map((line) => [line.epoch, line])).values()]
}
