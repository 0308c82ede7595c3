/** Rows that `--bad-rows skip` leaves out: each goes with its place and the reason into a CSV file that the dataset keeps. */
import { appendFileSync } from 'node:fs'
import { counted } from '../../contract/counted.ts'

/** The file's name in a dataset's folder. */
export const SKIPPED_ROWS = 'skipped-rows.csv'

const PAGE = 1000

export class SkippedRows {
  /** where the file is written once there is a row */
  readonly path: string
  /** rows by file */
  readonly counts = new Map<string, number>()
  #page: string[] = [csv(['file', 'place', 'reason', 'row'])]

  constructor(path: string) {
    this.path = path
  }

  get count(): number {
    return [...this.counts.values()].reduce((sum, n) => sum + n, 0)
  }

  /** What is said of them, file by file, after an import and of one to come. */
  sentences(): string[] {
    return [...this.counts].map(
      ([file, n]) =>
        `${file}: ${counted(n, 'rows')} could not be read and ${n === 1 ? 'is' : 'are'} left out; ${SKIPPED_ROWS} of the dataset lists them.`,
    )
  }

  /** @param row as the file has it, or its cells as JSON */
  add(file: string, place: string, reason: string, row: string): void {
    this.counts.set(file, (this.counts.get(file) ?? 0) + 1)
    this.#page.push(csv([file, place, reason, row]))
    if (this.#page.length >= PAGE) this.flush()
  }

  /** Writes what is not yet written, if there is any row. */
  flush(): void {
    if (this.count > 0) appendFileSync(this.path, this.#page.join(''))
    if (this.count > 0) this.#page = []
  }
}

const csv = (cells: readonly string[]): string =>
  `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`
