/** The log of a server's requests, read: the files that it was put aside as, the oldest first, line by line. */
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { badData, notFound } from '../../../contract/errors.ts'
import { errorCode } from '../../files/error-code.ts'
import { tryParseJson } from '../../files/json-file.ts'
import { type AskedLine, LOG_FILES, logFile, type RequestLine, requestLine } from '../request-lines.ts'

/** The newest requests that are looked at. */
const MOST = 200_000

export interface RequestsRead {
  readonly requests: readonly AskedLine[]
  readonly lost: number
  /** cut short by a crash */
  readonly unread: number
}

/** @throws PylonError not-found; bad-data naming a file that is no such log */
export async function readRequests(path: string): Promise<RequestsRead> {
  const requests: AskedLine[] = []
  let [lost, unread] = [0, 0]
  for (const file of filesOf(path).reverse())
    for await (const line of linesOf(file)) {
      if (line === null) unread++
      else if (line.kind === 'lost') lost += line.lines
      else if (line.kind === 'request') requests.push(line)
      if (requests.length > 2 * MOST) requests.splice(0, requests.length - MOST)
    }
  return { requests: requests.slice(-MOST), lost, unread }
}

/** The newest request; null where none was kept yet. Reads no file older than it. @throws as {@link readRequests} */
export async function newestRequest(path: string): Promise<AskedLine | null> {
  for (const file of filesOf(path)) {
    let last: AskedLine | null = null
    for await (const line of linesOf(file)) if (line?.kind === 'request') last = line
    if (last !== null) return last
  }
  return null
}

/** The files that are there, the newest first. */
function filesOf(path: string): string[] {
  const files = Array.from({ length: LOG_FILES }, (_, age) => logFile(path, age)).filter((file) => existsSync(file))
  if (files.length === 0) throw notFound('There is no such file.', path)
  return files
}

/** The lines of a file, null for one that cannot be read; none of a file that was put aside meanwhile. */
async function* linesOf(file: string): AsyncGenerator<RequestLine | null, void> {
  try {
    let isFirst = true
    for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
      const read = requestLine.safeParse(tryParseJson(text)).data ?? null
      if (isFirst && read?.kind !== 'requests')
        throw badData('It is no log of requests: give what `pylon serve --log-requests` wrote.', file)
      isFirst = false
      yield read
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
